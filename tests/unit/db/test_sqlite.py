"""The SQLite engine around its lines: opening, settings, readers, copies."""

from __future__ import annotations

import asyncio
import inspect
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import aiosqlite
import pytest

from approvals_hub.core.errors import Unavailable
from approvals_hub.db.sqlite import SqliteDatabase
from tests.unit.db.settings import names, put, two_at_once


@pytest.mark.parametrize(
    ("setting", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("temp_store", 2)],
)
async def test_every_connection_is_durable_and_strict(
    sqlite_database: SqliteDatabase, setting: str, value: object
) -> None:
    # Those of the reading threads are set by what they read first.
    await two_at_once(sqlite_database, "SELECT name FROM hub_settings")
    for connection in (sqlite_database._writer._connection, *sqlite_database._readers._connections):
        [row] = await connection.execute_fetchall(f"PRAGMA {setting}")
        assert row[0] == value


async def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    database = await SqliteDatabase.open(tmp_path / "new.db")
    await database.run(lambda tx: tx.execute("CREATE TABLE a (b TEXT)"))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"new.db": 0o600, "new.db-wal": 0o600, "new.db-shm": 0o600}
    await database.close()


async def test_a_closed_database_leaves_one_file_and_no_thread(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    database = await SqliteDatabase.open(tmp_path / "new.db")
    await database.run(lambda tx: tx.execute("CREATE TABLE a (b TEXT)"))
    await database.close()
    assert [path.name for path in tmp_path.iterdir()] == ["new.db"]
    for thread in set(threading.enumerate()) - before:
        thread.join(5)  # a thread answers just before it ends
        assert not thread.is_alive()


async def test_a_file_that_is_no_database_is_refused_and_leaves_no_thread(tmp_path: Path) -> None:
    (tmp_path / "hub.db").write_text("not a database, " * 100)
    before = set(threading.enumerate())
    with pytest.raises(Unavailable, match="cannot be opened"):
        await SqliteDatabase.open(tmp_path / "hub.db")
    for thread in set(threading.enumerate()) - before:
        thread.join(5)  # a thread answers just before it ends
        assert not thread.is_alive()


async def test_a_unit_waits_no_longer_than_the_busy_timeout_for_a_stranger(sqlite_path: Path) -> None:
    database = await SqliteDatabase.open(sqlite_path)
    database._writer._busy_seconds = 0.02
    with closing(sqlite3.connect(sqlite_path, isolation_level=None)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable):
            await database.run(lambda tx: put(tx, "a"))
        stranger.execute("ROLLBACK")
    await database.run(lambda tx: put(tx, "b"))
    assert await database.read(names) == ["b"]
    await database.close()


async def test_a_backup_holds_what_was_committed_while_writing_goes_on(
    sqlite_database: SqliteDatabase, tmp_path: Path
) -> None:
    await sqlite_database.run(lambda tx: put(tx, "a", "x" * 2_000_000))
    copying = asyncio.create_task(sqlite_database.backup(tmp_path / "copy.db"))
    await sqlite_database.run(lambda tx: put(tx, "b"))
    await copying
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert ("a",) in copy.execute("SELECT name FROM hub_settings").fetchall()
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)


async def test_a_sound_file_has_no_problems(sqlite_database: SqliteDatabase) -> None:
    assert await sqlite_database.integrity() == []


def test_a_process_that_forgets_to_close_ends_all_the_same(tmp_path: Path) -> None:
    forget = """
import asyncio, sys
from pathlib import Path
from approvals_hub.db.sqlite import SqliteDatabase
kept = []
async def main():
    kept.append(await SqliteDatabase.open(Path(sys.argv[1])))
asyncio.run(main())
"""
    subprocess.run([sys.executable, "-c", forget, str(tmp_path / "hub.db")], check=True, timeout=30)


async def test_the_parts_of_aiosqlite_that_are_not_promised_are_still_there() -> None:
    """The line runs whole units through `_execute` and `_conn`; a release without them must not be installed."""
    async with aiosqlite.connect(":memory:") as connection:
        assert await connection._execute(lambda handle: handle, connection._conn) is connection._conn
        assert inspect.iscoroutinefunction(connection._execute)
        assert list(inspect.signature(aiosqlite.Connection).parameters)[:2] == ["connector", "iter_chunk_size"]
