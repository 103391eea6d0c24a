"""Migrating a SQLite file."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.core.clock import Clock
from approvals_hub.db.migrate import MigrationRefused
from approvals_hub.db.sqlite_schema import migrate_sqlite, pending_sqlite

CLOCK = Clock(lambda: 1_795_225_228_123)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_words.sql").write_text("CREATE TABLE words (word TEXT PRIMARY KEY);\n")
    return folder


def add(folder: Path, text: str) -> None:
    (folder / f"{len(list(folder.iterdir())) + 1:04}_more.sql").write_text(text)


def answer(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


async def test_what_is_missing_is_applied_once_and_written_down(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "hub.db"
    assert await pending_sqlite(path, folder=folder) == ["0001_words.sql"]
    assert not path.exists()
    assert await migrate_sqlite(path, folder=folder, clock=CLOCK) == ["0001_words.sql"]
    assert await migrate_sqlite(path, folder=folder, clock=CLOCK) == []
    assert await pending_sqlite(path, folder=folder) == []
    [(name, sha256, at)] = answer(path, "SELECT name, sha256, applied_at FROM schema_migrations")
    assert name == "0001_words.sql"
    assert sha256 == hashlib.sha256((folder / name).read_bytes()).hexdigest()
    assert at == 1_795_225_228_123


async def test_columns_keep_their_type(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "hub.db"
    await migrate_sqlite(path, folder=folder)
    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError, match="cannot store BLOB"):
        connection.execute("INSERT INTO words VALUES (x'00')")


async def test_two_processes_that_start_at_once_apply_each_file_once(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "hub.db"
    add(folder, "INSERT INTO words VALUES ('once');")
    done = await asyncio.gather(*[migrate_sqlite(path, folder=folder) for _ in range(4)])
    assert sorted(name for names in done for name in names) == ["0001_words.sql", "0002_more.sql"]
    assert answer(path, "SELECT word FROM words") == [("once",)]


async def test_a_file_that_does_not_run_is_undone_whole(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "hub.db"
    add(folder, "CREATE TABLE half (a TEXT);\nINSERT INTO nowhere VALUES (1);")
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        await migrate_sqlite(path, folder=folder)
    assert answer(path, "SELECT name FROM sqlite_master WHERE name IN ('words', 'half')") == [("words",)]
    assert answer(path, "SELECT name FROM schema_migrations") == [("0001_words.sql",)]


async def test_a_file_that_would_leave_orphans_is_undone(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "hub.db"
    add(folder, "CREATE TABLE a (word TEXT REFERENCES words (word));\nINSERT INTO a VALUES ('nobody');")
    with pytest.raises(MigrationRefused, match="would break the database"):
        await migrate_sqlite(path, folder=folder)
    assert answer(path, "SELECT name FROM sqlite_master WHERE name = 'a'") == []


async def test_a_file_changed_after_it_was_applied_is_refused(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "hub.db"
    await migrate_sqlite(path, folder=folder)
    (folder / "0001_words.sql").write_text("CREATE TABLE words (word TEXT);\n")
    for call in (migrate_sqlite, pending_sqlite):
        with pytest.raises(MigrationRefused, match="was changed"):
            await call(path, folder=folder)


async def test_a_database_from_a_newer_hub_is_refused(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "hub.db"
    add(folder, "INSERT INTO words VALUES ('new');")
    await migrate_sqlite(path, folder=folder)
    (folder / "0002_more.sql").unlink()
    with pytest.raises(MigrationRefused, match="newer than this code"):
        await migrate_sqlite(path, folder=folder)


async def test_a_database_in_use_is_copied_before_it_is_changed(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "hub.db"
    await migrate_sqlite(path, folder=folder)
    assert not list(tmp_path.glob("hub.db.before*"))
    add(folder, "DROP TABLE words;")
    await migrate_sqlite(path, folder=folder)
    assert answer(tmp_path / "hub.db.before-0002", "SELECT COUNT(*) FROM words") == [(0,)]


async def test_a_new_database_leaves_no_copy_of_what_it_was_between_two_files(tmp_path: Path, folder: Path) -> None:
    add(folder, "INSERT INTO words VALUES ('new');")
    await migrate_sqlite(tmp_path / "hub.db", folder=folder)
    assert not list(tmp_path.glob("hub.db.before*"))


async def test_two_processes_that_start_at_once_keep_a_copy_from_before(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "hub.db"
    await migrate_sqlite(path, folder=folder)
    add(folder, "DROP TABLE words;")
    await asyncio.gather(*[migrate_sqlite(path, folder=folder) for _ in range(4)])
    assert answer(tmp_path / "hub.db.before-0002", "SELECT COUNT(*) FROM words") == [(0,)]
