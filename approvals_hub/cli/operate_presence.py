"""What the operator may do about overrides, absences, quiet hours and the default route, and the preview of routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from approvals_hub.cli.arguments import Answer, Arguments, Nothing
from approvals_hub.cli.tenant import the_org
from approvals_hub.core.clock import to_milliseconds, to_text
from approvals_hub.core.errors import Invalid
from approvals_hub.hub import Away, Hub, StandIn
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.routing.hours import Hours, Span
from approvals_hub.routing.wall_clock import WEEKDAYS, minute_of


class OneSchedule(Arguments, frozen=True):
    """A command about one schedule."""

    name: str


class NewOverride(OneSchedule, frozen=True):
    """Who is on call from when until when, by id or mail address."""

    person: str
    since: str
    until: str


class OneOverride(OneSchedule, frozen=True):
    """One override of a schedule."""

    override_id: str


class NewAbsence(Arguments, frozen=True):
    """Who is away, from when until when, and who stands in."""

    person_id: str
    since: str
    until: str
    delegate: str | None = None


class OneAbsence(Arguments, frozen=True):
    """One absence."""

    absence_id: str


class Whose(Arguments, frozen=True):
    """A command about one member's quiet hours."""

    person_id: str


class NewQuiet(Whose, frozen=True):
    """A zone, and spans like `monday,tuesday 22:00-07:00`; no spans take the quiet hours away."""

    zone: str = "UTC"
    spans: tuple[str, ...] = ()


class Default(Arguments, frozen=True):
    """The route's name, or none."""

    route: str | None = None


class Foreseen(Arguments, frozen=True):
    """A route that is saved, or a text that is not, and when a question would open."""

    name: str
    yaml: str | None = None
    at: str | None = None
    urgent: bool = False


async def list_overrides(hub: Hub, given: OneSchedule) -> Answer:
    """What stands beside a schedule's text and is not over."""
    operator = OperatorCredential(await the_org(hub, given.org))
    return {"items": [_override(each) for each in await hub.on_call.overrides(operator, given.name)]}


async def stand_in(hub: Hub, given: NewOverride) -> Answer:
    """Somebody is on call instead."""
    operator = OperatorCredential(await the_org(hub, given.org))
    times = {"since": time_of(given.since), "until": time_of(given.until)}
    return _override(await hub.on_call.stand_in(operator, given.name, person=given.person, **times))


async def end_override(hub: Hub, given: OneOverride) -> Answer:
    """End one now."""
    operator = OperatorCredential(await the_org(hub, given.org))
    return _override(await hub.on_call.end(operator, given.name, given.override_id))


async def list_absences(hub: Hub, given: Nothing) -> Answer:
    """Everybody's that are not over."""
    operator = OperatorCredential(await the_org(hub, given.org))
    return {"items": [_away(each) for each in await hub.be_absent.present(operator, everybody=True)]}


async def add_absence(hub: Hub, given: NewAbsence) -> Answer:
    """Say that somebody is away."""
    operator = OperatorCredential(await the_org(hub, given.org))
    times = {"since": time_of(given.since), "until": time_of(given.until)}
    return _away(await hub.be_absent(operator, person_id=given.person_id, delegate_id=given.delegate, **times))


async def end_absence(hub: Hub, given: OneAbsence) -> Answer:
    """End one now."""
    operator = OperatorCredential(await the_org(hub, given.org))
    return _away(await hub.be_absent.end(operator, given.absence_id))


async def show_quiet(hub: Hub, given: Whose) -> Answer:
    """A member's quiet hours."""
    operator = OperatorCredential(await the_org(hub, given.org))
    return _quiet(given.person_id, await hub.keep_quiet.present(operator, person_id=given.person_id))


async def set_quiet(hub: Hub, given: NewQuiet) -> Answer:
    """Replace them, or take them away."""
    operator = OperatorCredential(await the_org(hub, given.org))
    hours = Hours(given.zone, tuple(_span(text) for text in given.spans)) if given.spans else None
    return _quiet(given.person_id, await hub.keep_quiet(operator, hours, person_id=given.person_id))


