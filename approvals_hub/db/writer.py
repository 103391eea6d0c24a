"""SQLite's one writer: units of work stand in line, and those that wait together share a commit.

Short units run on the event loop, long ones on the connection's thread; the disk is waited for on the thread alone.
A batch runs without savepoints, in which SQLite copies every page before it changes. Where one of its units fails, the
whole is taken back and run again, now with a savepoint for each unit.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections import deque
from typing import Any

import aiosqlite

from approvals_hub.db.database import OnCommit, Work
from approvals_hub.db.memory import Memory
from approvals_hub.db.pace import Pace
from approvals_hub.db.read_ahead import Made, ReadsAhead
from approvals_hub.db.sqlite_tx import Unit, drive, roll_back, unavailable

_LOG = logging.getLogger(__name__)
_MOST_UNITS = 128
_MOST_LOOP_SECONDS = 0.008
_BUSY_SECONDS = 5.0
_BUSY_STEP_SECONDS = 0.01


class Batch:
    """Units of one commit, and the topics to publish after it. In a `careful` one each has a savepoint."""

    __slots__ = ("ahead", "broken", "careful", "topics", "units")

    def __init__(self, *, careful: bool = False) -> None:
        self.units: list[Unit] = []
        self.topics: list[str] = []
        self.ahead: Made | None = None
        """What was read behind its units, for those whom its commit wakes."""
        self.careful = careful
        self.broken = False
        """Whether a unit of it has failed, and taken all of it back."""

    def again(self) -> Batch:
        """The same units, as if none had run, in a batch that is careful."""
        anew = Batch(careful=True)
        anew.units = self.units
        for unit in anew.units:
            unit.result = unit.error = None
        return anew

    def fail(self, error: BaseException) -> None:
        """Nothing of it was committed: whatever its units returned, they failed."""
        _LOG.error("a commit of %d units failed: %s", len(self.units), error)
        self.topics.clear()
        self.ahead = None
        for unit in self.units:
            unit.error = unit.error or unavailable(error)


class Writer:
    """The line for one connection, which is used by the loop and by its own thread in turns, never by both at once."""

    def __init__(self, connection: aiosqlite.Connection, on_commit: OnCommit, ahead: ReadsAhead) -> None:
        self._connection = connection
        self._on_commit = on_commit
        self._ahead = ahead
        self._handle: sqlite3.Connection = connection._conn
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Unit] = deque()
        self._idle = asyncio.Event()
        self._idle.set()
        self._on_thread: asyncio.Future[None] | None = None
        self._memory = Memory()
        self._pace = Pace()
        self._loop_seconds = _MOST_LOOP_SECONDS
        self._busy_seconds = _BUSY_SECONDS

    async def put(self, work: Work[Any]) -> Any:
        """Wait in line, run, return what `work` returns. A cancelled caller leaves its unit in line."""
        future: asyncio.Future[Any] = self._loop.create_future()
        self._waiting.append(Unit(work, future))
        if self._idle.is_set():
            self._idle.clear()
            self._loop.call_soon(self._next)
        return await future

    async def close(self) -> None:
        """Finish the line, then close the connection."""
        await self._idle.wait()
        await self._connection.close()

    def _next(self) -> None:
        """Take what waits. No timer: waiting for the commit before is what makes a batch."""
        if not self._waiting:
            self._idle.set()
        elif self._pace.is_short(self._waiting[0].work):
            self._run_here()
        else:
            self._hand_over(self._take_all(), self._run_whole)

    def _take_all(self) -> Batch:
        batch = Batch()
        while self._waiting and len(batch.units) < _MOST_UNITS:
            batch.units.append(self._waiting.popleft())
        return batch

    def _run_here(self) -> None:
        cursor = self._handle.cursor()
        try:
            cursor.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            # A stranger writes. The thread can wait for it, the loop cannot.
            self._hand_over(self._take_all(), self._run_whole)
            return
        batch, wall, cpu = Batch(), time.perf_counter, time.thread_time
        began = before = wall()
        busy = cpu()
        there = min(len(self._waiting), _MOST_UNITS)
        try:
            while len(batch.units) < there and before - began < self._loop_seconds:
                if not self._pace.is_short(self._waiting[0].work):
                    break
                unit = self._waiting.popleft()
                batch.units.append(unit)
                self._run_one(cursor, unit, batch)
                now, busy_now = wall(), cpu()
                self._pace.took(unit.work, busy_now - busy, now - before)
                before, busy = now, busy_now
                if batch.broken:
                    break
            self._read_ahead(cursor, batch, here=True)
        except sqlite3.Error as error:
            self._undo(batch, error)
        if self._must_run_again(batch):
            self._hand_over(batch.again(), self._run_whole)
        elif self._handle.in_transaction:
            self._hand_over(batch, self._commit)
        else:
            self._tell(batch)
            self._loop.call_soon(self._next)

    def _hand_over(self, batch: Batch, to: Any) -> None:
        """Let the thread do `to(batch)`, then tell the callers and take what has come meanwhile."""

        def done(ended: asyncio.Future[None]) -> None:
            self._on_thread = None
            if (error := ended.exception()) is not None:
                self._undo(batch, error)
            self._tell(batch)
            self._next()

        self._on_thread = asyncio.ensure_future(self._connection._execute(to, batch))  # type: ignore[no-untyped-call]
        self._on_thread.add_done_callback(done)

    def _run_whole(self, batch: Batch) -> None:
        """On the thread: begin, run, commit. CPU time alone is measured: the rest is mostly waiting for the loop."""
        cursor = self._handle.cursor()
        try:
            self._begin_waiting(cursor)
            for unit in batch.units:
                before = time.thread_time()
                self._run_one(cursor, unit, batch)
                self._pace.took(unit.work, time.thread_time() - before, 0)
                if batch.broken:
                    break
            self._read_ahead(cursor, batch, here=False)
        except sqlite3.Error as error:
            self._undo(batch, error)
        if self._must_run_again(batch):
            anew = batch.again()
            self._run_whole(anew)
            batch.topics, batch.ahead = anew.topics, anew.ahead
        elif self._handle.in_transaction:
            self._commit(batch)

    def _begin_waiting(self, cursor: sqlite3.Cursor) -> None:
        # The connection itself does not wait for strangers, because the loop must not.
        latest = time.monotonic() + self._busy_seconds
        while True:
            try:
                cursor.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > latest:
                    raise
                time.sleep(_BUSY_STEP_SECONDS)
            else:
                return

    def _run_one(self, cursor: sqlite3.Cursor, unit: Unit, batch: Batch) -> None:
        mark, published = self._memory.mark(), len(batch.topics)
        if batch.careful:
            cursor.execute("SAVEPOINT unit")
        drive(cursor, unit, self._memory, batch.topics)
        if unit.error is not None:
            self._memory.undo(mark)
            del batch.topics[published:]
            # A full disk makes SQLite roll the whole transaction back by itself: then the others are lost too, and
            # whoever ran next would commit statement by statement. This fails then, and `_undo` follows.
            if batch.careful:
                cursor.execute("ROLLBACK TO unit")
            else:
                self._take_back()
                batch.broken = True
        elif not self._handle.in_transaction:
            raise sqlite3.OperationalError("SQLite has taken the transaction back")
        if batch.careful:
            cursor.execute("RELEASE unit")

    def _read_ahead(self, cursor: sqlite3.Cursor, batch: Batch, *, here: bool) -> None:
        """For those who wait for this commit: so they need not read behind it what is at hand now."""
        if batch.topics and not batch.broken:
            batch.ahead = self._ahead.make(cursor, self._memory, batch.topics, here=here)

    def _take_back(self) -> None:
        """All that the batch has done so far."""
        roll_back(self._handle)
        self._memory.undo(0)

    @staticmethod
    def _must_run_again(batch: Batch) -> bool:
        """Whether a unit that failed has taken others with it, which are to run without it."""
        return batch.broken and len(batch.units) > 1

    def _commit(self, batch: Batch) -> None:
        """On the thread, as it waits for the disk."""
        try:
            self._handle.execute("COMMIT")
            self._memory.settle()
        except sqlite3.Error as error:
            self._undo(batch, error)

    def _undo(self, batch: Batch, error: BaseException) -> None:
        self._take_back()
        batch.fail(error)

    def _tell(self, batch: Batch) -> None:
        try:
            if batch.ahead is not None:
                self._ahead.keep(batch.ahead, self._handle)
            if batch.topics:
                self._on_commit(batch.topics)
        except Exception:
            _LOG.exception("what follows a commit failed; the commit itself holds")
        for unit in batch.units:
            unit.tell()
