"""Bring a PostgreSQL database to the newest schema, and fence the organisations off from each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]

from approvals_hub.core.clock import Clock, system_clock
from approvals_hub.db.migrate import APPLIED_TABLE, FOLDER, Migration, migrations_in, pending
from approvals_hub.db.sql import plain_name

_LOCK = 0x4855_4253
_WAIT_SECONDS = 60.0


async def migrate_postgres(uri: str, *, folder: Path = FOLDER, clock: Clock | None = None) -> list[str]:
    """Apply what is missing and say which files were; one transaction each, safe when two processes start at once.

    Every table with an `org_id` column gets row level security in the transaction that makes it. Raises
    MigrationRefused, and asyncpg.PostgresError for a file that does not run, which is then undone whole.
    """
    migrations = migrations_in(folder)
    done: list[str] = []
    connection = await asyncpg.connect(uri, timeout=_WAIT_SECONDS)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK, timeout=_WAIT_SECONDS)
        for migration in pending(migrations, await _applied(connection)):
            async with connection.transaction():
                await _apply(connection, migration, clock or system_clock())
            done.append(migration.name)
    finally:
        await connection.close()
    return done


async def pending_postgres(uri: str, *, folder: Path = FOLDER) -> list[str]:
    """The names of the files that are still to be applied; changes nothing. Raises MigrationRefused."""
    connection = await asyncpg.connect(uri, timeout=_WAIT_SECONDS)
    try:
        return [migration.name for migration in pending(migrations_in(folder), await _applied(connection))]
    finally:
        await connection.close()


async def row_level_security(connection: asyncpg.Connection, tables: Sequence[str]) -> None:
    """Let a session see and write only rows of the organisation in its `hub.org`; `*` is all, nothing set is none.

    FORCE binds the tables' owner too, which is the role that the hub connects as.
    """
    org = "current_setting('hub.org', true)"
    for table in map(plain_name, tables):
        await connection.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        await connection.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        await connection.execute(f"DROP POLICY IF EXISTS own_org ON {table}")
        await connection.execute(f"CREATE POLICY own_org ON {table} USING (org_id = {org} OR {org} = '*')")


async def _apply(connection: asyncpg.Connection, migration: Migration, clock: Clock) -> None:
    # A migration may rewrite rows of every organisation.
    await connection.execute("SET LOCAL hub.org = '*'")
    await connection.execute(APPLIED_TABLE.replace("INTEGER", "BIGINT"))
    for statement in migration.statements("postgres"):
        await connection.execute(statement)
    await row_level_security(connection, await _tables_with_org(connection))
    await connection.execute(
        "INSERT INTO schema_migrations (name, sha256, applied_at) VALUES ($1, $2, $3)",
        migration.name,
        migration.sha256,
        clock.now(),
    )


async def _applied(connection: asyncpg.Connection) -> dict[str, str]:
    if await connection.fetchval("SELECT to_regclass('schema_migrations')") is None:
        return {}
    return {row["name"]: row["sha256"] for row in await connection.fetch("SELECT name, sha256 FROM schema_migrations")}


async def _tables_with_org(connection: asyncpg.Connection) -> list[str]:
    rows = await connection.fetch(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace"
        " AND a.attname = 'org_id' AND NOT a.attisdropped"
        " AND NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'own_org')"
    )
    return [row["relname"] for row in rows]
