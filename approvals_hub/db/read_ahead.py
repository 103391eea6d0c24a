"""SQLite: a read that is made at the end of the very transaction whose commit it waits for.

Whoever a commit wakes reads next what that commit has changed. The writer can read it just before it commits, and what
it has read holds for as long as nothing else is committed. SQLite itself is asked whether anything was
(`PRAGMA data_version`): by a connection that only reads, which sees every commit of others, and by the writer's own,
which sees the commits of strangers alone. In doubt there is nothing, and whoever was woken reads as ever.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from approvals_hub.db.database import Work
from approvals_hub.db.memory import Memory
from approvals_hub.db.pace import Pace
from approvals_hub.db.sqlite_tx import Unit, drive

T = TypeVar("T")

_MOST = 4
"""Reads ahead of one commit. A unit that ends a thousand questions must not hold the writer for a thousand readers."""


class Ahead(Generic[T]):
    """The `ReadAhead` of one waiter. On the event loop."""

    __slots__ = ("_all", "_found", "_topic", "_version", "work")

    def __init__(self, all_of_them: ReadsAhead, topic: str, work: Work[T]) -> None:
        self._all = all_of_them
        self._topic = topic
        self._found: T | None = None
        self._version: int | None = None
        self.work = work

    def keep(self, found: T, version: int | None) -> None:
        """It was read, and is true as long as the reader's version of the file is this one."""
        self._found, self._version = found, version

    def take(self) -> T | None:
        """What was read, once, unless something has been committed since."""
        found, self._found = self._found, None
        return found if found is not None and self._version == self._all.version() is not None else None

    def close(self) -> None:
        """Read no more."""
        self._found = None
        self._all.forget(self._topic, self)


class Made:
    """What was read in one transaction, of which nobody knows yet whether it will be committed."""

    __slots__ = ("found", "version")

    def __init__(self, version: int | None) -> None:
        self.version = version
        """The writer's own version of the file, which its own commits leave as it is."""
        self.found: list[tuple[Ahead[Any], Any]] = []


class ReadsAhead:
    """All reads that wait for commits of one file, one for each topic: whoever else waits for it reads by itself."""

    def __init__(self, reader: sqlite3.Connection, pace: Pace) -> None:
        """`reader` is the loop's own connection for reading, `pace` what is known of such reads."""
        self._reader = reader
        self._pace = pace
        self._waiting: dict[str, Ahead[Any]] = {}

    def add(self, topic: str, work: Work[T]) -> Ahead[T]:
        """Read with every commit that changes `topic` from now on."""
        ahead = Ahead(self, topic, work)
        self._waiting.setdefault(topic, ahead)
        return ahead

    def forget(self, topic: str, ahead: Ahead[Any]) -> None:
        """Take one out; for `Ahead.close`."""
        if self._waiting.get(topic) is ahead:
            del self._waiting[topic]

    def make(self, cursor: sqlite3.Cursor, memory: Memory, topics: Sequence[str], *, here: bool) -> Made | None:
        """In the transaction, behind all its units: read what waits for these topics; None where nothing does.

        `here`: on the event loop, where only reads are made that are known to be short. A read that fails is left out.
        Raises sqlite3.Error where the transaction is lost.
        """
        due = [ahead for topic in topics if (ahead := self._waiting.get(topic)) is not None][:_MOST]
        if here:
            due = [ahead for ahead in due if self._pace.is_short(ahead.work)]
        if not due:
            return None
        made, reading = Made(_version(cursor.connection)), Reading(cursor)
        for ahead in due:
            unit, mark = Unit(ahead.work, None), memory.mark()
            wall, busy = time.perf_counter(), time.thread_time()
            drive(reading, unit, memory, None)
            self._pace.took(ahead.work, time.thread_time() - busy, time.perf_counter() - wall if here else 0)
            if unit.error is None:
                made.found.append((ahead, unit.result))
            else:
                memory.undo(mark)
        if not cursor.connection.in_transaction:
            raise sqlite3.OperationalError("SQLite has taken the transaction back")
        return made

    def keep(self, made: Made, writer: sqlite3.Connection) -> None:
        """Behind the commit, on the event loop, before anybody hears of it: from now on what was read may be taken."""
        version = self.version()  # first: what a stranger commits behind it changes it, what one did before, the other
        if made.version == _version(writer) is not None:
            for ahead, found in made.found:
                ahead.keep(found, version)

    def version(self) -> int | None:
        """The reader's version of the file: another one after every commit, whoever made it."""
        return _version(self._reader)


class Reading:
    """The writer's cursor for reads: it runs nothing but SELECT, as a reader's connection would."""

    __slots__ = ("_cursor", "connection")

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor
        self.connection = cursor.connection

    def execute(self, sql: str, params: dict[str, Any]) -> sqlite3.Cursor:
        """Raises RuntimeError for any other statement."""
        if not sql.startswith("SELECT "):
            raise RuntimeError("a read ahead runs SELECT and nothing else")
        return self._cursor.execute(sql, params)


class NoReadAhead:
    """The `ReadAhead` of an engine that makes none."""

    def take(self) -> None:
        """Nothing, ever."""

    def close(self) -> None:
        """Nothing to end."""


NO_READ_AHEAD = NoReadAhead()


def _version(connection: sqlite3.Connection) -> int | None:
    """A number that says nothing but whether it is still the same; None where a connection cannot say."""
    try:
        return int(connection.execute("PRAGMA data_version").fetchone()[0])
    except sqlite3.Error:
        return None
