"""What a device says of what it was told."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import NotFound
from tests.unit.hub_fixture import StaffedHub
from tests.unit.reach_house import Pager, registered

Paged = tuple[StaffedHub, Pager]


async def test_the_first_receipt_of_each_kind_counts(paged: Paged) -> None:
    house, pager = paged
    await registered(house, "to-the-owner")
    await house.bot.ask()
    await house.hub.reach.settled()
    telling, began = pager.took[0][1].id, house.time.now
    await house.hub.acknowledge(house.owner.credential, telling, "delivered")
    house.time.now += 1000
    found = await house.hub.acknowledge(house.owner.credential, telling, "delivered")
    assert (found.delivered_at, found.opened_at) == (began, None)
    found = await house.hub.acknowledge(house.owner.credential, telling, "opened")
    assert found.opened_at == began + 1000


async def test_what_was_told_to_others_is_not_there(paged: Paged) -> None:
    house, pager = paged
    await registered(house, "to-the-owner")
    await house.bot.ask()
    await house.hub.reach.settled()
    ada = await house.person("Ada")
    with pytest.raises(NotFound):
        await house.hub.acknowledge(ada.credential, pager.took[0][1].id, "opened")


async def test_opening_a_question_twice_is_one_receipt(paged: Paged) -> None:
    house, _ = paged
    opened = await house.bot.ask()
    for _ in range(2):
        await house.owner.statement(opened.escalation.id)
    assert [row["kind"] for row in await house.rows("SELECT kind FROM telling_receipts")] == ["opened"]
