"""Databases that tests use one after another: nothing of one test may reach the next."""

from __future__ import annotations

from collections.abc import Iterator

import asyncpg
import pytest

from tests.postgres_server import MOST_USES, PostgresServer, put_rows, rows_as_sql

SETTING = "INSERT INTO hub_settings (name, value) VALUES ('left', 'behind')"


async def run(uri: str, statement: str) -> None:
    connection = await asyncpg.connect(uri)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def rows_in(uri: str, table: str) -> int:
    connection = await asyncpg.connect(uri)
    try:
        found: int = await connection.fetchval(f"SELECT count(*) FROM {table}")
    finally:
        await connection.close()
    return found


@pytest.fixture
def server(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    """The run's server with no database given back yet."""
    server = PostgresServer(postgres_server.folder)
    yield server
    server.leave()


async def test_a_database_given_back_is_taken_again_without_its_rows(server: PostgresServer) -> None:
    uri = await server.take()
    await run(uri, SETTING)
    await server.give_back(uri)
    assert await server.take() == uri
    assert await rows_in(uri, "hub_settings") == 0
    assert await rows_in(uri, "schema_migrations") > 0
    await server.drop(uri)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE words (id INTEGER)",
        "ALTER TABLE hub_settings ADD COLUMN more TEXT",
        "ALTER TABLE escalations NO FORCE ROW LEVEL SECURITY",
        "DROP INDEX escalations_open",
        "DELETE FROM schema_migrations",
        "CREATE FUNCTION one() RETURNS INTEGER LANGUAGE sql AS 'SELECT 1'",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''1MB''', current_database()); END $$",
    ],
)
async def test_a_database_whose_shape_was_changed_is_thrown_away(server: PostgresServer, change: str) -> None:
    uri = await server.take()
    await run(uri, change)
    await server.give_back(uri)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(uri)


async def test_who_is_still_connected_is_cut_off_before_the_next_test(server: PostgresServer) -> None:
    uri = await server.take()
    left = await asyncpg.connect(uri)
    await left.execute("BEGIN")
    await left.execute(SETTING)
    await server.give_back(uri)
    # The last of these: it was told in the midst of this very call.
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError, asyncpg.InternalClientError)):
        await left.execute("COMMIT")
    assert await server.take() == uri
    assert await rows_in(uri, "hub_settings") == 0
    await server.drop(uri)


async def test_a_test_that_cuts_everybody_off_leaves_its_database_usable(server: PostgresServer) -> None:
    uri = await server.take()
    await server.give_back(uri)
    assert await server.take() == uri
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    await run(server.as_superuser(uri), f"{SETTING}; SELECT pg_terminate_backend(pid, 10000) {others}")
    await server.give_back(uri)
    assert await server.take() == uri
    assert await rows_in(uri, "hub_settings") == 0
    await server.drop(uri)


async def test_a_worn_database_is_thrown_away(server: PostgresServer) -> None:
    uri = await server.take()
    for _ in range(MOST_USES - 1):
        await server.give_back(uri)
        assert await server.take() == uri
    await server.give_back(uri)
    assert await server.take() != uri


async def test_rows_put_into_another_database_are_those_of_the_first(server: PostgresServer) -> None:
    first, second = await server.take(), await server.create()
    await run(
        first, "INSERT INTO hub_settings (name, value) VALUES ('it''s', E'a \\\\ and\\nmore'), ('plain', '(1,\"x\")')"
    )
    await put_rows(second, await rows_as_sql(first))
    tellings = []
    for uri in (first, second):
        connection = await asyncpg.connect(uri)
        tellings.append(await connection.fetch("SELECT * FROM hub_settings ORDER BY name"))
        await connection.close()
    assert len(tellings[0]) == 2
    assert tellings[0] == tellings[1]
    for uri in (first, second):
        await server.drop(uri)


async def session_of(uri: str, **settings: str) -> asyncpg.Connection:
    return await asyncpg.connect(uri, server_settings=settings)


async def test_a_process_of_the_server_is_used_again_and_remembers_nothing(server: PostgresServer) -> None:
    uri = await server.take()
    first = await session_of(uri)
    number = await first.fetchval("SELECT pg_backend_pid()")
    await first.execute("SELECT pg_advisory_lock(7); SET work_mem = '1MB'; CREATE TEMP TABLE mine (id INTEGER)")
    await first.add_listener("news", print)
    await first.execute(f"PREPARE mine AS SELECT 1; BEGIN; {SETTING}")
    await first.close()
    again = await session_of(uri)
    assert await again.fetchval("SELECT pg_backend_pid()") == number
    assert await again.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = $1", number) == 0
    assert await again.fetchval("SHOW work_mem") != "1MB"
    assert await again.fetchval("SELECT to_regclass('mine')") is None
    assert await again.fetchval("SELECT count(*) FROM pg_listening_channels()") == 0
    assert await again.fetchval("SELECT count(*) FROM pg_prepared_statements WHERE name = 'mine'") == 0
    assert await rows_in(uri, "hub_settings") == 0
    await again.close()
    await server.drop(uri)


async def test_a_process_of_the_server_that_has_ended_or_has_other_settings_is_not_used(server: PostgresServer) -> None:
    uri = await server.take()
    first = await session_of(uri)
    number = await first.fetchval("SELECT pg_backend_pid()")
    await first.close()
    other = await session_of(uri, work_mem="1MB")
    assert await other.fetchval("SHOW work_mem") == "1MB"
    assert await other.fetchval("SELECT pg_terminate_backend($1, 10000)", number)
    again = await session_of(uri)
    assert await again.fetchval("SELECT pg_backend_pid()") != number
    again.terminate()
    third = await session_of(uri)
    assert await third.fetchval("SELECT 1") == 1
    await third.close()
    await other.close()
    await server.drop(uri)
