"""What owners and admins must know, over HTTP: notices, how far each has read, and the eIDs that are expected."""

from __future__ import annotations

import msgspec

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Form, Id, Items, PageQuery, at, page
from approvals_hub.core.clock import to_text
from approvals_hub.hub import Notice


class NoticeView(msgspec.Struct, frozen=True):
    """One line of the admins' inbox. `unread`: the caller has not yet said that they read it."""

    notice_id: str
    kind: str
    subject_id: str
    by_id: str | None
    at: str
    closed_at: str | None
    subject_name: str | None
    by_name: str | None
    unread: bool


class NoticesRead(Form, frozen=True):
    """The newest line that was read: those before it count as read too, so all unread ones were shown before."""

    up_to: Id


class NoticesReadView(msgspec.Struct, frozen=True):
    """Up to where it is read now."""

    up_to: str


class ExpectedFactorView(msgspec.Struct, frozen=True, kw_only=True):
    """An eID that the organisation expects or expected of a member; nothing of its number.

    `state` is `waiting`, `linked`, `declined`, `replaced`, or `over` where nobody linked it in time.
    """

    factor_id: str
    person_id: str
    person_name: str
    method: str
    state: str
    by_name: str | None
    created_at: str
    expires_at: str
    ended_at: str | None


async def notices(call: Call[PageQuery]) -> Items[NoticeView]:
    """The admins' inbox, newest first; lines that the caller has yet to read come before all others."""
    asked = call.asked
    found = await call.hub.list_notices(call.person, limit=asked.limit + 1, before=asked.cursor)
    return page([_view(notice) for notice in found], asked.limit, lambda view: view.notice_id)


async def read(call: Call[NoticesRead]) -> NoticesReadView:
    """Say up to where one has read; nobody else's list changes."""
    await call.hub.list_notices.read_up_to(call.person, call.asked.up_to)
    return NoticesReadView(call.asked.up_to)


async def expected(call: Call[None]) -> Items[ExpectedFactorView]:
    """The eIDs that the organisation expects of its members, and what became of those before, newest first."""
    return Items(
        [
            ExpectedFactorView(
                factor_id=one.expected_id,
                person_id=one.person_id,
                person_name=one.person_name,
                method=one.method,
                state=one.state,
                by_name=one.by_name,
                created_at=to_text(one.created_at),
                expires_at=to_text(one.expires_at),
                ended_at=at(one.ended_at),
            )
            for one in await call.hub.list_expected(call.person)
        ]
    )


def _view(notice: Notice) -> NoticeView:
    return NoticeView(
        notice.notice_id,
        notice.kind,
        notice.subject_id,
        notice.by_id,
        to_text(notice.at),
        at(notice.closed_at),
        notice.subject_name,
        notice.by_name,
        notice.unread,
    )
