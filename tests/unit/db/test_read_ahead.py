"""Reads made with the commit that they wait for: taken only while a read made now would find the very same."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from approvals_hub.core.errors import Unavailable
from approvals_hub.db.database import Database, ReadAhead, Tx
from approvals_hub.db.memory import Memory
from approvals_hub.db.pace import Pace
from approvals_hub.db.read_ahead import NO_READ_AHEAD, Reading, ReadsAhead
from approvals_hub.db.sqlite import SqliteDatabase
from tests.unit.db.bunch import together
from tests.unit.db.settings import names, put

TOPIC = "esc_1"
CHILD = "CREATE TABLE child (id TEXT, parent TEXT REFERENCES hub_settings (name) DEFERRABLE INITIALLY DEFERRED)"


class Refused(Exception):
    pass


@pytest.fixture(params=["on the loop", "on the thread"])
def where(request: pytest.FixtureRequest) -> str:
    """Where the unit runs behind which is read."""
    place: str = request.param
    return place


def changing(name: str, topic: str = TOPIC) -> Callable[[Tx], Awaitable[None]]:
    async def work(tx: Tx) -> None:
        await put(tx, name)
        tx.changed(topic)

    return work


def short(database: SqliteDatabase, *reads: object) -> None:
    """Let these be known as short, as they are once they have run."""
    for read in reads:
        database._readers._pace.took(read, 0.0, 0.0)  # type: ignore[arg-type]
    database._readers._pace._short_seconds = 60.0  # on a busy machine nothing is


async def test_what_a_commit_changes_is_read_with_it(sqlite_database: SqliteDatabase, where: str) -> None:
    short(sqlite_database, names)
    ahead = sqlite_database.read_ahead(TOPIC, names)
    await together(sqlite_database, where, changing("a"), lambda tx: put(tx, "b"))
    assert ahead.take() == ["a", "b"]


async def test_what_was_read_is_taken_once(sqlite_database: SqliteDatabase) -> None:
    ahead = sqlite_database.read_ahead(TOPIC, names)
    await sqlite_database.run(changing("a"))
    assert (ahead.take(), ahead.take()) == (["a"], None)


async def test_it_is_read_anew_with_every_commit_that_changes_it(sqlite_database: SqliteDatabase) -> None:
    ahead = sqlite_database.read_ahead(TOPIC, names)
    for name, found in (("a", ["a"]), ("b", ["a", "b"])):
        await sqlite_database.run(changing(name))
        short(sqlite_database, names)
        assert ahead.take() == found


async def test_another_unit_that_commits_before_it_is_taken_makes_it_void(sqlite_database: SqliteDatabase) -> None:
    ahead = sqlite_database.read_ahead(TOPIC, names)
    await sqlite_database.run(changing("a"))
    await sqlite_database.run(lambda tx: put(tx, "b"))
    assert ahead.take() is None


async def test_a_stranger_who_commits_before_it_is_taken_makes_it_void(
    sqlite_database: SqliteDatabase, sqlite_path: Path
) -> None:
    ahead = sqlite_database.read_ahead(TOPIC, names)
    await sqlite_database.run(changing("a"))
    with closing(sqlite3.connect(sqlite_path)) as stranger, stranger:
        stranger.execute("DELETE FROM hub_settings")
    assert ahead.take() is None


async def test_a_unit_that_only_reads_leaves_it_good(sqlite_database: SqliteDatabase) -> None:
    ahead = sqlite_database.read_ahead(TOPIC, names)
    await sqlite_database.run(changing("a"))
    await sqlite_database.read(names)
    assert ahead.take() == ["a"]


async def test_a_change_of_something_else_reads_nothing(sqlite_database: SqliteDatabase) -> None:
    ahead = sqlite_database.read_ahead(TOPIC, names)
    await sqlite_database.run(changing("a", topic="esc_2"))
    assert ahead.take() is None


async def test_one_that_is_closed_is_not_read(sqlite_database: SqliteDatabase) -> None:
    read = []

    async def look(tx: Tx) -> list[str]:
        read.append(1)
        return await names(tx)

    ahead = sqlite_database.read_ahead(TOPIC, look)
    await sqlite_database.run(changing("a"))
    ahead.close()
    ahead.close()
    await sqlite_database.run(changing("b"))
    assert (ahead.take(), len(read)) == (None, 1)
    assert not sqlite_database._readers.ahead._waiting


async def test_of_those_who_wait_for_the_same_one_is_read_for(sqlite_database: SqliteDatabase) -> None:
    first, second = (sqlite_database.read_ahead(TOPIC, names) for _ in range(2))
    second.close()
    await sqlite_database.run(changing("a"))
    assert (first.take(), second.take()) == (["a"], None)


async def test_a_commit_that_ends_thousands_of_waits_reads_for_a_few(sqlite_database: SqliteDatabase) -> None:
    aheads = [sqlite_database.read_ahead(f"esc_{number}", names) for number in range(20)]

    async def stop(tx: Tx) -> None:
        for number in range(20):
            tx.changed(f"esc_{number}")

    await sqlite_database.run(stop)
    assert sum(ahead.take() is not None for ahead in aheads) == 4


async def test_what_is_not_known_to_be_short_does_not_hold_the_loop(sqlite_database: SqliteDatabase) -> None:
    ahead = sqlite_database.read_ahead(TOPIC, names)
    await together(sqlite_database, "on the loop", changing("a"))
    assert ahead.take() is None


async def test_a_commit_that_fails_leaves_nothing_to_take(sqlite_database: SqliteDatabase, where: str) -> None:
    short(sqlite_database, names)
    await sqlite_database.run(lambda tx: tx.execute(CHILD))
    ahead = sqlite_database.read_ahead(TOPIC, names)

    async def orphan(tx: Tx) -> None:
        tx.changed(TOPIC)
        await tx.execute("INSERT INTO child (id, parent) VALUES ('1', 'nobody')")

    [failed] = await together(sqlite_database, where, orphan)
    assert isinstance(failed, Unavailable)
    assert ahead.take() is None


async def test_a_unit_that_fails_beside_it_is_not_seen(sqlite_database: SqliteDatabase, where: str) -> None:
    short(sqlite_database, names)
    ahead = sqlite_database.read_ahead(TOPIC, names)

    async def fails(tx: Tx) -> None:
        await put(tx, "b")
        raise Refused

    await together(sqlite_database, where, changing("a"), fails)
    assert ahead.take() == ["a"]


async def test_a_read_that_fails_is_left_out_and_the_commit_holds(sqlite_database: SqliteDatabase) -> None:
    async def broken(tx: Tx) -> list[str]:
        tx.memory["seq"] = 1
        raise Refused

    ahead = sqlite_database.read_ahead(TOPIC, broken)
    await sqlite_database.run(changing("a"))
    assert ahead.take() is None
    assert await sqlite_database.read(names) == ["a"]
    assert "seq" not in sqlite_database._writer._memory


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM hub_settings",
        "UPDATE hub_settings SET value = '2' RETURNING name",
        "WITH gone AS (SELECT 1) DELETE FROM hub_settings RETURNING name",
    ],
)
async def test_a_read_that_would_write_on_the_writers_connection_writes_nothing(
    sqlite_database: SqliteDatabase, sql: str
) -> None:
    async def sly(tx: Tx) -> list[object]:
        return [await tx.row(sql), await tx.rows(sql), await tx.execute(sql)]

    ahead = sqlite_database.read_ahead(TOPIC, sly)
    await sqlite_database.run(changing("a"))
    assert ahead.take() is None
    assert [
        row["value"] for row in await sqlite_database.read(lambda tx: tx.rows("SELECT value FROM hub_settings"))
    ] == ["1"]


def test_the_writers_cursor_runs_no_statement_that_could_write(sqlite_path: Path) -> None:
    with closing(sqlite3.connect(sqlite_path, isolation_level=None)) as writer:
        reading = Reading(writer.cursor())
        assert reading.execute("SELECT name FROM hub_settings", {}).fetchall() == []
        with pytest.raises(RuntimeError, match="SELECT"):
            reading.execute("INSERT INTO hub_settings (name, value) VALUES ('a', '1')", {})


@pytest.fixture
def three(sqlite_path: Path) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection, sqlite3.Connection]]:
    """A writer's, a reader's and a stranger's connection."""
    opened = [sqlite3.connect(sqlite_path, isolation_level=None, timeout=0) for _ in range(3)]
    opened[0].execute("PRAGMA journal_mode = WAL")
    yield opened[0], opened[1], opened[2]
    for connection in opened:
        connection.close()


