"""Who is on call, and who stands in, over HTTP."""

from __future__ import annotations

import msgspec

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Form, Items, Line, Time, at, instant
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.api.orgs import Resume
from approvals_hub.core.clock import to_text
from approvals_hub.hub import StandIn


class AtQuery(Form, frozen=True):
    """When; now unless said."""

    at: Time | None = None


class DutyView(msgspec.Struct, frozen=True):
    """Who is on call, and until when; `then` follow where that one may not answer. Null: nobody."""

    schedule: str
    at: str
    person_id: str | None
    name: str | None
    then: list[str]
    until: str | None
    away_until: str | None
    delegate_id: str | None


class OverrideForm(Form, frozen=True, rename={"since": "from"}):
    """Who is on call from one time until another, by id or mail address, and a fresh factor."""

    person: Line
    since: Time
    until: Time
    fresh: FreshForm | None = None


class OverrideView(msgspec.Struct, frozen=True, rename={"since": "from"}):
    """An override that is written beside the schedule's text. It counts from `recorded_at` at the earliest."""

    override_id: str
    schedule: str
    person_id: str
    since: str
    until: str
    recorded_at: str
    recorded_by: str


async def read(call: Call[AtQuery]) -> DutyView:
    """Who is on call now, or at a time."""
    when = None if call.asked.at is None else instant(call.asked.at, "$.at")
    duty = await call.hub.on_call(call.person, call.part("name"), when)
    return DutyView(
        duty.schedule,
        to_text(duty.at),
        duty.person_id,
        duty.name,
        duty.then,
        at(duty.until),
        at(duty.away_until),
        duty.delegate_id,
    )


async def overrides(call: Call[None]) -> Items[OverrideView]:
    """What stands beside the schedule's text and is not over."""
    return Items([_view(each) for each in await call.hub.on_call.overrides(call.person, call.part("name"))])


async def stand_in(call: Call[OverrideForm]) -> OverrideView:
    """Somebody is on call instead, whatever the schedule says."""
    asked = call.asked
    made = await call.hub.on_call.stand_in(
        call.person,
        call.part("name"),
        person=asked.person,
        since=instant(asked.since, "$.from"),
        until=instant(asked.until, "$.until"),
        fresh=fresh_of(asked.fresh),
    )
    return _view(made)


async def end(call: Call[Resume]) -> OverrideView:
    """End an override now."""
    return _view(
        await call.hub.on_call.end(call.person, call.part("name"), call.part("id"), fresh_of(call.asked.fresh))
    )


def _view(made: StandIn) -> OverrideView:
    return OverrideView(
        made.override_id,
        made.schedule,
        made.person_id,
        to_text(made.since),
        to_text(made.until),
        to_text(made.recorded_at),
        made.recorded_by,
    )
