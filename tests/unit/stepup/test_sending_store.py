"""SQL of sending allowances, on both engines."""

from __future__ import annotations

import asyncio

from approvals_hub.db.database import Database, Tx
from approvals_hub.stepup import sending_store as store


async def test_side_by_side_no_more_are_taken_than_there_are(database: Database) -> None:
    async def take(tx: Tx) -> bool:
        return await store.take(tx, "link:hub", each=10, span=20, at=1000)

    assert sum(await asyncio.gather(*(database.run(take) for _ in range(8)))) == 3


async def test_what_is_given_back_can_be_taken_and_a_full_bucket_is_forgotten(database: Database) -> None:
    async def work(tx: Tx) -> tuple[bool, bool, bool, int, int, int]:
        first = await store.take(tx, "x", each=10, span=0, at=1000)
        second = await store.take(tx, "x", each=10, span=0, at=1000)
        await store.give_back(tx, "x", each=10)
        third = await store.take(tx, "x", each=10, span=0, at=1000)
        kept = await store.forget_full(tx, now=1010, limit=9)
        gone = await store.forget_full(tx, now=1011, limit=9)
        return first, second, third, kept, gone, await store.full_at(tx, "x")

    assert await database.run(work) == (True, False, True, 0, 1, 0)
