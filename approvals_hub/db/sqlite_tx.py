"""One unit of work on SQLite: its statements, and how its coroutine is driven from start to end."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import sqlite3
from collections.abc import Callable
from typing import Any, Protocol

from approvals_hub.core.errors import Unavailable
from approvals_hub.db.database import Row, Work, inside_unit
from approvals_hub.db.memory import Memory
from approvals_hub.db.sql import for_sqlite, plain_name, plain_names

_LOG = logging.getLogger(__name__)
_NOT_THE_UNITS_FAULT = frozenset(
    [
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOTADB,
    ]
)


class Unit:
    """One unit of work in line, and what became of it."""

    __slots__ = ("context", "error", "future", "result", "work")

    def __init__(self, work: Work[Any], future: asyncio.Future[Any] | None) -> None:
        self.work = work
        self.future = future
        self.context = contextvars.copy_context()
        self.result: Any = None
        self.error: BaseException | None = None

    def tell(self) -> None:
        """Let the caller have its result, unless it has gone away. On the event loop."""
        if self.future is None or self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Cursor(Protocol):
    """What a unit needs of a cursor."""

    @property
    def connection(self) -> sqlite3.Connection:
        """Where it runs."""

    @property
    def execute(self) -> Callable[..., sqlite3.Cursor]:
        """Run a statement."""


class SqliteTx:
    """The `Tx` of one unit."""

    __slots__ = ("_connection", "_execute", "_topics", "memory")

    def __init__(self, cursor: Cursor, memory: Memory, topics: list[str] | None) -> None:
        self._connection = cursor.connection
        self._execute: Callable[..., sqlite3.Cursor] = cursor.execute
        self._topics = topics
        self.memory: dict[str, Any] = memory

    async def row(self, sql: str, /, **params: Any) -> Row | None:
        """The first row, or None."""
        if params.keys() != plain_names.get(sql):
            sql, params = for_sqlite(sql, params)
        try:
            row: Row | None = self._execute(sql, params).fetchone()
        except sqlite3.Error as error:
            raise self._failed(error) from error
        return row

    async def rows(self, sql: str, /, **params: Any) -> list[Row]:
        """All rows."""
        if params.keys() != plain_names.get(sql):
            sql, params = for_sqlite(sql, params)
        try:
            rows: list[Row] = self._execute(sql, params).fetchall()
        except sqlite3.Error as error:
            raise self._failed(error) from error
        return rows

    async def execute(self, sql: str, /, **params: Any) -> int:
        """Run one statement and say how many rows it changed."""
        if params.keys() != plain_names.get(sql):
            sql, params = for_sqlite(sql, params)
        try:
            return max(self._execute(sql, params).rowcount, 0)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    async def lock(self, table: str, id: str) -> None:  # noqa: A002 -- the column's name
        """Nothing to do: one unit writes at a time."""
        plain_name(table)

    def changed(self, topic: str) -> None:
        """Publish `topic` after the commit. Raises RuntimeError on a reader."""
        if self._topics is None:
            raise RuntimeError("a reader changes nothing, so it has nothing to publish")
        self._topics.append(topic)

    def end(self) -> None:
        """Make a `tx` that somebody kept useless: its statements would land in another unit."""
        self._execute = _refuse
        self._topics = None

    def _failed(self, error: sqlite3.Error) -> Exception:
        if not self._connection.in_transaction:
            # SQLite rolls a transaction back by itself when the disk is full. A unit that caught the error and went on
            # would commit statement by statement.
            self.end()
        return unavailable(error) if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NOT_THE_UNITS_FAULT else error


def drive(cursor: Cursor, unit: Unit, memory: Memory, topics: list[str] | None) -> None:
    """Run the unit's coroutine to its end on this thread and keep its result or its exception."""
    tx = SqliteTx(cursor, memory, topics)
    try:
        coroutine = unit.work(tx)
        unit.context.run(_step, coroutine)
    except StopIteration as stop:
        unit.result = stop.value
    except BaseException as error:
        unit.error = error
    tx.end()


def _step(coroutine: Any) -> None:
    """Ends with the StopIteration that carries the result; a coroutine that waits is ended with RuntimeError."""
    with inside_unit():
        coroutine.send(None)
    coroutine.close()
    raise RuntimeError("a unit of work awaited something that is not its own tx")


def _refuse(*_: Any) -> Any:
    raise RuntimeError("this unit of work has ended")


def roll_back(connection: sqlite3.Connection) -> None:
    """End the transaction that SQLite has not ended by itself."""
    if connection.in_transaction:
        try:
            connection.execute("ROLLBACK")
        except sqlite3.Error:
            _LOG.exception("the transaction could not be rolled back")


def unavailable(error: BaseException) -> Unavailable:
    """The refusal that callers see for an engine's error, which stays its cause."""
    if isinstance(error, Unavailable):
        return error
    lost = Unavailable(
        "database_unavailable",
        "the database cannot answer now; nothing was changed",
        next_step="Try again in a moment.",
        retry_after=1,
    )
    lost.__cause__ = error
    return lost
