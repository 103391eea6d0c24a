"""Who is away and who stands in, over HTTP."""

from __future__ import annotations

import msgspec

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Form, Id, Items, Time, instant
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.core.clock import to_text
from approvals_hub.hub import Away


class AbsenceForm(Form, frozen=True, rename={"since": "from"}):
    """From when until when, who stands in, and a fresh factor. `person_id`: for somebody else, by an owner or admin."""

    since: Time
    until: Time
    delegate: Id | None = None
    person_id: Id | None = None
    fresh: FreshForm | None = None


class AbsenceView(msgspec.Struct, frozen=True, rename={"since": "from"}):
    """An absence; it counts from `recorded_at` at the earliest. `recorded_by` says who wrote it."""

    absence_id: str
    person_id: str
    since: str
    until: str
    delegate: str | None
    recorded_at: str
    recorded_by: str


async def mine(call: Call[None]) -> Items[AbsenceView]:
    """The person's own absences in this organisation that are not over."""
    return Items([_view(away) for away in await call.hub.be_absent.present(call.person)])


async def of_org(call: Call[None]) -> Items[AbsenceView]:
    """Everybody's absences that are not over."""
    return Items([_view(away) for away in await call.hub.be_absent.present(call.person, everybody=True)])


async def add(call: Call[AbsenceForm]) -> AbsenceView:
    """Say that somebody is away: oneself, or another as an owner or admin."""
    asked = call.asked
    return _view(
        await call.hub.be_absent(
            call.person,
            since=instant(asked.since, "$.from"),
            until=instant(asked.until, "$.until"),
            delegate_id=asked.delegate,
            person_id=asked.person_id,
            fresh=fresh_of(asked.fresh),
        )
    )


async def end(call: Call[None]) -> AbsenceView:
    """End an absence now; one that has not begun never does."""
    return _view(await call.hub.be_absent.end(call.person, call.part("id")))


def _view(away: Away) -> AbsenceView:
    return AbsenceView(
        away.absence_id,
        away.person_id,
        to_text(away.since),
        to_text(away.until),
        away.delegate_id,
        to_text(away.recorded_at),
        away.recorded_by,
    )
