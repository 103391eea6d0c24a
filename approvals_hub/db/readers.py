"""SQLite's readers: each unit of work sees one snapshot and can change nothing.

Short units run on the event loop, on a connection of its own; long ones on the threads of the others.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import Any

import aiosqlite

from approvals_hub.db.database import Work
from approvals_hub.db.memory import Memory
from approvals_hub.db.pace import Pace
from approvals_hub.db.read_ahead import ReadsAhead
from approvals_hub.db.sqlite_tx import Unit, drive, roll_back, unavailable


class Readers:
    """The first connection is the loop's, the others have threads; a connection has a memory, as a writer's has.

    Those with threads are open, and get their settings with their first unit: many a hub never has two long ones at a
    time.
    """

    def __init__(
        self, connections: Sequence[aiosqlite.Connection], apply_settings: Callable[[sqlite3.Connection], None]
    ) -> None:
        self._connections = list(connections)
        self._without_settings = set(range(1, len(self._connections)))
        self._apply_settings = apply_settings
        self._handles: list[sqlite3.Connection] = [connection._conn for connection in connections]
        self._memories = [Memory() for _ in connections]
        self._loads = [0] * len(self._connections)
        self._loop = asyncio.get_running_loop()
        self._pace = Pace()
        self.ahead = ReadsAhead(self._handles[0], self._pace)

    async def put(self, work: Work[Any]) -> Any:
        """Run `work` and return what it returns."""
        if self._pace.is_short(work):
            unit = Unit(work, None)
            before, busy = time.perf_counter(), time.thread_time()
            self._run(0, unit)
            self._pace.took(work, time.thread_time() - busy, time.perf_counter() - before)
            if unit.error is not None:
                raise unit.error
            return unit.result
        return await self._on_a_thread(work)

    async def close(self) -> None:
        """Finish what is under way, then close the connections."""
        for connection in self._connections:
            await connection.close()

    async def _on_a_thread(self, work: Work[Any]) -> Any:
        """On the connection with the least to do. A cancelled caller leaves its unit there."""
        future: asyncio.Future[Any] = self._loop.create_future()
        unit = Unit(work, future)
        number = min(range(1, len(self._connections)), key=self._loads.__getitem__)
        self._loads[number] += 1
        ran = asyncio.ensure_future(self._connections[number]._execute(self._run_long, number, unit))  # type: ignore[no-untyped-call]

        def done(ended: asyncio.Future[None]) -> None:
            self._loads[number] -= 1
            unit.error = unit.error or ended.exception()
            unit.tell()

        ran.add_done_callback(done)
        return await future

    def _run_long(self, number: int, unit: Unit) -> None:
        try:
            if number in self._without_settings:
                self._apply_settings(self._handles[number])
                self._without_settings.discard(number)
        except sqlite3.Error as error:
            unit.error = unavailable(error)
            return
        before = time.thread_time()
        self._run(number, unit)
        self._pace.took(unit.work, time.thread_time() - before, 0)

    def _run(self, number: int, unit: Unit) -> None:
        cursor = self._handles[number].cursor()
        try:
            cursor.execute("BEGIN")
            drive(cursor, unit, self._memories[number], None)
            cursor.execute("COMMIT")
        except sqlite3.Error as error:
            unit.error = unit.error or unavailable(error)
            roll_back(self._handles[number])
        self._memories[number].settle()
