"""The contract that both engines keep: every test here runs on each."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Sequence
from typing import Any

import pytest

from approvals_hub.core.errors import Unavailable
from approvals_hub.db.database import Database, Tx
from tests.conftest import OpenDatabase
from tests.unit.db.settings import names, put, value_of

CALLER: contextvars.ContextVar[str] = contextvars.ContextVar("CALLER")


class Refused(Exception):
    pass


async def test_a_unit_returns_what_its_work_returns(database: Database) -> None:
    async def work(tx: Tx) -> int:
        await put(tx, "a")
        return 7

    assert await database.run(work) == 7


async def test_a_read_sees_every_unit_that_has_returned(database: Database) -> None:
    for number in range(20):
        await database.run(lambda tx, name=str(number): put(tx, name))
        assert await database.read(lambda tx, name=str(number): value_of(tx, name)) == "1"


async def test_a_unit_that_raises_leaves_nothing_behind(open_database: OpenDatabase) -> None:
    published: list[str] = []
    database = await open_database(on_commit=published.extend)

    async def work(tx: Tx) -> None:
        await put(tx, "a")
        tx.changed("esc_1")
        raise Refused

    with pytest.raises(Refused):
        await database.run(work)
    assert await database.read(names) == []
    assert published == []


async def test_a_unit_that_finds_no_memory_leaves_nothing_behind_and_the_next_one_goes_on(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await put(tx, "a")
        raise MemoryError

    with pytest.raises(MemoryError):
        await database.run(work)
    await database.run(lambda tx: put(tx, "b"))
    assert await database.read(names) == ["b"]


async def test_units_that_wait_together_fail_alone(database: Database) -> None:
    async def work(tx: Tx, number: int) -> int:
        await put(tx, f"{number:03}")
        if number % 3 == 0:
            raise Refused
        return number

    results = await asyncio.gather(
        *[database.run(lambda tx, number=number: work(tx, number)) for number in range(64)], return_exceptions=True
    )
    kept = [number for number in range(64) if number % 3]
    assert [result for result in results if isinstance(result, int)] == kept
    assert await database.read(names) == [f"{number:03}" for number in kept]


async def test_a_refusal_that_is_returned_keeps_what_the_unit_wrote(database: Database) -> None:
    async def work(tx: Tx) -> Refused:
        await put(tx, "audit entry")
        return Refused()

    assert isinstance(await database.run(work), Refused)
    assert await database.read(names) == ["audit entry"]


async def test_a_caller_that_goes_away_does_not_abort_its_unit(database: Database) -> None:
    caller = asyncio.create_task(database.run(lambda tx: put(tx, "a")))
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await database.close()  # finishes what is under way
    with pytest.raises(Unavailable):
        await database.run(lambda tx: put(tx, "b"))


async def test_topics_are_published_once_after_the_commit_and_before_the_caller_hears(
    open_database: OpenDatabase,
) -> None:
    order: list[Any] = []

    def on_commit(topics: Sequence[str]) -> None:
        asyncio.get_running_loop()
        order.append(sorted(set(topics)))

    database = await open_database(on_commit=on_commit)

    async def work(tx: Tx) -> None:
        tx.changed("esc_1")
        tx.changed("inbox:per_1")
        order.append("unit")

    await database.run(work)
    order.append("caller")
    assert order == ["unit", ["esc_1", "inbox:per_1"], "caller"]


async def test_a_unit_that_publishes_nothing_calls_nobody(open_database: OpenDatabase) -> None:
    called: list[Sequence[str]] = []
    database = await open_database(on_commit=called.append)
    await database.run(lambda tx: put(tx, "a"))
    assert called == []


async def test_a_failing_listener_does_not_undo_the_callers_success(open_database: OpenDatabase) -> None:
    def on_commit(topics: Sequence[str]) -> None:
        raise Refused

    database = await open_database(on_commit=on_commit)

    async def work(tx: Tx) -> str:
        await put(tx, "a")
        tx.changed("esc_1")
        return "done"

    assert await database.run(work) == "done"
    assert await database.read(names) == ["a"]


async def test_a_tx_that_somebody_kept_is_useless_when_its_unit_has_ended(database: Database) -> None:
    kept: list[Tx] = []

    async def work(tx: Tx) -> None:
        kept.append(tx)

    await database.run(work)
    await database.read(work)
    for tx in kept:
        with pytest.raises(RuntimeError, match="has ended"):
            await put(tx, "a")
    assert await database.read(names) == []


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(Unavailable):
        await database.read(lambda tx: put(tx, "a"))
    assert await database.read(names) == []


async def test_a_reader_cannot_publish(database: Database) -> None:
    async def work(tx: Tx) -> None:
        tx.changed("esc_1")

    with pytest.raises(RuntimeError, match="changes nothing"):
        await database.read(work)


async def test_a_reader_serves_on_after_its_work_has_raised(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await tx.row("SELECT name FROM nowhere")

    for _ in range(8):
        with pytest.raises(Exception, match="nowhere"):
            await database.read(work)
    assert await database.read(names) == []


@pytest.mark.parametrize("sql", ["COMMIT", "ROLLBACK", "-- a word\nCOMMIT", "SET hub.org = '*'", "PRAGMA user_version"])
async def test_a_unit_cannot_steer_the_transaction_it_runs_in(database: Database, sql: str) -> None:
    async def work(tx: Tx) -> None:
        await put(tx, "a")
        await tx.execute(sql)

    with pytest.raises(ValueError, match="not a statement for a unit of work"):
        await database.run(work)
    assert await database.read(names) == []


async def test_a_unit_cannot_smuggle_in_a_second_statement(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await tx.execute("INSERT INTO hub_settings (name, value) VALUES ('a', '1'); COMMIT")

    with pytest.raises(ValueError, match="one statement at a time"):
        await database.run(work)
    assert await database.read(names) == []


async def test_lock_takes_a_plain_table_name_alone(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await tx.lock("escalations; DROP TABLE agents", "esc_1")

    with pytest.raises(ValueError, match="plain table name"):
        await database.run(work)
    await database.run(lambda tx: tx.lock("escalations", "esc_1"))


async def test_what_a_connection_remembers_is_undone_with_its_unit(open_database: OpenDatabase) -> None:
    database = await open_database()

    async def remember(tx: Tx) -> None:
        tx.memory["writer"] = tx.memory.get("writer", 0) + 1

    async def fail(tx: Tx) -> None:
        tx.memory["writer"] = 99
        raise Refused

    async def seen(tx: Tx) -> int:
        return int(tx.memory.get("writer", 0))

    await database.run(remember)
    with pytest.raises(Refused):
        await database.run(fail)
    assert await database.run(seen) == 1


async def test_a_unit_runs_in_a_copy_of_its_callers_context(database: Database) -> None:
    CALLER.set("agt_1")

    async def work(tx: Tx) -> str:
        caller = CALLER.get()
        CALLER.set("somebody else")
        return caller

    assert await database.run(work) == "agt_1"
    assert CALLER.get() == "agt_1"


async def test_a_unit_within_a_unit_is_refused_and_never_runs(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await put(tx, "outer")
        await database.run(lambda inner: put(inner, "inner"))

    async def look(tx: Tx) -> None:
        await database.read(names)

    for _ in range(3):  # never run before, then known to be short
        with pytest.raises(RuntimeError, match="within a unit of work"):
            await database.run(work)
        with pytest.raises(RuntimeError, match="within a unit of work"):
            await database.run(look)
    assert await database.read(names) == []


async def test_a_closed_database_refuses_and_closes_twice(database: Database) -> None:
    await database.close()
    await database.close()
    with pytest.raises(Unavailable, match="closed"):
        await database.read(names)
