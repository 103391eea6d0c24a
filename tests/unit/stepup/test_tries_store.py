"""SQL of wrong answers, on both databases."""

from __future__ import annotations

import asyncio

from approvals_hub.db.database import Database, Tx
from approvals_hub.stepup import tries_store as store


async def test_wrong_answers_are_counted_by_source_and_hour(database: Database) -> None:
    async def work(tx: Tx) -> list[object]:
        counted = [
            await store.count_wrong(tx, source, hour) for source, hour in (("a", 1), ("a", 1), ("a", 2), ("b", 1))
        ]
        return [counted, await store.wrong(tx, ["a", "b", "c"], 1)]

    assert await database.run(work) == [[1, 2, 1, 1], {"a": 2, "b": 1}]


async def test_none_is_lost_that_is_counted_at_the_same_moment(database: Database) -> None:
    counted = await asyncio.gather(*[database.run(lambda tx: store.count_wrong(tx, "a", 1)) for _ in range(20)])
    assert sorted(counted) == list(range(1, 21))


async def test_what_is_looked_at_goes_up_and_down(database: Database) -> None:
    async def work(tx: Tx) -> list[int]:
        return [await store.count_looking(tx, "a", 1, change) for change in (1, 1, -1, -1)]

    assert await database.run(work) == [1, 2, 1, 0]


async def test_counts_of_past_hours_are_forgotten(database: Database) -> None:
    async def work(tx: Tx) -> list[object]:
        for hour in (1, 2, 3):
            await store.count_wrong(tx, "192.0.2.1", hour)
        return [await store.forget_expired(tx, hour=3), await store.wrong(tx, ["192.0.2.1"], 3)]

    assert await database.run(work) == [2, {"192.0.2.1": 1}]
