"""Rows of attempts: moved on by one at a time, tried a few times, finished once."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.db.database import Database
from approvals_hub.stepup import sign_in_store as store


@pytest.fixture
async def running(database: Database) -> Database:
    """A database with one running attempt."""

    async def work(tx: Any) -> None:
        await store.add(
            tx,
            attempt_id="sgn_1",
            secret_hash=b"s" * 32,
            method="company",
            wanted_org=None,
            source="192.0.2.1",
            began_at=100,
            expires_at=1000,
        )
        await store.keep(tx, "sgn_1", version=1, state="running", sealed=b"kept", collect_at=200, expires_at=1000)

    await database.run(work)
    return database


async def test_what_was_moved_on_meanwhile_is_not_overwritten(running: Database) -> None:
    keeps: dict[str, Any] = {"state": "running", "sealed": b"other", "collect_at": None, "expires_at": 1000}
    stale = await running.run(lambda tx: store.keep(tx, "sgn_1", version=1, **keeps))
    fresh = await running.run(lambda tx: store.keep(tx, "sgn_1", version=2, **keeps))
    assert stale is None
    assert fresh is not None
    assert (fresh.version, fresh.sealed) == (3, b"other")


async def test_no_more_answers_are_looked_at_than_are_allowed(running: Database) -> None:
    asked = {"most": 2, "now": 500, "leased_until": 900}
    tries = [await running.run(lambda tx: store.reserve_try(tx, "sgn_1", **asked)) for _ in range(3)]
    assert [found is None for found in tries] == [False, False, True]


async def test_an_attempt_ends_once_and_forgets_what_it_kept(running: Database) -> None:
    first = await running.run(lambda tx: store.finish(tx, "sgn_1", state="done"))
    second = await running.run(lambda tx: store.finish(tx, "sgn_1", state="ended"))
    assert first is not None
    assert (first.state, first.sealed, first.collect_at) == ("done", None, None)
    assert second is None


async def test_a_provider_is_asked_by_one_process_at_a_time(running: Database) -> None:
    claimed = [await running.run(lambda tx: store.claim_due(tx, now=300, until=900, limit=5)) for _ in range(2)]
    assert [len(found) for found in claimed] == [1, 0]


async def test_attempts_are_counted_by_address_and_in_all(running: Database) -> None:
    async def count(since: int, source: str | None) -> int:
        return await running.read(lambda tx: store.begun_since(tx, since, source=source, limit=9))

    assert [await count(99, "192.0.2.1"), await count(99, "192.0.2.2"), await count(99, None)] == [1, 0, 1]
    assert await count(100, None) == 0


async def test_what_is_over_is_dropped_and_what_ran_is_told(running: Database) -> None:
    assert not await running.read(lambda tx: store.any_due(tx, 150))
    over = await running.run(lambda tx: store.drop_overdue(tx, now=1000, limit=5))
    assert [attempt.id for attempt in over] == ["sgn_1"]
    assert await running.read(lambda tx: store.find(tx, "sgn_1")) is None
