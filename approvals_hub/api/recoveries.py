"""Lost keys over HTTP: recovery codes, and recoveries by a code or by a link that colleagues decide about."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from approvals_hub.api.call import Answer, Call
from approvals_hub.api.fields import Form, Id, Items, Line, at
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.api.sessions import OpenedSessionView, OrgRef, PersonRef, Transport, opened_view, with_session
from approvals_hub.core.clock import to_text
from approvals_hub.core.discreet import Discreet
from approvals_hub.core.errors import Invalid
from approvals_hub.hub import CodeGiven
from approvals_hub.stepup.recovery import Recovery

Email = Annotated[str, Meta(min_length=3, max_length=254)]


class NewCodes(Form, frozen=True):
    """A fresh factor."""

    fresh: FreshForm | None = None


class CodesView(Discreet, msgspec.Struct, frozen=True):
    """How many codes are unused; the codes themselves are shown once, when they are made."""

    not_printed = ("codes",)

    codes_left: int
    made_at: str | None
    codes: list[str] | None = None


class CodeForm(Discreet, Form, frozen=True):
    """Who one is, by `email` or `person_id`, and a recovery code."""

    not_printed = ("code",)

    code: Annotated[str, Meta(min_length=1, max_length=100)]
    email: Email | None = None
    person_id: Id | None = None
    org_id: Id | None = None
    transport: Transport = "cookie"
    client: Line | None = None


class RecoveryView(msgspec.Struct, frozen=True, kw_only=True):
    """A recovery. `counts_at`: when its key counts at the earliest, once there is one."""

    recovery_id: str
    person_id: str
    way: str
    state: str
    cause: str | None
    opened_by: str
    opened_at: str
    usable_from: str
    expires_at: str
    wait_seconds: int
    device_id: str | None
    counts_at: str | None
    escalation_id: str | None
    hurried_until: str | None
    ended_at: str | None
    ended_by: str | None


class RecoveringView(msgspec.Struct, frozen=True):
    """A session that can enrol one new key, which then has to wait."""

    session: OpenedSessionView
    person: PersonRef
    org: OrgRef
    recovery: RecoveryView


class NewRecovery(Form, frozen=True):
    """Whose keys are lost, and a fresh factor of whoever makes the link."""

    person_id: Id
    fresh: FreshForm | None = None


class RecoveryLinkView(Discreet, msgspec.Struct, frozen=True):
    """The link is shown this once."""

    not_printed = ("url", "token")

    recovery: RecoveryView
    url: str
    token: str


async def codes_left(call: Call[None]) -> CodesView:
    """How many recovery codes are unused."""
    left = await call.hub.make_recovery_codes.left(call.person)
    return CodesView(left.left, at(left.made_at))


async def make_codes(call: Call[NewCodes]) -> CodesView:
    """Make ten recovery codes; those before are void."""
    made = await call.hub.make_recovery_codes(call.person, fresh_of(call.asked.fresh))
    return CodesView(len(made.codes), to_text(made.made_at), made.codes)


async def by_code(call: Call[CodeForm]) -> Answer:
    """Begin a recovery with a code, once."""
    form = call.asked
    if (form.email is None) == (form.person_id is None):
        raise Invalid(
            "person_missing",
            "say who you are by email or by person_id",
            next_step="Send one of the two.",
            field="$.email",
        )
    given = CodeGiven(form.code, form.email, form.person_id, form.org_id)
    found = await call.hub.recover_by_code(given, call.visitor(form.client), source=call.api.source(call.request))
    as_cookie = call.wants_cookie(form.transport)
    view = RecoveringView(
        session=opened_view(found.session, as_cookie=as_cookie),
        person=PersonRef(found.recovery.person_id, found.person_name),
        org=OrgRef(found.recovery.org_id, found.org_name),
        recovery=recovery_view(found.recovery),
    )
    return with_session(view, found.session, as_cookie=as_cookie)


async def by_link(call: Call[NewRecovery]) -> RecoveryLinkView:
    """Make a link for somebody who lost every key; colleagues decide about the new one."""
    made = await call.hub.recover_by_link(call.person, call.asked.person_id, fresh_of(call.asked.fresh))
    return RecoveryLinkView(recovery_view(made.recovery), made.url, made.token)


async def mine(call: Call[None]) -> Items[RecoveryView]:
    """My recoveries, newest first: one that I did not begin is somebody else's try."""
    return Items([recovery_view(recovery) for recovery in await call.hub.list_recoveries.mine(call.person)])


async def of_org(call: Call[None]) -> Items[RecoveryView]:
    """The organisation's recoveries, newest first."""
    return Items([recovery_view(recovery) for recovery in await call.hub.list_recoveries.of_org(call.person)])


async def cancel(call: Call[None]) -> RecoveryView:
    """End a recovery; its key never counts."""
    return recovery_view(await call.hub.end_recovery(call.person, call.part("id")))


def recovery_view(recovery: Recovery) -> RecoveryView:
    """A recovery for the wire."""
    return RecoveryView(
        recovery_id=recovery.id,
        person_id=recovery.person_id,
        way=recovery.way,
        state=recovery.state,
        cause=recovery.cause,
        opened_by=recovery.opened_by,
        opened_at=to_text(recovery.opened_at),
        usable_from=to_text(recovery.usable_from),
        expires_at=to_text(recovery.expires_at),
        wait_seconds=recovery.wait // 1000,
        device_id=recovery.device_id,
        counts_at=at(recovery.counts_at),
        escalation_id=recovery.escalation_id,
        hurried_until=at(recovery.hurried_until),
        ended_at=at(recovery.ended_at),
        ended_by=recovery.ended_by,
    )
