"""Databases for tests: fresh, migrated, and thrown away afterwards, on both engines."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from approvals_hub.db.database import Database
from approvals_hub.db.postgres import PostgresDatabase
from approvals_hub.db.sqlite import SqliteDatabase
from approvals_hub.db.sqlite_schema import migrate_sqlite
from tests.postgres_server import PostgresServer


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> PostgresServer:
    """The run's one PostgreSQL server. The first worker that needs it starts it, the run's main process stops it."""
    base = tmp_path_factory.getbasetemp()
    server = PostgresServer((base.parent if _is_worker(request.config) else base) / "postgres")
    server.start()
    return server


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop the server of this run, whichever process has started it."""
    if _is_worker(session.config):
        return
    factory: pytest.TempPathFactory = session.config._tmp_path_factory  # type: ignore[attr-defined]
    if factory._basetemp is not None:
        PostgresServer(factory.getbasetemp() / "postgres").stop()


@pytest.fixture
async def postgres_uri(postgres_server: PostgresServer) -> AsyncIterator[str]:
    """The URI of a fresh, migrated PostgreSQL database, for tests that start processes of their own."""
    uri = await postgres_server.create()
    yield uri
    await postgres_server.drop(uri)


@pytest.fixture
async def empty_postgres_uri(postgres_server: PostgresServer) -> AsyncIterator[str]:
    """The URI of a fresh PostgreSQL database without any table."""
    uri = await postgres_server.create_empty()
    yield uri
    await postgres_server.drop(uri)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that nobody opens; tests copy it."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    asyncio.run(migrate_sqlite(path))
    return path


@pytest.fixture
def sqlite_path(sqlite_template: Path, tmp_path: Path) -> Path:
    """A fresh, migrated SQLite file."""
    path = tmp_path / "hub.db"
    shutil.copyfile(sqlite_template, path)
    return path


@pytest.fixture
async def sqlite_database(sqlite_path: Path) -> AsyncIterator[SqliteDatabase]:
    """A fresh SQLite database."""
    database = await SqliteDatabase.open(sqlite_path)
    yield database
    await database.close()


@pytest.fixture
async def postgres_database(postgres_uri: str) -> AsyncIterator[PostgresDatabase]:
    """A fresh PostgreSQL database."""
    database = await PostgresDatabase.open(postgres_uri)
    yield database
    await database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    """A fresh database; the test runs once on each engine."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")
