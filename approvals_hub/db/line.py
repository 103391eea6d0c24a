"""A SQLite connection and the units of work that stand in line for it."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Sequence
from typing import Any, Protocol

import aiosqlite

from approvals_hub.db.database import OnCommit, Work
from approvals_hub.db.memory import Memory
from approvals_hub.db.sqlite_tx import Unit, drive, unavailable

_LOG = logging.getLogger(__name__)
_MOST_UNITS = 128


class Runner(Protocol):
    """How a line treats the units it takes from the queue together."""

    def run(self, connection: sqlite3.Connection, units: Sequence[Unit]) -> None:
        """On the connection's thread: fill in `result` or `error` of every unit. Raises nothing."""

    def done(self) -> None:
        """On the event loop, after `run` and before the callers hear of their results."""


class Line:
    """Units run one after the other on one connection's thread, taken from the queue in bunches."""

    def __init__(self, connection: aiosqlite.Connection, runner: Runner) -> None:
        self._connection = connection
        self._runner = runner
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Unit] = deque()
        self._running: asyncio.Future[None] | None = None
        self._load = 0

    def load(self) -> int:
        """How many units wait or run."""
        return self._load

    async def put(self, work: Work[Any]) -> Any:
        """Wait in line, run, return what `work` returns. A cancelled caller leaves its unit in line."""
        future: asyncio.Future[Any] = self._loop.create_future()
        self._waiting.append(Unit(work, future))
        self._load += 1
        if self._running is None:
            self._start()
        return await future

    async def close(self) -> None:
        """Finish the line, then close the connection."""
        while self._running is not None:
            await asyncio.wait([self._running])
        await self._connection.close()

    def _start(self) -> None:
        drained = self._connection._execute(self._drain, self._connection._conn)  # type: ignore[no-untyped-call]
        self._running = asyncio.ensure_future(drained)
        self._running.add_done_callback(self._ended)

    def _drain(self, connection: sqlite3.Connection) -> None:
        """On the connection's thread: bunch after bunch, until nobody waits. No timer: waiting makes the bunch."""
        waiting = self._waiting
        while waiting:
            units: list[Unit] = []
            while waiting and len(units) < _MOST_UNITS:
                units.append(waiting.popleft())
            self._runner.run(connection, units)
            self._loop.call_soon_threadsafe(self._tell, units)

    def _tell(self, units: list[Unit]) -> None:
        self._load -= len(units)
        try:
            self._runner.done()
        except Exception:
            _LOG.exception("what follows a commit failed; the commit itself holds")
        for unit in units:
            future = unit.future
            if future.done():
                continue
            if unit.error is None:
                future.set_result(unit.result)
            else:
                future.set_exception(unit.error)

    def _ended(self, running: asyncio.Future[None]) -> None:
        self._running = None
        if not running.cancelled() and (error := running.exception()) is not None:
            _LOG.error("a database thread failed", exc_info=error)
        if self._waiting:
            self._start()


class SharedCommits:
    """The writer: one commit for all units of a bunch, each of which fails alone."""

    def __init__(self, on_commit: OnCommit) -> None:
        self._on_commit = on_commit
        self._memory = Memory()
        self._committed: deque[list[str]] = deque()

    def run(self, connection: sqlite3.Connection, units: Sequence[Unit]) -> None:
        """One transaction. When it cannot be committed every unit fails with Unavailable, whatever it returned."""
        cursor = connection.cursor()
        topics: list[str] = []
        try:
            cursor.execute("BEGIN IMMEDIATE")
            if len(units) == 1:
                self._alone(cursor, units[0], topics)
            else:
                for unit in units:
                    self._among_others(cursor, unit, topics)
                cursor.execute("COMMIT")
        except BaseException as error:
            _roll_back(connection)
            self._memory.undo(0)
            topics = []
            _LOG.error("a commit of %d units failed: %s", len(units), error)
            for unit in units:
                unit.error = unit.error or unavailable(error)
        self._memory.settle()
        self._committed.append(topics)

    def done(self) -> None:
        """Publish the topics of the bunch."""
        topics = self._committed.popleft()
        if topics:
            self._on_commit(topics)

    def _alone(self, cursor: sqlite3.Cursor, unit: Unit, topics: list[str]) -> None:
        drive(cursor, unit, self._memory, topics)
        if unit.error is None:
            cursor.execute("COMMIT")
        else:
            _roll_back(cursor.connection)
            self._memory.undo(0)
            topics.clear()

    def _among_others(self, cursor: sqlite3.Cursor, unit: Unit, topics: list[str]) -> None:
        mark, published = self._memory.mark(), len(topics)
        cursor.execute("SAVEPOINT unit")
        drive(cursor, unit, self._memory, topics)
        if unit.error is not None:
            self._memory.undo(mark)
            del topics[published:]
            # A full disk makes SQLite roll the whole transaction back by itself: then the others are lost too, and
            # whoever ran next would commit statement by statement.
            cursor.execute("ROLLBACK TO unit")
        cursor.execute("RELEASE unit")


class Snapshots:
    """A reader: each unit over one snapshot, never a change."""

    def __init__(self) -> None:
        self._memory = Memory()

    def run(self, connection: sqlite3.Connection, units: Sequence[Unit]) -> None:
        """A read transaction for each unit."""
        cursor = connection.cursor()
        for unit in units:
            try:
                cursor.execute("BEGIN")
                drive(cursor, unit, self._memory, None)
                if unit.error is None:
                    cursor.execute("COMMIT")
            except BaseException as error:
                unit.error = unavailable(error)
            if unit.error is not None:
                _roll_back(connection)
            self._memory.settle()

    def done(self) -> None:
        """Nothing was changed."""


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        try:
            connection.execute("ROLLBACK")
        except sqlite3.Error:
            _LOG.exception("the transaction could not be rolled back")
