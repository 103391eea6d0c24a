"""Texts of plans that several tests write."""

from __future__ import annotations

from approvals_hub.core.clock import DAY
from approvals_hub.routing.be_absent import Away
from approvals_hub.routing.plan import GROUP, ROUTE, SCHEDULE, Plan
from tests.unit.hub_fixture import Person, StaffedHub

NIGHTS = """schedule: nights
zone: UTC
layers:
  - members: [{members}]
    start: "2020-01-06"
    weekday: monday
    at: "00:00"
    every: 1w
"""
LADDER = """route: ladder
levels:
  - schedules: [nights]
    channels: [push]
    next_after: 2m
  - groups: [ops]
    channels: [push]
    next_after: 3m
then: deny
"""


async def group(house: StaffedHub, *people: str, name: str = "ops", version: int = 0) -> Plan:
    text = f"group: {name}\nmembers: [{', '.join(people)}]\n"
    return await house.hub.keep_plans.put(house.operator, GROUP, name, text, version=version)


async def schedule(house: StaffedHub, *people: str) -> Plan:
    text = NIGHTS.format(members=", ".join(people))
    return await house.hub.keep_plans.put(house.operator, SCHEDULE, "nights", text)


async def ladder(house: StaffedHub, *people: str) -> Plan:
    """A route over a schedule and a group of these people."""
    await group(house, *people)
    await schedule(house, *people)
    return await house.hub.keep_plans.put(house.operator, ROUTE, "ladder", LADDER)


async def away(
    house: StaffedHub,
    person: Person,
    delegate: Person | None = None,
    *,
    by: Person | None = None,
    begins_in: int = 0,
    lasts: int = DAY,
) -> Away:
    """This person is away for so many milliseconds; an owner or admin may say it."""
    writer, since = by or person, house.time.now + begins_in
    return await house.hub.be_absent(
        writer.credential,
        since=since,
        until=since + lasts,
        delegate_id=None if delegate is None else delegate.person_id,
        person_id=person.person_id,
        fresh=await writer.fresh(),
    )
