"""SQLite: one writer whose commits are shared by the units that wait, and a few readers.

A unit's coroutine is driven from start to end without letting anything between: on the event loop where units like it
are known to be short, else on a connection's thread. Only threads wait for the disk.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import aiosqlite

from approvals_hub.core.errors import Unavailable
from approvals_hub.db.backup import copy, problems
from approvals_hub.db.database import OnCommit, ReadAhead, Work, ignore_topics, refuse_inside
from approvals_hub.db.readers import Readers
from approvals_hub.db.writer import Writer

T = TypeVar("T")

_BUSY_MILLISECONDS = 5_000
_STATEMENTS = 512
_CACHE_KIBIBYTES = 32 * 1024
_CHECKPOINT_PAGES = 4_000
_SETTINGS: dict[str, tuple[str | int, str | int]] = {
    # What is set, and what SQLite then answers. FULL: a commit that was acknowledged survives a power cut.
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "foreign_keys": ("ON", 1),
    "temp_store": ("MEMORY", 2),
    "cache_size": (-_CACHE_KIBIBYTES, -_CACHE_KIBIBYTES),
    "wal_autocheckpoint": (_CHECKPOINT_PAGES, _CHECKPOINT_PAGES),
    "trusted_schema": ("OFF", 0),
}
_ONLY_READS = "PRAGMA query_only = ON"


class SqliteDatabase:
    """A `Database` in one file, for one process: see `db.folder` for the lock that keeps a second one out."""

    def __init__(self, path: Path, writer: Writer, readers: Readers) -> None:
        self.path = path
        self._writer = writer
        self._readers = readers
        self._closed = False

    @classmethod
    async def open(cls, path: Path, *, readers: int = 2, on_commit: OnCommit = ignore_topics) -> SqliteDatabase:
        """Open the file, made when it is not there. Raises Unavailable when it is no database or cannot be written."""
        opened: list[aiosqlite.Connection] = []
        try:
            opened.append(await _connect(path, "PRAGMA busy_timeout = 0"))  # the writer's
            opened.append(await _connect(path, _ONLY_READS))  # the loop's for reading
            for _ in range(readers):  # the reading threads'
                opened.append(await _connect(path, None))
        except BaseException as error:
            for connection in opened:
                await connection.close()
            if isinstance(error, sqlite3.Error):
                raise _unavailable(f"the database {path.name} cannot be opened: {error}") from error
            raise
        reading = Readers(opened[1:], lambda handle: _apply_settings(handle, _ONLY_READS))
        return cls(path, Writer(opened[0], on_commit, reading.ahead), reading)

    async def run(self, work: Work[T], *, org: str | None = None) -> T:
        """Run one unit of work; durable when this returns. `org` is for PostgreSQL and has no effect here."""
        refuse_inside()
        if self._closed:
            raise _unavailable("the database is closed")
        return cast("T", await self._writer.put(work))

    async def read(self, work: Work[T], *, org: str | None = None) -> T:
        """Run `work` over one snapshot."""
        refuse_inside()
        if self._closed:
            raise _unavailable("the database is closed")
        return cast("T", await self._readers.put(work))

    def read_ahead(self, topic: str, work: Work[T]) -> ReadAhead[T]:
        """Made at the end of the transaction that changes `topic`, for one waiter of each topic."""
        return self._readers.ahead.add(topic, work)

    async def backup(self, to_path: Path) -> None:
        """Write a consistent copy, mode 0600, whole or not at all; units go on meanwhile.

        Raises FileExistsError when `to_path` is there, and Unavailable when the copy fails its own check.
        """
        await self._apart(lambda source: copy(source, to_path))

    async def integrity(self) -> list[str]:
        """What is wrong with the file, in SQLite's words; an empty list when nothing is. Reads the whole file."""
        return await self._apart(problems)

    async def close(self) -> None:
        """Finish what is under way, then close; the write-ahead log is folded into the file. May be called twice."""
        if self._closed:
            return
        self._closed = True
        await self._readers.close()
        await self._writer.close()

    async def _apart(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run long work on a connection of its own, so that no reader waits for it."""
        connection = await _connect(self.path, _ONLY_READS)
        try:
            return cast("T", await connection._execute(work, connection._conn))  # type: ignore[no-untyped-call]
        finally:
            await asyncio.shield(connection.close())


async def _connect(path: Path, own_setting: str | None) -> aiosqlite.Connection:
    # Set where it is opened: each statement from here would go to the connection's thread and back.
    connection = aiosqlite.Connection(lambda: _open(path, own_setting), iter_chunk_size=1)
    # aiosqlite's own threads keep a process that failed to close from ever ending. SQLite survives being cut off.
    connection._thread.daemon = True
    await connection
    return connection


def _open(path: Path, own_setting: str | None) -> sqlite3.Connection:
    """Without a setting of its own it has none yet: they take a reading of the whole schema, 1 ms.

    Its files are open all the same: those that somebody puts into their place later are none of this connection's.
    """
    path.touch(mode=0o600)
    connection = sqlite3.connect(
        path,
        isolation_level=None,
        cached_statements=_STATEMENTS,
        timeout=_BUSY_MILLISECONDS / 1000,
        check_same_thread=False,  # the loop and the connection's thread take turns
    )
    connection.row_factory = sqlite3.Row
    try:
        if own_setting is None:
            connection.execute("PRAGMA user_version").fetchone()
        else:
            _apply_settings(connection, own_setting)
    except BaseException:
        connection.close()
        raise
    return connection


def _apply_settings(connection: sqlite3.Connection, own_setting: str) -> None:
    for name, (value, answer) in _SETTINGS.items():
        connection.execute(f"PRAGMA {name} = {value}")
        [given] = connection.execute(f"PRAGMA {name}").fetchone()
        if given != answer:
            raise _unavailable(f"SQLite answers {name}={given} where the hub needs {answer}")
    # As on PostgreSQL; SQLite has no way to ask for it.
    connection.execute("PRAGMA case_sensitive_like = ON")
    connection.execute(own_setting)


def _unavailable(detail: str) -> Unavailable:
    return Unavailable("database_unavailable", detail, next_step="Try again in a moment.", retry_after=1)
