"""PostgreSQL: a unit of work is one READ COMMITTED transaction under row level security.

Needs a direct connection or a pooler in session mode: prepared statements and the organisation belong to a session.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
from typing import Any, TypeVar, cast

import asyncpg  # type: ignore[import-untyped]

from approvals_hub.core.errors import Unavailable
from approvals_hub.db.database import EVERY_ORG, OnCommit, ReadAhead, Work, ignore_topics, inside_unit, refuse_inside
from approvals_hub.db.postgres_session import (
    ACQUIRE_SECONDS,
    PostgresTx,
    Session,
    check_server,
    open_pool,
    unavailable,
)
from approvals_hub.db.read_ahead import NO_READ_AHEAD

T = TypeVar("T")

_LOG = logging.getLogger(__name__)
_ATTEMPTS = 4
_JITTER_SECONDS = 0.02
_ORG = re.compile(r"[A-Za-z0-9_]{1,64}|\*")
_AGAIN = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    # Another process has migrated a table under a prepared statement.
    asyncpg.InvalidCachedStatementError,
)
_NOT_THE_UNITS_FAULT = (
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what asyncpg says when the server's farewell meets the next statement
    OSError,
    TimeoutError,
)
_CONNECTION_IS_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)


class PostgresDatabase:
    """A `Database` on a PostgreSQL server; any number of processes may share it."""

    def __init__(self, uri: str, writers: asyncpg.Pool, readers: asyncpg.Pool, on_commit: OnCommit) -> None:
        self.uri = uri
        self._writers = writers
        self._readers = readers
        self._on_commit = on_commit
        self._units: set[asyncio.Future[Any]] = set()
        self._closed = False

    @classmethod
    async def open(
        cls, uri: str, *, writers: int = 8, readers: int = 4, on_commit: OnCommit = ignore_topics
    ) -> PostgresDatabase:
        """Connect; `writers` and `readers` are the most connections of each kind.

        Raises Unavailable when the server cannot be reached, or is set up so that the hub's promises do not hold: a
        role that row level security does not bind, commits that are acknowledged before they are durable.
        """
        pools: list[asyncpg.Pool] = []
        try:
            pools.append(await open_pool(uri, writers, read_only="off"))
            pools.append(await open_pool(uri, readers, read_only="on"))
            async with pools[0].acquire(timeout=ACQUIRE_SECONDS) as connection:
                await check_server(connection)
        except BaseException as error:
            for pool in pools:
                pool.terminate()
            if isinstance(error, _NOT_THE_UNITS_FAULT):
                raise unavailable(f"the database server cannot be used: {error}") from error
            raise
        return cls(uri, pools[0], pools[1], on_commit)

    async def run(self, work: Work[T], *, org: str | None = None) -> T:
        """Run one unit of work in one transaction; durable when this returns.

        Run again when the server breaks a deadlock. Raises Unavailable with the code `outcome_unknown` when the
        connection was lost during the commit: then it may have happened.
        """
        refuse_inside()
        if self._closed:
            raise unavailable("the database is closed")
        unit = asyncio.ensure_future(self._run(work, f"BEGIN; SET LOCAL hub.org = '{_checked(org)}'"))
        self._units.add(unit)
        unit.add_done_callback(self._units.discard)
        return await asyncio.shield(unit)

    async def read(self, work: Work[T], *, org: str | None = None) -> T:
        """Run `work` on a session that is read-only; every statement has its own snapshot."""
        refuse_inside()
        if self._closed:
            raise unavailable("the database is closed")
        wanted = _checked(org)
        try:
            async with self._readers.acquire(timeout=ACQUIRE_SECONDS) as connection:
                session = cast("Session", connection._con)
                if session.org != wanted:
                    session.org = ""
                    await session.execute(f"SET hub.org = '{wanted}'")
                    session.org = wanted
                tx = PostgresTx(session, None)
                try:
                    with inside_unit():
                        return await work(tx)
                finally:
                    session.memory.settle()
                    tx.end()
        except _NOT_THE_UNITS_FAULT as error:
            raise unavailable("the database cannot answer now") from error

    def read_ahead(self, topic: str, work: Work[T]) -> ReadAhead[T]:
        """None is made: other processes commit as well, and nothing here would know."""
        return NO_READ_AHEAD

    async def close(self) -> None:
        """Finish the units under way, then close every connection. May be called twice."""
        if self._closed:
            return
        self._closed = True
        if self._units:
            await asyncio.wait(set(self._units))
        await self._readers.close()
        await self._writers.close()

    async def _run(self, work: Work[T], begin: str) -> T:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._once(work, begin)
            except _AGAIN as error:
                if attempt == _ATTEMPTS:
                    raise unavailable("others kept changing the same rows; nothing was changed") from error
                await asyncio.sleep(random.uniform(0, _JITTER_SECONDS * attempt))  # noqa: S311 -- no secret
            except _NOT_THE_UNITS_FAULT as error:
                raise unavailable("the database cannot answer now; nothing was changed") from error
        raise AssertionError("unreachable")

    async def _once(self, work: Work[T], begin: str) -> T:
        topics: list[str] = []
        async with self._writers.acquire(timeout=ACQUIRE_SECONDS) as connection:
            session = cast("Session", connection._con)
            tx = PostgresTx(session, topics)
            try:
                await session.execute(begin)
                with inside_unit():
                    result = await work(tx)
                tx.end()
                await self._commit(session, topics)
            except BaseException as error:
                tx.end()
                session.memory.undo(0)
                await _roll_back(session, error)
                raise
            session.memory.settle()
        self._publish(topics)
        return result

    async def _commit(self, session: Session, topics: list[str]) -> None:
        try:
            answer = await session.execute("COMMIT")
        except _NOT_THE_UNITS_FAULT as error:
            session.terminate()
            self._publish(topics)  # it may have happened; who waits reads again
            raise Unavailable(
                "outcome_unknown",
                "the connection was lost during the commit: it may or may not have happened",
                next_step="Ask again with the same idempotency key.",
                retry_after=1,
            ) from error
        if answer != "COMMIT":
            raise RuntimeError("the unit of work went on after a statement had failed, so all of it was rolled back")

    def _publish(self, topics: list[str]) -> None:
        try:
            if topics:
                self._on_commit(topics)
        except Exception:
            _LOG.exception("what follows a commit failed; the commit itself holds")


async def _roll_back(session: Session, error: BaseException) -> None:
    if isinstance(error, _CONNECTION_IS_LOST):
        session.terminate()
    if session.is_closed():
        return
    try:
        if session.is_in_transaction():
            await session.execute("ROLLBACK")
    except (*_NOT_THE_UNITS_FAULT, asyncpg.PostgresError):
        session.terminate()


def _checked(org: str | None) -> str:
    wanted = EVERY_ORG if org is None else org
    if not _ORG.fullmatch(wanted):
        raise ValueError(f"{wanted!r} is no organisation's id")
    return wanted
