"""Bring a SQLite file to the newest schema."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from approvals_hub.core.clock import Clock, system_clock
from approvals_hub.db.backup import copy, problems, refuse_torn
from approvals_hub.db.migrate import APPLIED_TABLE, FOLDER, Migration, MigrationRefused, migrations_in, pending

_WAIT_SECONDS = 60


async def migrate_sqlite(path: Path, *, folder: Path = FOLDER, clock: Clock | None = None) -> list[str]:
    """Apply what is missing and say which files were; one transaction each, safe when two processes start at once.

    A file that holds a schema when this begins is copied to `<path>.before-<number>` before each. Raises Unavailable
    for a file that was torn (see `refuse_torn`), MigrationRefused, and sqlite3.Error for a migration that does not run,
    which is then undone whole.
    """
    return await asyncio.to_thread(_migrate, path, migrations_in(folder), clock or system_clock())


async def pending_sqlite(path: Path, *, folder: Path = FOLDER) -> list[str]:
    """The names of the files that are still to be applied; changes nothing. Raises MigrationRefused."""
    return await asyncio.to_thread(_pending, path, migrations_in(folder))


def _migrate(path: Path, migrations: list[Migration], clock: Clock) -> list[str]:
    refuse_torn(path)
    path.touch(mode=0o600)
    done: list[str] = []
    with closing(_connect(path)) as connection:
        before = _applied(connection)
        for migration in pending(migrations, before):
            if _apply(connection, path, migrations, migration, clock, in_use=bool(before)):
                done.append(migration.name)
    return done


def _pending(path: Path, migrations: list[Migration]) -> list[str]:
    if not path.exists():
        return [migration.name for migration in migrations]
    with closing(_connect(path)) as connection:
        connection.execute("PRAGMA query_only = ON")
        return [migration.name for migration in pending(migrations, _applied(connection))]


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=_WAIT_SECONDS)


def _applied(connection: sqlite3.Connection) -> dict[str, str]:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'").fetchone():
        return {}
    return dict(connection.execute("SELECT name, sha256 FROM schema_migrations"))


def _apply(
    connection: sqlite3.Connection,
    path: Path,
    migrations: list[Migration],
    migration: Migration,
    clock: Clock,
    *,
    in_use: bool,
) -> bool:
    connection.execute("BEGIN IMMEDIATE")  # a second process waits here
    try:
        connection.execute(APPLIED_TABLE + " STRICT")
        todo = pending(migrations, _applied(connection))
        if migration not in todo:
            connection.execute("ROLLBACK")
            return False
        if in_use:
            _copy_first(path, migration)
        for statement in migration.statements("sqlite"):
            connection.execute(statement)
        if wrong := problems(connection):
            raise MigrationRefused(f"{migration.name} would break the database: {wrong[0]}")
        connection.execute(
            "INSERT INTO schema_migrations (name, sha256, applied_at) VALUES (?, ?, ?)",
            (migration.name, migration.sha256, clock.now()),
        )
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return True


def _copy_first(path: Path, first: Migration) -> None:
    kept = path.with_name(f"{path.name}.before-{first.name[:4]}")
    kept.unlink(missing_ok=True)  # of a run that failed: the schema was the same then, the rows may not have been
    with closing(_connect(path)) as connection:
        copy(connection, kept)
