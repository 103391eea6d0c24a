"""PostgreSQL sessions: how they are opened, what they promise, and a unit's statements on one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

import asyncpg  # type: ignore[import-untyped]

from approvals_hub.core.errors import Unavailable
from approvals_hub.db.database import Row
from approvals_hub.db.memory import Memory
from approvals_hub.db.sql import for_postgres, plain_name

ACQUIRE_SECONDS = 5.0
"""How long a unit waits for a connection."""

_STATEMENT_SECONDS = 10.0
_LOCK_SECONDS = 5.0
_STATEMENTS = 512
_SESSION = {
    "application_name": "approvals-hub",
    "statement_timeout": str(int(_STATEMENT_SECONDS * 1000)),
    "lock_timeout": str(int(_LOCK_SECONDS * 1000)),
    "idle_in_transaction_session_timeout": "30000",
    "jit": "off",  # compiling costs more than these short statements
    "TimeZone": "UTC",
}


class Session(asyncpg.Connection):  # type: ignore[misc]  # asyncpg carries no types
    """A connection, what it remembers, and the organisation that a reader is set to."""

    __slots__ = ("memory", "org")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.memory = Memory()
        self.org = ""


class PostgresTx:
    """The `Tx` of one unit."""

    __slots__ = ("_session", "_topics", "memory")

    def __init__(self, session: Session, topics: list[str] | None) -> None:
        self._session: Session | None = session
        self._topics = topics
        self.memory: dict[str, Any] = session.memory

    async def row(self, sql: str, /, **params: Any) -> Row | None:
        """The first row, or None."""
        text, arguments = for_postgres(sql, params)
        return cast("Row | None", await self._live().fetchrow(text, *arguments))

    async def rows(self, sql: str, /, **params: Any) -> list[Row]:
        """All rows."""
        text, arguments = for_postgres(sql, params)
        return cast("list[Row]", await self._live().fetch(text, *arguments))

    async def execute(self, sql: str, /, **params: Any) -> int:
        """Run one statement and say how many rows it changed."""
        text, arguments = for_postgres(sql, params)
        done: str = await self._live().execute(text, *arguments)
        return int(done.rpartition(" ")[2]) if done.startswith(("INSERT", "UPDATE", "DELETE")) else 0

    async def lock(self, table: str, id: str) -> None:  # noqa: A002 -- the column's name
        """Hold the row until the unit ends."""
        await self._live().fetchrow(f"SELECT 1 FROM {plain_name(table)} WHERE id = $1 FOR UPDATE", id)  # noqa: S608 -- a plain name

    def changed(self, topic: str) -> None:
        """Publish `topic` after the commit. Raises RuntimeError on a reader."""
        if self._topics is None:
            raise RuntimeError("a reader changes nothing, so it has nothing to publish")
        self._topics.append(topic)

    def end(self) -> None:
        """Make a `tx` that somebody kept useless: its statements would land in another unit."""
        self._session = None

    def _live(self) -> Session:
        if self._session is None:
            raise RuntimeError("this unit of work has ended")
        return self._session


async def open_pool(uri: str, size: int, *, read_only: str) -> asyncpg.Pool:
    """At most `size` sessions, one of them opened now; `read_only` is 'on' or 'off'. Raises asyncpg's errors."""
    return await asyncpg.create_pool(
        uri,
        min_size=1,
        max_size=size,
        max_inactive_connection_lifetime=0,
        connection_class=Session,
        init=_prepare,
        reset=_keep_as_it_is,
        statement_cache_size=_STATEMENTS,
        max_cached_statement_lifetime=0,
        timeout=ACQUIRE_SECONDS,
        command_timeout=_STATEMENT_SECONDS + 1,
        server_settings=_SESSION | {"default_transaction_read_only": read_only},
    )


async def check_server(session: asyncpg.Connection) -> None:
    """Raise Unavailable when this server or role is set up so that the hub's promises do not hold."""
    row = await session.fetchrow(
        "SELECT rolsuper OR rolbypassrls AS unbound, current_setting('synchronous_commit') AS durable,"
        " current_setting('server_encoding') AS encoding FROM pg_roles WHERE rolname = current_user"
    )
    if row["unbound"]:
        raise unavailable(
            "row level security does not bind this role; connect as one made with"
            " CREATE ROLE hub LOGIN NOSUPERUSER NOBYPASSRLS that owns the database"
        )
    if row["durable"] == "off":
        raise unavailable("synchronous_commit is off, so an acknowledged approval could be lost; set it to on")
    if row["encoding"] != "UTF8":
        raise unavailable(f"the database's encoding is {row['encoding']}; create it with ENCODING 'UTF8'")


async def _prepare(session: asyncpg.Connection) -> None:
    # SUM over BIGINT is NUMERIC here and an integer on SQLite.
    await session.set_type_codec("numeric", schema="pg_catalog", encoder=str, decoder=_number, format="text")


def _number(text: str) -> int | float:
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else float(number)


async def _keep_as_it_is(session: asyncpg.Connection) -> None:
    # In place of asyncpg's RESET ALL, which costs a round trip after every unit. A transaction that was left open is
    # rolled back before this is called.
    return


def unavailable(detail: str) -> Unavailable:
    """The refusal that callers see; the engine's error goes in as its cause."""
    return Unavailable("database_unavailable", detail, next_step="Try again in a moment.", retry_after=1)
