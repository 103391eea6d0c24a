"""How sessions are opened, and which servers are refused."""

from __future__ import annotations

import asyncio
import re

import asyncpg
import pytest

from approvals_hub.core.errors import Unavailable
from approvals_hub.db.database import Tx
from approvals_hub.db.postgres import PostgresDatabase
from tests.postgres_server import PostgresServer
from tests.unit.db.settings import names


async def test_a_role_that_row_level_security_does_not_bind_is_refused(
    postgres_server: PostgresServer, postgres_uri: str
) -> None:
    with pytest.raises(Unavailable, match="row level security does not bind this role"):
        await PostgresDatabase.open(postgres_server.as_superuser(postgres_uri))


async def test_a_server_that_acknowledges_before_the_disk_has_it_is_refused(
    postgres_server: PostgresServer, postgres_uri: str
) -> None:
    owner = await asyncpg.connect(postgres_server.as_superuser(postgres_uri))
    name = await owner.fetchval("SELECT current_database()")
    await owner.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    await owner.close()
    with pytest.raises(Unavailable, match="synchronous_commit is off"):
        await PostgresDatabase.open(postgres_uri)


async def test_a_server_that_is_not_there_is_unavailable(postgres_uri: str) -> None:
    with pytest.raises(Unavailable, match="cannot be used"):
        await PostgresDatabase.open(re.sub(r"host=.*", "host=/nowhere", postgres_uri))


async def test_sessions_have_time_limits_and_no_compiler(postgres_database: PostgresDatabase) -> None:
    async def settings(tx: Tx) -> dict[str, str]:
        rows = await tx.rows(
            "SELECT name, setting FROM pg_settings WHERE name IN"
            " ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'jit', 'TimeZone')"
        )
        return {row["name"]: row["setting"] for row in rows}

    assert await postgres_database.run(settings) == {
        "statement_timeout": "10000",
        "lock_timeout": "5000",
        "idle_in_transaction_session_timeout": "30000",
        "jit": "off",
        "TimeZone": "UTC",
    }


async def test_a_transaction_that_was_left_open_does_not_reach_the_next_unit(postgres_uri: str) -> None:
    database = await PostgresDatabase.open(postgres_uri, writers=1)
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)  # asyncpg complains, rightly
    async with database._writers.acquire() as connection:
        await connection.execute("BEGIN")
        await connection.execute("INSERT INTO hub_settings (name, value) VALUES ('left', '1')")
    assert await database.run(names) == []
    await database.close()