def test_a_stranger_who_commits_between_the_commit_and_its_telling_makes_it_void(
    three: tuple[sqlite3.Connection, sqlite3.Connection, sqlite3.Connection],
) -> None:
    writer, reader, stranger = three
    for meddles in (False, True):
        reads = ReadsAhead(reader, Pace())
        ahead: ReadAhead[bool] = reads.add(TOPIC, _true)
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO hub_settings (name, value) VALUES (?, '1')", (f"mine {meddles}",))
        made = reads.make(writer.cursor(), Memory(), [TOPIC], here=False)
        assert made is not None
        writer.execute("COMMIT")
        if meddles:
            stranger.execute("DELETE FROM hub_settings")
        reads.keep(made, writer)
        assert ahead.take() is (None if meddles else True)


def test_a_closed_database_has_nothing_to_take(
    three: tuple[sqlite3.Connection, sqlite3.Connection, sqlite3.Connection],
) -> None:
    writer, reader, _ = three
    reads = ReadsAhead(reader, Pace())
    ahead = reads.add(TOPIC, _true)
    writer.execute("BEGIN IMMEDIATE")
    made = reads.make(writer.cursor(), Memory(), [TOPIC], here=False)
    assert made is not None
    writer.execute("COMMIT")
    reads.keep(made, writer)
    reader.close()
    assert ahead.take() is None
    reads.keep(made, writer)
    assert ahead.take() is None


async def _true(tx: Tx) -> bool:
    return True


async def test_whoever_takes_nothing_reads_on_either_engine(database: Database) -> None:
    ahead = database.read_ahead(TOPIC, names)
    await database.run(changing("a"))
    assert ahead.take() in (None, ["a"])
    await database.run(changing("b"))
    assert await database.read(names) == ["a", "b"]
    ahead.close()


def test_an_engine_of_many_processes_makes_none() -> None:
    NO_READ_AHEAD.close()
    assert NO_READ_AHEAD.take() is None
