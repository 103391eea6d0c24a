"""The contract of a database: units of work, run whole or not at all.

A unit of work is `async def work(tx)`. It awaits only `tx.…` and functions that await only `tx.…`; time, ids and
randomness are taken before it, because an engine may run it again. A refusal that must leave an audit entry is a value
that the unit returns; an exception rolls the unit back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar

from approvals_hub.core.row import Row as Row

T = TypeVar("T")
Found = TypeVar("Found", covariant=True)

_INSIDE: ContextVar[bool] = ContextVar("inside a unit of work", default=False)

EVERY_ORG = "*"
"""What row level security is told when a unit belongs to no single organisation."""


class Tx(Protocol):
    """What a unit of work may do. It is dead when the unit ends."""

    memory: dict[str, Any]
    """What this connection remembers between units. Values are replaced, never changed in place: a unit that is rolled
    back has its assignments undone. Another process or connection may have written meanwhile: check before trusting."""

    async def row(self, sql: str, /, **params: Any) -> Row | None:
        """The first row, or None. `UPDATE … RETURNING` goes through here; it changes every row that it matches."""

    async def rows(self, sql: str, /, **params: Any) -> list[Row]:
        """All rows; the caller bounds them with LIMIT."""

    async def execute(self, sql: str, /, **params: Any) -> int:
        """Run one statement and say how many rows it changed."""

    async def lock(self, table: str, id: str) -> None:  # noqa: A002 -- the column's name
        """Hold the row against other units until this one ends; no row, no lock.

        SELECT … FOR UPDATE on PostgreSQL, nothing on SQLite, where one unit writes at a time. Raises ValueError when
        `table` is no plain name.
        """

    def changed(self, topic: str) -> None:
        """Say that what `topic` names has changed. Published once, after the commit, never when it is rolled back.

        A topic is a name and nothing else (`esc_…`, `inbox:per_…`): who waits for it reads the database again.
        """


Work = Callable[[Tx], Awaitable[T]]
"""One unit of work. It may be called again, so everything it captures stays as it was."""

OnCommit = Callable[[Sequence[str]], None]
"""Told the topics of what has just been committed, on the event loop, before the callers hear of it. Must not block."""


class inside_unit:  # noqa: N801 -- read as a verb: `with inside_unit():`
    """For engines: the block runs a unit of work. No generator: leaving one by an exception costs ten times as much,
    and every unit of SQLite ends with a StopIteration."""

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        """From here on."""
        self._token = _INSIDE.set(True)

    def __exit__(self, *error: object) -> None:
        """As it was before."""
        _INSIDE.reset(self._token)


def refuse_inside() -> None:
    """For engines: raise RuntimeError inside a unit of work, where another one would wait for the first for ever."""
    if _INSIDE.get():
        raise RuntimeError("a unit of work within a unit of work")


def ignore_topics(topics: Sequence[str]) -> None:
    """An `OnCommit` for a database whose changes nobody waits for."""


class ReadAhead(Protocol[Found]):
    """A read that an engine may make together with a commit, for whoever waits for that commit."""

    def take(self) -> Found | None:
        """What was read, once, and only while a read made now would find the very same; None: read."""

    def close(self) -> None:
        """Read no more. May be called twice."""


class Database(Protocol):
    """An engine: SQLite or PostgreSQL."""

    async def run(self, work: Work[T], *, org: str | None = None) -> T:
        """Run one unit of work and return what it returns, durable by then.

        `org` limits the unit to one organisation's rows where the engine can (row level security); None means all.
        A caller that is cancelled meanwhile does not abort the unit. Raises Unavailable when nothing could be
        committed, and what `work` raises.
        """

    async def read(self, work: Work[T], *, org: str | None = None) -> T:
        """Run `work` on a connection that cannot write, over one snapshot (per statement on PostgreSQL).

        Sees every unit that has returned before. Raises Unavailable, and what `work` raises.
        """

    def read_ahead(self, topic: str, work: Work[T]) -> ReadAhead[T]:
        """Let the engine run `work`, which `read` is given too, with the commits that change `topic`. Close it.

        Whoever subscribes to `topic` and is woken takes what was found, or reads: an engine may make no such read, and
        does not say so.
        """

    async def close(self) -> None:
        """Finish the units under way, refuse others with Unavailable, close every connection. May be called twice."""
