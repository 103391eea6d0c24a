"""SQL of the outbox, on both databases."""

from __future__ import annotations

from approvals_hub.db.database import Database, Tx
from approvals_hub.notifications import store
from approvals_hub.notifications.outbox import queue_opened


async def add(tx: Tx, *ends: int) -> None:
    for number, until in enumerate(ends):
        await queue_opened(tx, escalation_id=f"esc_{number}", org_id="org_1", at=1, until=until)


async def test_cancelling_takes_away_what_is_about_one_question(database: Database) -> None:
    async def work(tx: Tx) -> list[int]:
        await add(tx, 9, 9)
        await store.cancel(tx, "esc_0")
        return [len(await store.of_escalation(tx, f"esc_{number}")) for number in range(2)]

    assert await database.run(work) == [0, 1]


async def test_extending_moves_the_end_of_one_question(database: Database) -> None:
    async def work(tx: Tx) -> list[int]:
        await add(tx, 9, 9)
        await store.extend(tx, "esc_0", expires_at=20)
        return [(await store.of_escalation(tx, f"esc_{number}"))[0]["expires_at"] for number in range(2)]

    assert await database.run(work) == [20, 9]


async def test_what_has_expired_is_forgotten_and_no_more_than_the_limit_at_once(database: Database) -> None:
    async def work(tx: Tx) -> list[int]:
        await add(tx, 9, 9, 9, 10, 11)
        return [await store.forget_expired(tx, 10, 2) for _ in range(3)]

    assert await database.run(work) == [2, 1, 0]
