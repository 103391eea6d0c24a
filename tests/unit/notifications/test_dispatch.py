"""What is due is sent, and what became of it is known. Vendors over the wire: tests/flows/test_reach_faults.py."""

from __future__ import annotations

import asyncio

from approvals_hub.core.clock import HOUR
from approvals_hub.db.database import Tx
from approvals_hub.notifications.breaker import UNPROVEN
from approvals_hub.notifications.outbox import WAKE, queue_person
from tests.unit.hub_fixture import StaffedHub
from tests.unit.reach_house import Pager, registered

Paged = tuple[StaffedHub, Pager]


async def test_what_is_due_is_sent_once(paged: Paged) -> None:
    house, pager = paged
    await registered(house, "to-the-owner")
    opened = await house.bot.ask()
    await house.hub.reach.settled()
    await house.hub.reach.settled()
    assert [(address, message.reference) for address, message in pager.took] == [("to-the-owner", opened.escalation.id)]


async def test_an_address_whose_seal_is_broken_fails_and_stops_nobody(paged: Paged) -> None:
    house, pager = paged
    await registered(house, "to-the-owner")
    await house.change("UPDATE contacts SET address = :bad", bad=b"\x01" * 60)
    await house.bot.ask()
    await house.hub.reach.settled()
    assert pager.took == []
    assert [row["state"] for row in await house.rows("SELECT state FROM tellings")] == ["failed"]


async def test_who_is_disabled_is_sent_nothing(paged: Paged) -> None:
    house, pager = paged
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await registered(house, "to-ada-01", by=ada)
    await registered(house, "to-bo-01", by=bo)
    pager.took.clear()
    await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, "disabled")
    await house.bot.ask()
    await house.hub.reach.settled()
    assert {address for address, _ in pager.took} == {"to-bo-01"}


async def test_nothing_is_under_way_after_a_stop(paged: Paged) -> None:
    house, _ = paged
    await registered(house, "to-the-owner")
    await house.bot.ask()
    await house.hub.reach()
    await house.hub.reach()
    await house.hub.reach.stop()
    assert not house.hub.reach.dispatch._tasks


async def test_what_waits_for_room_on_a_crowded_channel_is_sent_as_soon_as_there_is_some(paged: Paged) -> None:
    house, pager = paged
    await registered(house, "to-the-owner")
    pager.took.clear()
    pager.speaks.clear()
    now = house.time.now

    async def work(tx: Tx) -> None:
        for _ in range(UNPROVEN + 1):
            owner = house.owner.person_id
            await queue_person(tx, kind="session.new", org_id=house.org_id, person_id=owner, at=now, until=now + HOUR)

    await house.hub.db.run(work)
    with house.hub.bus.subscribe(WAKE) as ear:
        while await house.hub.reach() == 0.0:
            await asyncio.sleep(0)
        await ear.wait(0)
        assert len(pager.took) == UNPROVEN
        pager.speaks.set()
        assert await ear.wait(20), "it would have waited until something else happened"
    await house.hub.reach.settled()
    assert len(pager.took) == UNPROVEN + 1
