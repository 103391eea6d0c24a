"""What a use case makes the hub do: its SQL statements and its hashes, seals and comparisons, in order.

Two calls that do the same work take a similar time, on every machine and under every load; a stopwatch shows that only
on a quiet one. Everything runs on the real database: this only looks on.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, TypeVar

from approvals_hub.db.database import Database, ReadAhead, Row, Tx, Work

T = TypeVar("T")

SEALS, OPENS = (f"crypto_aead_xchacha20poly1305_ietf_{what}" for what in ("encrypt", "decrypt"))
_COSTS = frozenset({"hmac_digest", "openssl_sha256", "compare_digest", "_compare_digest", SEALS, OPENS})
"""Functions in C whose time a caller could measure, by name."""


@dataclass
class Watched:
    """A database that notes what is done with it, and in its units of work."""

    real: Database
    done: list[str] = field(default_factory=list)

    async def run(self, work: Work[T], *, org: str | None = None) -> T:
        return await self.real.run(self._noted(work), org=org)

    async def read(self, work: Work[T], *, org: str | None = None) -> T:
        return await self.real.read(self._noted(work), org=org)

    def read_ahead(self, topic: str, work: Work[T]) -> ReadAhead[T]:
        return self.real.read_ahead(topic, self._noted(work))

    async def close(self) -> None:
        await self.real.close()

    async def work_of(self, call: Callable[[], Awaitable[Any]]) -> list[str]:
        """What this one call made the hub do."""
        self.done.clear()
        with _profiled(self.done):
            await call()
        return list(self.done)

    def _noted(self, work: Work[T]) -> Work[T]:
        async def noted(tx: Tx) -> T:
            # A unit may run on another thread than its caller.
            with _profiled(self.done):
                return await work(_NotingTx(tx, self.done))

        return noted


@dataclass
class _NotingTx:
    _tx: Tx
    _done: list[str]

    @property
    def memory(self) -> dict[str, Any]:
        return self._tx.memory

    async def row(self, sql: str, /, **params: Any) -> Row | None:
        self._done.append(sql)
        return await self._tx.row(sql, **params)

    async def rows(self, sql: str, /, **params: Any) -> list[Row]:
        self._done.append(sql)
        return await self._tx.rows(sql, **params)

    async def execute(self, sql: str, /, **params: Any) -> int:
        self._done.append(sql)
        return await self._tx.execute(sql, **params)

    async def lock(self, table: str, id: str) -> None:  # noqa: A002 -- the column's name
        self._done.append(f"lock {table}")
        await self._tx.lock(table, id)

    def changed(self, topic: str) -> None:
        self._done.append("changed")
        self._tx.changed(topic)


@contextmanager
def _profiled(done: list[str]) -> Iterator[None]:
    def look(frame: FrameType, event: str, called: Any) -> None:
        if event == "c_call" and getattr(called, "__name__", "") in _COSTS:
            done.append(called.__name__)

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(before)
