"""Units in line for SQLite's writer: shared commits, and who falls with whom."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.core.errors import Unavailable
from approvals_hub.db.database import Tx
from approvals_hub.db.sqlite import SqliteDatabase
from tests.unit.db.bunch import one_bunch, together
from tests.unit.db.settings import names, put

NEEDS_PARENT = "CREATE TABLE child (id TEXT, parent TEXT REFERENCES hub_settings (name) DEFERRABLE INITIALLY DEFERRED)"


class Refused(Exception):
    pass


@pytest.fixture(params=["on the loop", "on the thread"])
def where(request: pytest.FixtureRequest) -> str:
    """Where the units run: those that were short before run on the loop."""
    place: str = request.param
    return place


async def test_units_that_wait_share_one_commit(sqlite_path: Path, where: str) -> None:
    commits: list[Sequence[str]] = []
    database = await SqliteDatabase.open(sqlite_path, on_commit=commits.append)

    async def work(tx: Tx, topic: str) -> None:
        tx.changed(topic)

    await together(database, where, *[lambda tx, topic=str(number): work(tx, topic) for number in range(100)])
    assert commits == [[str(number) for number in range(100)]]
    await database.close()


async def test_a_commit_is_shared_by_a_bounded_number_of_units(sqlite_path: Path, where: str) -> None:
    commits: list[Sequence[str]] = []
    database = await SqliteDatabase.open(sqlite_path, on_commit=commits.append)

    async def work(tx: Tx) -> None:
        tx.changed("x")

    await together(database, where, *[work] * 300)
    sizes = [len(topics) for topics in commits]
    assert max(sizes) == 128
    # On the loop its time bounds a batch too, which a busy machine reaches sooner.
    assert sizes[0] == 128 or where == "on the loop"
    assert sum(sizes) == 300
    await database.close()


async def test_a_unit_that_fails_takes_back_its_own_rows_topics_and_memory_alone(sqlite_path: Path, where: str) -> None:
    commits: list[Sequence[str]] = []
    database = await SqliteDatabase.open(sqlite_path, on_commit=commits.append)

    async def work(tx: Tx, name: str, fails: bool) -> Any:
        await put(tx, name)
        tx.memory["last"] = name
        tx.changed(name)
        if fails:
            raise Refused
        return tx.memory["last"]

    results = await together(
        database,
        where,
        lambda tx: work(tx, "a", False),
        lambda tx: work(tx, "b", True),
        lambda tx: work(tx, "c", False),
    )
    assert results[0] == "a"
    assert isinstance(results[1], Refused)
    assert results[2] == "c"
    assert await database.read(names) == ["a", "c"]
    assert [topic for topics in commits for topic in topics] == ["a", "c"]
    await database.close()


async def test_a_unit_beside_one_that_fails_runs_anew_from_the_beginning_and_is_committed_once(
    sqlite_path: Path, where: str
) -> None:
    commits: list[Sequence[str]] = []
    database = await SqliteDatabase.open(sqlite_path, on_commit=commits.append)
    seen: list[tuple[Any, list[str]]] = []

    async def prepare(tx: Tx) -> None:
        tx.memory["seq"] = 1

    async def good(tx: Tx) -> str:
        seen.append((tx.memory["seq"], [row["name"] for row in await tx.rows("SELECT name FROM hub_settings")]))
        await put(tx, "a")
        tx.memory["seq"] += 1
        tx.changed("a")
        return "done"

    async def fails(tx: Tx) -> None:
        await put(tx, "b")
        raise Refused

    async def seq(tx: Tx) -> int:
        return int(tx.memory["seq"])

    await database.run(prepare)
    results = await together(database, where, good, fails)
    assert results[0] == "done"
    assert isinstance(results[1], Refused)
    assert seen == [(1, []), (1, [])]
    assert await database.run(seq) == 2
    assert commits == [["a"]]
    await database.close()


async def test_a_unit_that_fails_alone_runs_once(sqlite_path: Path, where: str) -> None:
    database = await SqliteDatabase.open(sqlite_path)
    runs = []

    async def fails(tx: Tx) -> None:
        runs.append(await put(tx, "a"))
        raise Refused

    database._writer._pace.took(fails, 0.0 if where == "on the loop" else 1e6, 0.0)
    with pytest.raises(Refused):
        await database.run(fails)
    assert len(runs) == 1
    assert await database.read(names) == []
    await database.close()


async def test_a_commit_that_fails_fails_all_its_units_and_restores_the_memory(sqlite_path: Path, where: str) -> None:
    commits: list[Sequence[str]] = []
    database = await SqliteDatabase.open(sqlite_path, on_commit=commits.append)

    async def prepare(tx: Tx) -> None:
        await tx.execute(NEEDS_PARENT)
        tx.memory["seq"] = 1

    async def good(tx: Tx) -> str:
        await put(tx, "a")
        tx.memory["seq"] += 1
        tx.changed("a")
        return "done"

    async def orphan(tx: Tx) -> str:
        await tx.execute("INSERT INTO child (id, parent) VALUES ('1', 'nobody')")
        return "done"

    async def seq(tx: Tx) -> int:
        return int(tx.memory["seq"])

    await database.run(prepare)
    results = await together(database, where, good, orphan)
    assert [type(result) for result in results] == [Unavailable, Unavailable]
    assert await database.read(names) == []
    assert await database.run(seq) == 1
    assert commits == []
    assert await database.run(good) == "done"
    await database.close()


async def test_a_full_disk_in_the_midst_of_a_bunch_commits_none_of_it(sqlite_path: Path, where: str) -> None:
    database = await SqliteDatabase.open(sqlite_path)
    await database._writer._connection.execute_fetchall("PRAGMA max_page_count = 1")  # no larger than it is now
    works = [lambda tx, name=name: put(tx, name, "x" * (900_000 if name == "c" else 1)) for name in "abcde"]
    results = await together(database, where, *works)
    # The thread takes all five together; the loop notices and puts the last two into a batch of their own.
    lost, kept = ("abc", ["d", "e"]) if where == "on the loop" else ("abcde", [])
    assert [type(result) for result in results[: len(lost)]] == [Unavailable] * len(lost)
    assert await database.read(names) == kept
    await database._writer._connection.execute_fetchall("PRAGMA max_page_count = 1000000")
    await database.run(lambda tx: put(tx, "room again"))
    assert await database.read(names) == [*kept, "room again"]
    await database.close()


async def test_a_unit_that_catches_a_full_disk_cannot_write_outside_its_transaction(
    sqlite_path: Path, where: str
) -> None:
    database = await SqliteDatabase.open(sqlite_path)
    await database._writer._connection.execute_fetchall("PRAGMA max_page_count = 1")

    async def stubborn(tx: Tx) -> None:
        try:
            await put(tx, "a", "x" * 900_000)
        except Unavailable:
            await put(tx, "b")

    with pytest.raises(RuntimeError, match="has ended"):
        await database.run(stubborn)
    assert await database.read(names) == []
    await database.close()


async def test_a_unit_that_fails_alone_changes_nothing(sqlite_database: SqliteDatabase) -> None:
    async def work(tx: Tx, fails: bool) -> None:
        await put(tx, "a")
        tx.memory["last"] = "a"
        tx.changed("a")
        if fails:
            raise Refused

    async def last(tx: Tx) -> Any:
        return tx.memory.get("last")

    for _ in range(3):  # on the thread, then on the loop
        with pytest.raises(Refused):
            await sqlite_database.run(lambda tx: work(tx, True))
        assert await sqlite_database.run(last) is None
        assert await sqlite_database.read(names) == []
    await sqlite_database.run(lambda tx: work(tx, False))
    assert await sqlite_database.run(last) == "a"


async def test_what_has_never_run_runs_on_the_thread_and_what_is_short_on_the_loop(
    sqlite_database: SqliteDatabase,
) -> None:
    async def place(tx: Tx) -> int:
        return threading.get_ident()

    assert await sqlite_database.run(place) != threading.get_ident()
    assert await sqlite_database.run(place) == threading.get_ident()


async def test_the_loop_does_not_wait_for_a_stranger_who_writes(
    sqlite_database: SqliteDatabase, sqlite_path: Path
) -> None:
    await sqlite_database.run(lambda tx: put(tx, "warm"))

    async def work(tx: Tx) -> None:
        await put(tx, "a")

    sqlite_database._writer._pace.took(work, 0.0, 0.0)
    with closing(sqlite3.connect(sqlite_path, isolation_level=None)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(sqlite_database.run(work))
        began = time.perf_counter()
        for _ in range(20):
            await asyncio.sleep(0)
        assert time.perf_counter() - began < 2  # of the busy timeout's five seconds
        stranger.execute("COMMIT")
    await waiting
    assert await sqlite_database.read(names) == ["a", "warm"]


async def test_units_leave_the_loop_some_air(sqlite_database: SqliteDatabase) -> None:
    async def work(tx: Tx) -> None:
        time.sleep(0.03)

    steps = 0

    async def walk() -> None:
        nonlocal steps
        while True:
            steps += 1
            await asyncio.sleep(0)

    async with one_bunch(sqlite_database):
        sqlite_database._writer._pace.took(work, 0.0, 0.0)
        tasks = [asyncio.create_task(sqlite_database.run(work)) for _ in range(10)]
    walking = asyncio.create_task(walk())
    await asyncio.gather(*tasks)
    walking.cancel()
    assert steps > 1
    assert not sqlite_database._writer._pace.is_short(work)


async def test_a_caller_that_goes_away_while_it_waits_leaves_the_others_unharmed(
    sqlite_database: SqliteDatabase,
) -> None:
    async with one_bunch(sqlite_database):
        tasks = [
            asyncio.create_task(sqlite_database.run(lambda tx, name=name: put(tx, name))) for name in ("a", "b", "c")
        ]
        await asyncio.sleep(0)
        tasks[1].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [type(None), asyncio.CancelledError, type(None)]
    assert await sqlite_database.read(names) == ["a", "b", "c"]


async def test_closing_finishes_the_units_in_line(sqlite_path: Path, where: str) -> None:
    database = await SqliteDatabase.open(sqlite_path)
    async with one_bunch(database):
        tasks = [asyncio.create_task(database.run(lambda tx, name=str(n): put(tx, name))) for n in range(200)]
        await asyncio.sleep(0)
        closing = asyncio.create_task(database.close())
    await closing
    assert await asyncio.gather(*tasks) == [None] * 200
