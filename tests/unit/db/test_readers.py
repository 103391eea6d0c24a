"""Readers of SQLite: snapshots, and who waits for whom."""

from __future__ import annotations

import asyncio
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.core.errors import Unavailable
from approvals_hub.db.database import Tx
from approvals_hub.db.sqlite import SqliteDatabase
from tests.unit.db.settings import names, put, two_at_once


async def where(tx: Tx) -> int:
    await names(tx)
    return threading.get_ident()


async def test_what_has_never_run_reads_on_a_thread_and_what_is_short_on_the_loop(
    sqlite_database: SqliteDatabase,
) -> None:
    assert await sqlite_database.read(where) != threading.get_ident()
    assert await sqlite_database.read(where) == threading.get_ident()


@pytest.mark.parametrize("times", [1, 3])
async def test_a_reader_refuses_to_write_wherever_it_runs(sqlite_database: SqliteDatabase, times: int) -> None:
    async def work(tx: Tx) -> None:
        await put(tx, "a")

    for _ in range(times):
        with pytest.raises(Unavailable):
            await sqlite_database.read(work)
    assert await sqlite_database.read(names) == []


async def test_a_read_sees_one_snapshot_from_its_first_statement_on(sqlite_database: SqliteDatabase) -> None:
    looked, written = threading.Event(), threading.Event()

    async def work(tx: Tx) -> list[list[str]]:
        first = await names(tx)
        looked.set()
        written.wait(10)
        return [first, await names(tx)]

    reading = asyncio.create_task(sqlite_database.read(work))
    await asyncio.to_thread(looked.wait, 10)
    await sqlite_database.run(lambda tx: put(tx, "a"))
    written.set()
    assert await reading == [[], []]
    assert await sqlite_database.read(names) == ["a"]


async def test_a_short_read_does_not_wait_for_a_long_one(sqlite_database: SqliteDatabase) -> None:
    begun, go_on = threading.Event(), threading.Event()

    async def long(tx: Tx) -> None:
        begun.set()
        go_on.wait(10)

    reading = asyncio.create_task(sqlite_database.read(long))
    await asyncio.to_thread(begun.wait, 10)
    for _ in range(10):
        assert await asyncio.wait_for(sqlite_database.read(names), 5) == []
    go_on.set()
    await reading


async def test_a_caller_that_goes_away_harms_nobody(sqlite_database: SqliteDatabase) -> None:
    begun, go_on = threading.Event(), threading.Event()

    async def long(tx: Tx) -> None:
        begun.set()
        go_on.wait(10)

    reading = asyncio.create_task(sqlite_database.read(long))
    await asyncio.to_thread(begun.wait, 10)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    go_on.set()
    assert await sqlite_database.read(names) == []


@pytest.mark.parametrize("name", ["query_only", "foreign_keys", "cache_size", "trusted_schema"])
async def test_every_reading_thread_is_set_before_its_first_unit_as_the_loop_is(
    sqlite_database: SqliteDatabase, name: str
) -> None:
    setting = f"SELECT * FROM pragma_{name}"

    async def here(tx: Tx) -> list[Any]:
        return [tuple(row) for row in await tx.rows(setting)]

    on_threads = await two_at_once(sqlite_database, setting)
    await sqlite_database.read(here)
    assert on_threads == [await sqlite_database.read(here)] * 2


async def test_a_file_that_somebody_puts_into_the_place_of_an_open_one_is_read_by_no_thread(
    sqlite_path: Path, sqlite_template: Path
) -> None:
    database = await SqliteDatabase.open(sqlite_path)
    await database.run(lambda tx: put(tx, "a"))
    for ending in ("", "-wal", "-shm"):
        sqlite_path.with_name(sqlite_path.name + ending).unlink()
    shutil.copyfile(sqlite_template, sqlite_path)
    found = await two_at_once(database, "SELECT name FROM hub_settings")
    await database.close()
    assert found == [[("a",)], [("a",)]]


async def test_a_reading_thread_that_cannot_be_given_its_settings_answers_that_the_database_is_unavailable(
    sqlite_path: Path,
) -> None:
    database = await SqliteDatabase.open(sqlite_path)
    whole = sqlite_path.read_bytes()
    # All but the first page, which each connection has read: what tells of the tables is torn.
    sqlite_path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(Unavailable):
        await database.read(names)
    await database.close()
