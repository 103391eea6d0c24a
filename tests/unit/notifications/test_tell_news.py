"""The news of somebody's account."""

from __future__ import annotations

from approvals_hub.core.clock import DAY, HOUR
from approvals_hub.db.database import Tx
from approvals_hub.notifications.outbox import queue_person
from approvals_hub.notifications.tell_news import telling_id
from tests.unit.hub_fixture import StaffedHub
from tests.unit.reach_house import Pager, registered

Paged = tuple[StaffedHub, Pager]


async def queue(house: StaffedHub) -> None:
    now, person = house.time.now, house.owner.person_id

    async def work(tx: Tx) -> None:
        await queue_person(tx, kind="session.new", org_id=house.org_id, person_id=person, at=now, until=now + DAY)

    await house.hub.db.run(work)


async def test_news_are_said_once_at_every_address(paged: Paged) -> None:
    house, pager = paged
    await registered(house, "to-the-owner")
    await queue(house)
    await house.hub.reach.settled()
    await house.hub.reach.settled()
    assert [message.title for _, message in pager.took] == ["Somebody signed in in a new way"]
    assert await house.rows("SELECT 1 AS one FROM outbox") == []


async def test_news_for_somebody_without_an_address_wait_for_one(paged: Paged) -> None:
    house, pager = paged
    await queue(house)
    await house.hub.reach.settled()
    [row] = await house.rows("SELECT due_at FROM outbox")
    assert row["due_at"] == house.time.now + HOUR
    await registered(house, "to-the-owner")
    assert len(pager.took) == 1


def test_the_same_news_at_the_same_address_have_one_id() -> None:
    assert telling_id("out_1", "con_1") == telling_id("out_1", "con_1") != telling_id("out_1", "con_2")
