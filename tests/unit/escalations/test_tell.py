"""Who is told now. The rules themselves: tests/unit/routing."""

from __future__ import annotations

import asyncio

from tests.unit.hub_fixture import StaffedHub
from tests.unit.reach_house import Pager, registered

Paged = tuple[StaffedHub, Pager]


async def test_looking_again_tells_nobody_twice(paged: Paged) -> None:
    house, pager = paged
    await registered(house, "to-the-owner")
    pager.took.clear()
    opened = await house.bot.ask()
    await house.hub.reach.settled()
    await house.change("UPDATE outbox SET due_at = 0 WHERE escalation_id = :id", id=opened.escalation.id)
    await house.hub.reach.settled()
    assert len(pager.took) == 1


async def test_a_question_is_looked_at_when_something_is_due_and_not_before(paged: Paged) -> None:
    house, _ = paged
    await registered(house, "to-the-owner")
    await house.bot.ask()
    await house.hub.reach.settled()
    assert await house.hub.reach.tell() == 0


async def test_an_agent_that_waits_is_woken_when_nobody_can_be_reached(paged: Paged) -> None:
    house, _ = paged
    await registered(house, "gone-01")
    opened = await house.bot.ask()
    waiting = asyncio.create_task(house.bot.standing(opened.escalation.id, seconds=30))
    while not len(house.hub.bus):
        await asyncio.sleep(0)
    await house.hub.reach.settled()
    standing = await asyncio.wait_for(waiting, 5)
    assert (standing.escalation.state, standing.escalation.delivery) == ("open", "unreachable")


async def test_more_time_is_more_time_to_tell(paged: Paged) -> None:
    house, _ = paged
    await registered(house, "later-01")
    opened = await house.bot.ask(expires_in=60)
    await house.hub.reach.settled()
    await house.hub.extend.by_agent(house.bot.credential(), opened.escalation.id, 600)
    [row] = await house.rows("SELECT expires_at FROM tellings")
    assert row["expires_at"] == house.time.now + 600_000
