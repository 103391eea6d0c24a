"""From the tables to what `timetable.answer` works with: names become people, as they stand at one instant."""

from __future__ import annotations

from typing import Any

import msgspec

from approvals_hub.core.errors import Invalid
from approvals_hub.db.database import Row, Tx
from approvals_hub.orgs import store as orgs
from approvals_hub.routing import presence_store, store
from approvals_hub.routing.absence import Absence
from approvals_hub.routing.hours import Hours
from approvals_hub.routing.known import people_of
from approvals_hub.routing.load import load_route
from approvals_hub.routing.load_schedule import load_schedule
from approvals_hub.routing.plan import ROUTE, SCHEDULE
from approvals_hub.routing.question import Left
from approvals_hub.routing.route import Route, names
from approvals_hub.routing.schedule import Override, Schedule


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a `Question` that come from the tables; `question(**resolved.parts(), …)` takes them as they are."""

    route: Route
    named: dict[str, str]
    groups: dict[str, tuple[str, ...]]
    schedules: dict[str, Schedule]
    quiet: dict[str, Hours]

    def parts(self) -> dict[str, Any]:
        """By the names of a Question's members."""
        return {name: getattr(self, name) for name in self.__struct_fields__}


class Since(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of `Facts` that come from these tables; `Facts(**since.parts(), …)` takes them as they are."""

    absences: tuple[Absence, ...]
    left: tuple[Left, ...]
    overrides: dict[str, tuple[Override, ...]]

    def parts(self) -> dict[str, Any]:
        """By the names of the members of Facts."""
        return {name: getattr(self, name) for name in self.__struct_fields__}


async def route_for_in(tx: Tx, org_id: str, name: str | None, at: int) -> Resolved | None:
    """What is frozen when a question opens at `at`: the route of this name, the organisation's default where `name`
    is None. None where there is no such route: the caller then tells everybody who may answer."""
    wanted = name or await orgs.default_route(tx, org_id)
    row = None if wanted is None else await store.plan(tx, org_id, ROUTE, wanted)
    if row is None:
        return None
    try:
        route = load_route(row["body"])
    except Invalid:  # written by a version of the hub that read more than this one
        return None
    return await resolve_in(tx, org_id, route, at)


async def resolve_in(tx: Tx, org_id: str, route: Route, at: int) -> Resolved:
    """A route with everything that it names, as it is at `at`. Names that are not there any more tell nobody."""
    members = await orgs.members(tx, org_id)
    people, named = people_of(members), names(route)
    groups = await groups_in(tx, org_id, members) if named.groups else {}
    schedules = {}
    for schedule in named.schedules:
        found = await schedule_in(tx, org_id, schedule, people, at)
        if found is not None:
            schedules[schedule] = found
    here = {row["id"] for row in members}
    return Resolved(
        route=route,
        named={name: people[name] for name in named.people if name in people},
        groups={name: groups[name] for name in named.groups if name in groups},
        schedules=schedules,
        quiet={person: hours for person, hours in (await quiet_in(tx, org_id)).items() if person in here},
    )


async def what_came_in(tx: Tx, org_id: str, opened_at: int) -> Since:
    """What these tables say of the time since a question opened at `opened_at`."""
    overrides: dict[str, tuple[Override, ...]] = {}
    for row in await presence_store.overrides(tx, org_id, opened_at):
        if row["recorded_at"] > opened_at:
            overrides[row["schedule"]] = (*overrides.get(row["schedule"], ()), _override(row))
    return Since(
        absences=await absences_in(tx, org_id, opened_at),
        left=tuple(
            Left(row["group_name"], row["person_id"], row["until"])
            for row in await store.left_groups(tx, org_id, opened_at)
        ),
        overrides=overrides,
    )


async def groups_in(tx: Tx, org_id: str, members: list[Row]) -> dict[str, tuple[str, ...]]:
    """Every group's people who are still in the organisation; nobody where all of them have left."""
    here = {row["id"] for row in members}
    found: dict[str, tuple[str, ...]] = {}
    for row in await store.group_members(tx, org_id):
        found.setdefault(row["group_name"], ())
        if row["person_id"] in here:
            found[row["group_name"]] += (row["person_id"],)
    return found


async def schedule_in(tx: Tx, org_id: str, name: str, people: dict[str, str], at: int) -> Schedule | None:
    """A schedule with ids for people, and the overrides that are written beside its text."""
    row = await store.plan(tx, org_id, SCHEDULE, name)
    if row is None:
        return None
    written = with_ids(load_schedule(row["body"]), people)
    beside = [
        _override(each)
        for each in await presence_store.overrides(tx, org_id, at)
        if each["schedule"] == name and each["recorded_at"] <= at
    ]
    return written.with_overrides(beside)


def with_ids(schedule: Schedule, people: dict[str, str]) -> Schedule:
    """The same with the ids of those who are known; others stay as written, and are nobody."""
    replace = msgspec.structs.replace
    layers = tuple(
        replace(
            layer,
            rotation=replace(layer.rotation, members=tuple(people.get(name, name) for name in layer.rotation.members)),
        )
        for layer in schedule.layers
    )
    overrides = tuple(replace(each, person=people.get(each.person, each.person)) for each in schedule.overrides)
    return replace(schedule, layers=layers, overrides=overrides)


async def absences_in(tx: Tx, org_id: str, at: int) -> tuple[Absence, ...]:
    """Those that are not over at `at`."""
    return tuple(
        Absence(
            row["person_id"],
            row["since"],
            row["until"],
            row["delegate_id"],
            row["recorded_at"],
            row["recorded_by"],
            row["id"],
        )
        for row in await presence_store.absences(tx, org_id, at)
    )


async def quiet_in(tx: Tx, org_id: str) -> dict[str, Hours]:
    """Everybody's quiet hours."""
    rows = await presence_store.quiet_hours(tx, org_id)
    return {row["person_id"]: msgspec.json.decode(row["hours"], type=Hours) for row in rows}


def _override(row: Row) -> Override:
    return Override(row["person_id"], row["since"], row["until"], row["recorded_at"])
