"""Migrating a PostgreSQL database, and its fences."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from approvals_hub.core.clock import Clock
from approvals_hub.db.migrate import MigrationRefused
from approvals_hub.db.postgres_schema import migrate_postgres, pending_postgres, row_level_security

CLOCK = Clock(lambda: 1_795_225_228_123)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_words.sql").write_text("CREATE TABLE words (word TEXT PRIMARY KEY, at INTEGER, org_id TEXT);\n")
    return folder


def add(folder: Path, text: str) -> None:
    (folder / f"{len(list(folder.iterdir())) + 1:04}_more.sql").write_text(text)


async def answer(uri: str, *statements: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(uri)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return [tuple(row) for row in await connection.fetch(statements[-1])]
    finally:
        await connection.close()


async def test_what_is_missing_is_applied_once_and_written_down(empty_postgres_uri: str, folder: Path) -> None:
    assert await pending_postgres(empty_postgres_uri, folder=folder) == ["0001_words.sql"]
    assert await migrate_postgres(empty_postgres_uri, folder=folder, clock=CLOCK) == ["0001_words.sql"]
    assert await migrate_postgres(empty_postgres_uri, folder=folder, clock=CLOCK) == []
    assert await pending_postgres(empty_postgres_uri, folder=folder) == []
    rows = await answer(empty_postgres_uri, "SELECT name, length(sha256), applied_at FROM schema_migrations")
    assert rows == [("0001_words.sql", 64, 1_795_225_228_123)]


async def test_two_processes_that_start_at_once_apply_each_file_once(empty_postgres_uri: str, folder: Path) -> None:
    add(folder, "INSERT INTO words VALUES ('once', 1, 'org_1');")
    done = await asyncio.gather(*[migrate_postgres(empty_postgres_uri, folder=folder) for _ in range(4)])
    assert sorted(name for names in done for name in names) == ["0001_words.sql", "0002_more.sql"]


async def test_a_file_that_does_not_run_is_undone_whole(empty_postgres_uri: str, folder: Path) -> None:
    add(folder, "CREATE TABLE half (a TEXT);\nINSERT INTO nowhere VALUES (1);")
    with pytest.raises(asyncpg.UndefinedTableError, match="nowhere"):
        await migrate_postgres(empty_postgres_uri, folder=folder)
    assert await answer(empty_postgres_uri, "SELECT to_regclass('half') IS NULL") == [(True,)]
    assert await answer(empty_postgres_uri, "SELECT name FROM schema_migrations") == [("0001_words.sql",)]


async def test_a_file_changed_after_it_was_applied_is_refused(empty_postgres_uri: str, folder: Path) -> None:
    await migrate_postgres(empty_postgres_uri, folder=folder)
    (folder / "0001_words.sql").write_text("CREATE TABLE words (word TEXT);\n")
    for call in (migrate_postgres, pending_postgres):
        with pytest.raises(MigrationRefused, match="was changed"):
            await call(empty_postgres_uri, folder=folder)


async def test_a_table_with_an_organisation_shows_nothing_until_one_is_named(
    empty_postgres_uri: str, folder: Path
) -> None:
    add(folder, "INSERT INTO words VALUES ('one', 1, 'org_1'), ('two', 2, 'org_2');")
    await migrate_postgres(empty_postgres_uri, folder=folder)
    words = "SELECT word FROM words ORDER BY word"
    assert await answer(empty_postgres_uri, words) == []
    assert await answer(empty_postgres_uri, "SET hub.org = ''", words) == []
    assert await answer(empty_postgres_uri, "SET hub.org = 'org_1'", words) == [("one",)]
    assert await answer(empty_postgres_uri, "SET hub.org = '*'", words) == [("one",), ("two",)]


async def test_a_table_that_gets_its_organisation_later_is_fenced_then(empty_postgres_uri: str, folder: Path) -> None:
    add(folder, "CREATE TABLE late (a TEXT);")
    await migrate_postgres(empty_postgres_uri, folder=folder)
    add(folder, "ALTER TABLE late ADD COLUMN org_id TEXT;")
    await migrate_postgres(empty_postgres_uri, folder=folder)
    fenced = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity ORDER BY relname"
    assert await answer(empty_postgres_uri, fenced) == [("late",), ("words",)]


async def test_every_table_of_the_hub_with_an_organisation_is_fenced(postgres_uri: str) -> None:
    unfenced = (
        "SELECT relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE a.attname = 'org_id' AND c.relkind = 'r' AND NOT (relrowsecurity AND relforcerowsecurity)"
    )
    assert await answer(postgres_uri, unfenced) == []
    fences = await answer(postgres_uri, "SELECT COUNT(*) FROM pg_policies WHERE policyname = 'own_org'")
    assert fences[0][0] > 10


async def test_a_fence_takes_a_plain_table_name_alone(postgres_uri: str) -> None:
    connection = await asyncpg.connect(postgres_uri)
    with pytest.raises(ValueError, match="plain table name"):
        await row_level_security(connection, ["agents; DROP TABLE orgs"])
    await connection.close()
