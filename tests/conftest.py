"""Databases for tests: fresh, migrated, and thrown away afterwards, on both engines."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import settings

from approvals_hub.db.database import Database
from approvals_hub.db.postgres import PostgresDatabase
from approvals_hub.db.sqlite import SqliteDatabase
from approvals_hub.db.sqlite_schema import migrate_sqlite
from tests.postgres_server import PostgresServer

if TYPE_CHECKING:
    from tests.unit.hub_fixture import StaffedHub

ONE_AUTHORITY = Path(__file__).parent / "fakes" / "one_authority.pem"
"""A certificate whose key nobody has."""


def pytest_configure() -> None:
    """Say where pytest makes its folders, before it makes the first; workers are told by the run's main process."""
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_place()))
    # No test's server is known to the authorities of this machine, and each context that reads them all takes 20 ms.
    os.environ["SSL_CERT_FILE"] = str(ONE_AUTHORITY)
    # Reading the tests makes a million objects, and none of them is garbage.
    gc.disable()
    # Where the interpreter's own handler stands, each event loop puts one in its place, and writes down for an error
    # message that nobody reads what its task was called with.
    signal.signal(signal.SIGINT, _interrupt)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """From here on there is garbage; nobody looks for it among what was read, nor more often than `serve` does."""
    gc.freeze()
    gc.set_threshold(20_000, 50, 200)
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: the last of them would keep one worker busy long after the others have nothing to do."""
    items.sort(key=lambda item: item.get_closest_marker("soak") is None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Take the interrupt again where a test's hub has served: asyncio puts the interpreter's own handler back."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """In a worker, tell of a test once and not five times: it takes as long as many a test, and half of that again in
    the process that listens. What went wrong before or after it is told of besides."""
    if not _is_worker(item.config):
        return None
    # pytest has no public name for it; plug-ins that run a test again call it, too.
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    for report in reports:
        if report.when == "call":
            report.duration = sum(each.duration for each in reports)
        if report.when == "call" or not report.passed:
            item.ihook.pytest_runtest_logreport(report=report)
    return True


def pytest_sessionstart(session: pytest.Session) -> None:
    """Clear away the server of a run that was killed."""
    if not _is_worker(session.config):
        PostgresServer(_server_folder(session.config)).stop()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop this run's server, whichever of its processes has started it."""
    if not _is_worker(session.config):
        PostgresServer(_server_folder(session.config)).stop()


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    """The run's one PostgreSQL server. The first worker that needs it starts it, the run's main process stops it."""
    server = PostgresServer(_server_folder(request.config))
    server.start()
    yield server
    server.leave()


@pytest.fixture
async def postgres_uri(postgres_server: PostgresServer) -> AsyncIterator[str]:
    """The URI of a migrated PostgreSQL database without a row, for tests that start processes of their own."""
    uri = await postgres_server.take()
    yield uri
    await postgres_server.give_back(uri)


@pytest.fixture
async def lone_postgres_uri(postgres_server: PostgresServer) -> AsyncIterator[str]:
    """The same, of a database whose connections end when they are closed."""
    uri = await postgres_server.create("lone")
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


# A deadline for each example measures how busy the machine is.
settings.register_profile("hub", deadline=None)
settings.load_profile("hub")

MEMORY_WANTED = 4 * 1024**3
"""Bytes that must be free in memory for the tests' files to lie there; a run uses less than a quarter of it."""

OpenDatabase = Callable[..., Awaitable[Database]]


@pytest.fixture(params=["sqlite", "postgres"])
def database_place(request: pytest.FixtureRequest) -> Path | str:
    """Where a fresh, migrated database lies: a SQLite file's path, then a PostgreSQL URI."""
    # Asked for by name: a test on SQLite then starts no server.
    place: Path | str = request.getfixturevalue("sqlite_path" if request.param == "sqlite" else "postgres_uri")
    return place


@pytest.fixture
async def open_database(database_place: Path | str) -> AsyncIterator[OpenDatabase]:
    """Opens the test's fresh database, with options of the engine; the test runs once on each engine."""
    opened: list[Database] = []
    engine: Any = SqliteDatabase if isinstance(database_place, Path) else PostgresDatabase

    async def open_one(**options: Any) -> Database:
        opened.append(await engine.open(database_place, **options))
        return opened[-1]

    yield open_one
    for database in opened:
        await database.close()


@pytest.fixture
async def database(open_database: OpenDatabase) -> Database:
    """A fresh database; the test runs once on each engine."""
    return await open_database()


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


@pytest.fixture
async def house(database_place: Path | str, tmp_path: Path) -> AsyncIterator[StaffedHub]:
    """A whole hub with an owner and an agent, without HTTP; the test runs once on each engine."""
    from tests.unit.hub_fixture import staffed_hub  # the whole service, which most tests do without

    async with staffed_hub(database_place, tmp_path) as house:
        yield house


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _server_folder(config: pytest.Config) -> Path:
    """One folder for a run and all its workers, whose own folders lie in the run's.

    Not within pytest's: the server runs as a user of its own, and every pytest that starts closes its folder to others.
    """
    base: Path = config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # no fixture lives so long
    run = base.parent if _is_worker(config) else base
    return _place() / f"hub-tests-{hashlib.sha256(bytes(run)).hexdigest()[:12]}"


def _place() -> Path:
    """In memory where there is room: a database is made, filled and thrown away thousands of times.

    What is shown stays the same: tests kill processes, never the machine, so that no test sees what a disk would lose.
    """
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > MEMORY_WANTED
    return memory if roomy else Path(tempfile.gettempdir())
