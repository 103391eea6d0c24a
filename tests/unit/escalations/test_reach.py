"""One round of reaching people."""

from __future__ import annotations

from tests.unit.hub_fixture import StaffedHub
from tests.unit.reach_house import Pager, registered

Paged = tuple[StaffedHub, Pager]


async def test_a_hub_without_channels_tells_nobody_and_keeps_what_is_queued(house: StaffedHub) -> None:
    await house.bot.ask()
    before = await house.rows("SELECT id FROM outbox ORDER BY id")
    await house.hub.reach.settled()
    assert await house.hub.reach() > 0
    assert await house.rows("SELECT id FROM outbox ORDER BY id") == before
    assert await house.rows("SELECT id FROM tellings") == []


async def test_a_round_says_when_the_next_is_due(paged: Paged) -> None:
    house, _ = paged
    await registered(house, "to-the-owner")
    await house.hub.reach.settled()
    await house.bot.ask()
    assert await house.hub.reach() == 0.0
    await house.hub.reach.settled()
    assert 0 < await house.hub.reach() <= 1.0
