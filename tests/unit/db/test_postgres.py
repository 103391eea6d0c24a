"""What only PostgreSQL does: deadlocks, lost connections, fences between organisations."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import pytest

from approvals_hub.core.errors import Unavailable
from approvals_hub.db.database import Tx
from approvals_hub.db.postgres import PostgresDatabase
from tests.postgres_server import PostgresServer
from tests.unit.db.settings import names, put, value_of

AGENT = (
    "INSERT INTO agents (id, org_id, name, role, owner_id, state, created_at, changed_at)"
    " VALUES (:id, :org, 'a', 'a', 'per_1', 'active', 0, 0)"
)
SLOW_COMMIT = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(20); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON hub_settings DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION slow()
"""


@pytest.fixture
async def owner(postgres_server: PostgresServer, postgres_uri: str) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection to the test's database, to be the world outside the hub."""
    connection = await asyncpg.connect(postgres_server.as_superuser(postgres_uri))
    yield connection
    await connection.close()


async def agents(tx: Tx) -> list[str]:
    return [row["id"] for row in await tx.rows("SELECT id FROM agents ORDER BY id")]


async def put_agent(tx: Tx, agent: str, org: str) -> int:
    return await tx.execute(AGENT, id=agent, org=org)


async def backend(tx: Tx) -> int:
    row = await tx.row("SELECT pg_backend_pid() AS pid")
    assert row is not None
    return int(row["pid"])


async def until(owner: asyncpg.Connection, sql: str, *arguments: Any) -> None:
    """Wait until the server answers `sql` with a row."""
    async with asyncio.timeout(10):
        while not await owner.fetch(sql, *arguments):
            await asyncio.sleep(0.01)


async def test_a_unit_sees_and_writes_rows_of_its_organisation_alone(postgres_database: PostgresDatabase) -> None:
    await postgres_database.run(lambda tx: put_agent(tx, "agt_1", "org_1"), org="org_1")
    await postgres_database.run(lambda tx: put_agent(tx, "agt_2", "org_2"))  # a unit of no single organisation
    for call in (postgres_database.run, postgres_database.read):
        assert await call(agents, org="org_1") == ["agt_1"]
        assert await call(agents, org="org_2") == ["agt_2"]
        assert await call(agents, org="org_3") == []
        assert await call(agents) == ["agt_1", "agt_2"]