async def default_route(hub: Hub, given: Nothing) -> Answer:
    """The route of questions for which nothing else names one."""
    operator = OperatorCredential(await the_org(hub, given.org))
    return {"route": await hub.set_default_route.present(operator)}


async def set_default_route(hub: Hub, given: Default) -> Answer:
    """Set it, or none."""
    operator = OperatorCredential(await the_org(hub, given.org))
    return {"route": await hub.set_default_route(operator, given.route)}


async def preview(hub: Hub, given: Foreseen) -> Answer:
    """Who would be told when, if nobody reacted."""
    operator = OperatorCredential(await the_org(hub, given.org))
    at = None if given.at is None else time_of(given.at)
    found = await hub.preview_route(operator, given.name, given.yaml, at=at, urgent=given.urgent)
    told = [
        {
            "at": to_text(each.at),
            "level": each.level,
            "person_id": each.person,
            "channel": each.channel,
            "reason": each.reason,
        }
        for each in found.told
    ]
    end = found.end
    return {
        "items": told,
        "ends_at": to_text(end.at),
        "outcome": end.outcome,
        "cause": end.cause,
        "warnings": [f"{each.path}: {each.kind} {each.name}: {each.detail}" for each in found.missing],
    }


PRESENCE: dict[str, tuple[type[Arguments], Callable[[Hub, Any], Awaitable[Answer]]]] = {
    "overrides.list": (OneSchedule, list_overrides),
    "overrides.add": (NewOverride, stand_in),
    "overrides.end": (OneOverride, end_override),
    "absences.list": (Nothing, list_absences),
    "absences.add": (NewAbsence, add_absence),
    "absences.end": (OneAbsence, end_absence),
    "quiet_hours.show": (Whose, show_quiet),
    "quiet_hours.set": (NewQuiet, set_quiet),
    "default_route.show": (Nothing, default_route),
    "default_route.set": (Default, set_default_route),
    "routes.preview": (Foreseen, preview),
}


def time_of(text: str) -> int:
    """Milliseconds of a time as it was typed. Raises Invalid."""
    try:
        return to_milliseconds(text)
    except (ValueError, OverflowError) as error:
        raise Invalid("time_invalid", str(error), next_step="Write it like 2026-12-24T08:00:00Z.") from None


def _span(text: str) -> Span:
    """`monday,tuesday 22:00-07:00`. Raises Invalid."""
    days, _, times = text.strip().partition(" ")
    begin, _, end = times.strip().partition("-")
    try:
        weekdays = tuple(sorted(WEEKDAYS.index(day) for day in days.split(",")))
        return Span(weekdays, minute_of(begin), minute_of(end))
    except (ValueError, Invalid):
        raise Invalid(
            "quiet_hours_invalid",
            f"{text!r} is no span of the week",
            next_step="Write it like 'monday,tuesday 22:00-07:00'.",
            field="$.spans",
        ) from None


def _override(made: StandIn) -> dict[str, Any]:
    return {
        "override_id": made.override_id,
        "schedule": made.schedule,
        "person_id": made.person_id,
        "from": to_text(made.since),
        "until": to_text(made.until),
        "recorded_by": made.recorded_by,
    }


def _away(away: Away) -> dict[str, Any]:
    return {
        "absence_id": away.absence_id,
        "person_id": away.person_id,
        "from": to_text(away.since),
        "until": to_text(away.until),
        "delegate": away.delegate_id,
        "recorded_by": away.recorded_by,
    }


def _quiet(person_id: str, hours: Hours | None) -> dict[str, Any]:
    spans = []
    for span in () if hours is None else hours.spans:
        days = ",".join(WEEKDAYS[day] for day in span.days)
        times = "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (span.begin, span.end))
        spans.append(f"{days} {times}")
    return {"person_id": person_id, "zone": None if hours is None else hours.zone, "spans": spans}
