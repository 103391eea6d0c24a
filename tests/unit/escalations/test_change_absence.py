"""What follows when it changes when somebody is away."""

from __future__ import annotations

import asyncio

from approvals_hub.core.clock import HOUR
from tests.unit.hub_fixture import StaffedHub
from tests.unit.routing.plans import away


async def test_a_waiting_inbox_shows_at_once_what_an_absence_brings_and_takes(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await house.hub.set_requirement(house.operator, {"quorum": {"of": [ada.person_id]}})
    question = (await house.bot.ask()).escalation.id
    hub = house.hub if house.place.database.startswith("sqlite:") else await house.another_process()
    empty = await hub.inbox(bo.credential)
    waiting = asyncio.create_task(hub.inbox(bo.credential, since=empty.version, seconds=30))
    while not len(hub.bus):
        await asyncio.sleep(0)
    made = await away(house, ada, bo)
    page = await asyncio.wait_for(waiting, 10)
    assert [line.escalation.id for line in page.lines] == [question]
    waiting = asyncio.create_task(hub.inbox(bo.credential, since=page.version, seconds=30))
    while not len(hub.bus):
        await asyncio.sleep(0)
    await house.hub.be_absent.end(ada.credential, made.absence_id)
    assert (await asyncio.wait_for(waiting, 10)).lines == []


async def test_a_waiting_inbox_hears_what_waits_for_the_one_who_is_away(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await house.hub.set_requirement(house.operator, {"quorum": {"of": [ada.person_id]}})
    await away(house, ada, bo)
    empty = await house.hub.inbox(bo.credential)
    waiting = asyncio.create_task(house.hub.inbox(bo.credential, since=empty.version, seconds=30))
    while not len(house.hub.bus):
        await asyncio.sleep(0)
    question = (await house.bot.ask()).escalation.id
    assert [line.escalation.id for line in (await asyncio.wait_for(waiting, 10)).lines] == [question]


async def test_who_is_told_is_looked_at_again_and_news_go_to_whom_somebody_else_wrote_it_for(
    house: StaffedHub,
) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    opened = (await house.bot.ask()).escalation.id
    await house.change("UPDATE outbox SET due_at = :late", late=house.time.now + HOUR)
    await away(house, bo, ada)
    [row] = await house.rows("SELECT due_at FROM outbox WHERE escalation_id = :id", id=opened)
    assert row["due_at"] == house.time.now
    assert await house.rows("SELECT 1 AS one FROM outbox WHERE kind LIKE 'absence.%'") == []
    made = await away(house, ada, by=house.owner)
    await house.hub.be_absent.end(house.owner.credential, made.absence_id)
    rows = await house.rows("SELECT person_id, kind FROM outbox WHERE kind LIKE 'absence.%' ORDER BY kind")
    assert [(row["person_id"], row["kind"]) for row in rows] == [
        (ada.person_id, "absence.ended"),
        (ada.person_id, "absence.recorded"),
    ]