async def test_a_row_of_another_organisation_can_be_neither_made_nor_changed(
    postgres_database: PostgresDatabase,
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await postgres_database.run(lambda tx: put_agent(tx, "agt_2", "org_2"), org="org_1")
    await postgres_database.run(lambda tx: put_agent(tx, "agt_2", "org_2"), org="org_2")
    for sql in ("UPDATE agents SET state = 'revoked'", "DELETE FROM agents"):
        assert await postgres_database.run(lambda tx, sql=sql: tx.execute(sql), org="org_1") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await postgres_database.run(lambda tx: tx.execute("UPDATE agents SET org_id = 'org_3'"), org="org_2")


async def test_an_organisation_does_not_leak_into_the_next_unit_on_the_same_connection(postgres_uri: str) -> None:
    database = await PostgresDatabase.open(postgres_uri, writers=1, readers=1)
    await database.run(lambda tx: put_agent(tx, "agt_1", "org_1"), org="org_1")
    for call in (database.run, database.read):
        for org, expected in (("org_1", ["agt_1"]), ("org_2", []), (None, ["agt_1"]), ("org_2", [])):
            assert await call(agents, org=org) == expected
    await database.close()


@pytest.mark.parametrize("org", ["", "org'; DROP TABLE agents; --", "org 1", "**", "org_1\n"])
async def test_an_organisation_that_is_no_id_is_refused(postgres_database: PostgresDatabase, org: str) -> None:
    for call in (postgres_database.run, postgres_database.read):
        with pytest.raises(ValueError, match="no organisation's id"):
            await call(agents, org=org)


async def test_a_deadlock_is_broken_and_both_units_succeed(postgres_database: PostgresDatabase) -> None:
    await postgres_database.run(lambda tx: put(tx, "a", "0"))
    await postgres_database.run(lambda tx: put(tx, "b", "0"))
    both_hold_one = asyncio.Barrier(2)
    tries = 0

    async def work(tx: Tx, first: str, second: str) -> None:
        nonlocal tries
        tries += 1
        sql = "UPDATE hub_settings SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE name = :name"
        await tx.execute(sql, name=first)
        if tries <= 2:
            await both_hold_one.wait()
        await tx.execute(sql, name=second)

    await asyncio.gather(
        postgres_database.run(lambda tx: work(tx, "a", "b")), postgres_database.run(lambda tx: work(tx, "b", "a"))
    )
    # The one that runs again may meet the other anew.
    assert tries > 2
    assert await postgres_database.read(lambda tx: value_of(tx, "a")) == "2"
    assert await postgres_database.read(lambda tx: value_of(tx, "b")) == "2"


async def test_what_keeps_colliding_is_given_up_after_a_few_tries(postgres_database: PostgresDatabase) -> None:
    tries = 0

    async def work(tx: Tx) -> None:
        nonlocal tries
        tries += 1
        tx.memory["tries"] = tries
        tx.changed("x")
        raise asyncpg.SerializationError

    with pytest.raises(Unavailable, match="nothing was changed"):
        await postgres_database.run(work)
    assert tries == 4


async def test_a_unit_that_runs_again_publishes_once(postgres_uri: str) -> None:
    published: list[Sequence[str]] = []
    database = await PostgresDatabase.open(postgres_uri, on_commit=published.append)
    tries = 0

    async def work(tx: Tx) -> None:
        nonlocal tries
        tries += 1
        tx.changed(f"try {tries}")
        if tries < 3:
            raise asyncpg.DeadlockDetectedError

    await database.run(work)
    assert published == [["try 3"]]
    await database.close()


async def test_a_lock_holds_others_off_until_the_unit_ends(
    postgres_database: PostgresDatabase, owner: asyncpg.Connection
) -> None:
    await postgres_database.run(lambda tx: put_agent(tx, "agt_1", "org_1"))
    locked, go_on = asyncio.Event(), asyncio.Event()
    order: list[str] = []

    async def first(tx: Tx) -> None:
        await tx.lock("agents", "agt_1")
        locked.set()
        await go_on.wait()
        order.append("first")

    async def second(tx: Tx) -> None:
        await tx.lock("agents", "agt_1")
        order.append("second")

    holding = asyncio.create_task(postgres_database.run(first))
    await locked.wait()
    waiting = asyncio.create_task(postgres_database.run(second))
    await until(owner, "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    go_on.set()
    await asyncio.gather(holding, waiting)
    assert order == ["first", "second"]


async def test_a_connection_lost_in_a_unit_changes_nothing_and_the_next_unit_gets_another(
    postgres_uri: str, owner: asyncpg.Connection
) -> None:
    database = await PostgresDatabase.open(postgres_uri, writers=1, readers=1)

    async def work(tx: Tx) -> None:
        tx.memory["seq"] = 1
        await put(tx, "a")
        await owner.execute("SELECT pg_terminate_backend($1)", await backend(tx))
        await put(tx, "b")

    async def remembered(tx: Tx) -> Any:
        return tx.memory.get("seq")

    with pytest.raises(Unavailable, match="nothing was changed"):
        await database.run(work)
    assert await database.run(remembered) is None
    assert await database.read(names) == []
    await database.close()


async def test_a_connection_lost_in_the_commit_says_that_the_outcome_is_unknown(
    postgres_uri: str, owner: asyncpg.Connection
) -> None:
    published: list[Sequence[str]] = []
    database = await PostgresDatabase.open(postgres_uri, writers=1, on_commit=published.append)
    await owner.execute(SLOW_COMMIT)
    pids: list[int] = []

    async def work(tx: Tx) -> None:
        pids.append(await backend(tx))
        await put(tx, "a")
        tx.memory["seq"] = 1
        tx.changed("a")

    async def remembered(tx: Tx) -> Any:
        return tx.memory.get("seq")

    running = asyncio.create_task(database.run(work))
    await until(owner, "SELECT 1 FROM pg_stat_activity WHERE query = 'COMMIT' AND wait_event = 'PgSleep'")
    await owner.execute("SELECT pg_terminate_backend($1)", pids[0])
    with pytest.raises(Unavailable) as caught:
        await running
    assert caught.value.code == "outcome_unknown"
    assert published == [["a"]]  # it may have happened, so who waits looks again
    assert await database.run(remembered) is None
    await database.close()


async def test_a_unit_that_goes_on_after_a_failed_statement_is_not_taken_for_done(
    postgres_database: PostgresDatabase,
) -> None:
    async def stubborn(tx: Tx) -> None:
        await put(tx, "a")
        with contextlib.suppress(asyncpg.UniqueViolationError):
            await put(tx, "a")

    with pytest.raises(RuntimeError, match="rolled back"):
        await postgres_database.run(stubborn)
    assert await postgres_database.read(names) == []


async def test_a_statement_prepared_before_a_migration_works_after_it(
    postgres_uri: str, owner: asyncpg.Connection
) -> None:
    database = await PostgresDatabase.open(postgres_uri, writers=1)

    async def everything(tx: Tx) -> int:
        return len(await tx.rows("SELECT * FROM hub_settings"))

    await database.run(lambda tx: put(tx, "a"))
    assert await database.run(everything) == 1
    await owner.execute("ALTER TABLE hub_settings ADD COLUMN more TEXT")
    assert await database.run(everything) == 1
    await database.close()


async def test_units_share_few_connections(postgres_server: PostgresServer, lone_postgres_uri: str) -> None:
    owner = await asyncpg.connect(postgres_server.as_superuser(lone_postgres_uri))
    database = await PostgresDatabase.open(lone_postgres_uri, writers=3, readers=2)
    await asyncio.gather(*[database.run(backend) for _ in range(50)], *[database.read(backend) for _ in range(50)])
    ours = "FROM pg_stat_activity WHERE application_name = 'approvals-hub' AND datname = current_database()"
    assert await owner.fetchval(f"SELECT COUNT(*) {ours}") <= 5
    await database.close()
    await until(owner, f"SELECT 1 {ours} HAVING COUNT(*) = 0")
    await owner.close()
