"""Rows that say somebody must be told."""

from __future__ import annotations

import pytest

from approvals_hub.db.database import Database, Tx
from approvals_hub.notifications import store
from approvals_hub.notifications.outbox import OPENED, WAKE, queue_again, queue_opened, queue_person
from tests.unit.hub_fixture import StaffedHub


async def test_a_question_is_to_be_told_until_it_expires(database: Database) -> None:
    async def work(tx: Tx) -> list[tuple[str, int, int]]:
        await queue_opened(tx, escalation_id="esc_1", org_id="org_1", at=5, until=9)
        return [(row["kind"], row["due_at"], row["expires_at"]) for row in await store.of_escalation(tx, "esc_1")]

    assert await database.run(work) == [(OPENED, 5, 9)]


async def test_a_question_in_inboxes_alone_wakes_no_worker_and_is_due_at_its_end(house: StaffedHub) -> None:
    with house.hub.bus.subscribe(WAKE) as ear:
        opened = await house.bot.ask()
        assert not await ear.wait(0)

    async def again(tx: Tx) -> list[int]:
        await queue_again(tx, escalation_id=opened.escalation.id, at=house.time.now)
        return [row["due_at"] for row in await store.of_escalation(tx, opened.escalation.id)]

    with house.hub.bus.subscribe(WAKE) as ear:
        assert await house.hub.db.run(again) == [opened.escalation.expires_at]
        assert not await ear.wait(0)


async def test_news_of_somebodys_own_account_is_for_them(database: Database) -> None:
    async def work(tx: Tx) -> list[tuple[str, str]]:
        await queue_person(tx, kind="device.enrolled", org_id="org_1", person_id="per_1", at=5, until=9)
        return [(row["kind"], row["person_id"]) for row in await tx.rows("SELECT kind, person_id FROM outbox")]

    assert await database.run(work) == [("device.enrolled", "per_1")]


async def test_nothing_is_queued_by_a_unit_that_fails(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await queue_opened(tx, escalation_id="esc_1", org_id="org_1", at=5, until=9)
        raise RuntimeError("the unit fails")

    with pytest.raises(RuntimeError, match="fails"):
        await database.run(work)
    assert await database.read(lambda tx: store.of_escalation(tx, "esc_1")) == []
