"""Copies of a SQLite file."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from approvals_hub.core.errors import Unavailable
from approvals_hub.db.backup import WITHOUT_SIGNING_KEYS, copy, problems, problems_of, reading, refuse_torn


def test_a_copy_is_whole_and_for_its_owner_alone(sqlite_path: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(sqlite_path)) as source:
        copy(source, tmp_path / "copy.db")
        before = source.execute("SELECT sql FROM sqlite_master").fetchall()
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copied:
        assert copied.execute("SELECT sql FROM sqlite_master").fetchall() == before
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600


def test_a_copy_never_replaces_a_file(sqlite_path: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("the only copy of last week")
    with closing(sqlite3.connect(sqlite_path)) as source, pytest.raises(FileExistsError):
        copy(source, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "the only copy of last week"


def test_a_signing_key_left_in_the_free_pages_of_a_copy_is_not_found(sqlite_path: Path, tmp_path: Path) -> None:
    seed = b"sealed seed that must stay at home" * 20
    with closing(sqlite3.connect(sqlite_path, isolation_level=None)) as source:
        source.execute(
            "INSERT INTO signing_keys VALUES ('k4.pid.x', 'token', x'00', ?, 1, 1, NULL, NULL, NULL)", (seed,)
        )
        copy(source, tmp_path / "copy.db", changes=WITHOUT_SIGNING_KEYS)
        assert any(seed in file.read_bytes() for file in tmp_path.glob("hub.db*"))
    assert b"stay at home" not in (tmp_path / "copy.db").read_bytes()
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copied:
        assert copied.execute("SELECT kid, sealed_seed FROM signing_keys").fetchall() == [("k4.pid.x", None)]


def test_the_rest_of_an_interrupted_copy_is_no_hindrance(sqlite_path: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.db.part").write_text("half")
    with closing(sqlite3.connect(sqlite_path)) as source:
        copy(source, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db.part").exists()


def test_a_copy_that_is_not_sound_is_not_kept(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "torn.db", isolation_level=None)) as source:
        source.execute("CREATE TABLE parent (id TEXT PRIMARY KEY)")
        source.execute("CREATE TABLE child (parent TEXT REFERENCES parent (id))")
        source.execute("INSERT INTO child VALUES ('nobody')")
        assert problems(source) == ["child: row 1 refers to a row of parent that is not there"]
        with pytest.raises(Unavailable, match="not sound"):
            copy(source, tmp_path / "copy.db")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["torn.db"]


def test_a_flipped_byte_is_found(tmp_path: Path) -> None:
    path = tmp_path / "torn.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as whole:
        whole.execute("CREATE TABLE word (text TEXT)")
        whole.execute("CREATE INDEX word_text ON word (text)")
        whole.executemany("INSERT INTO word VALUES (?)", [(f"word {number}",) for number in range(1000)])
        assert problems(whole) == []
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"word 500")
    raw[at : at + 8] = b"ward 500"
    path.write_bytes(raw)
    with closing(sqlite3.connect(path)) as torn:
        assert problems(torn) != []


@pytest.fixture
def cut_off(sqlite_path: Path, tmp_path: Path) -> Path:
    """What a hub that was killed leaves: its file, and the write-ahead log beside it."""
    left = tmp_path / "left" / "hub.db"
    left.parent.mkdir()
    with closing(sqlite3.connect(sqlite_path, isolation_level=None)) as serving:
        serving.execute("PRAGMA journal_mode = WAL")
        serving.execute("INSERT INTO hub_settings VALUES ('written', 'last')")
        for ending in ("", "-wal"):
            shutil.copyfile(f"{sqlite_path}{ending}", f"{left}{ending}")
    return left


def tear(path: Path) -> None:
    """Lose some pages in the middle, as a disk does."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096 * 4)


def test_a_file_of_a_process_that_was_killed_is_looked_through_and_keeps_what_was_committed(cut_off: Path) -> None:
    refuse_torn(cut_off)
    with closing(reading(cut_off)) as connection:
        found = connection.execute("SELECT value FROM hub_settings WHERE name = 'written'").fetchone()
    assert found == ("last",)


def test_a_torn_file_is_refused_at_every_start_until_it_is_replaced_whoever_looks_at_it_between(cut_off: Path) -> None:
    tear(cut_off)
    before = {path.name: path.read_bytes() for path in (cut_off, cut_off.with_name("hub.db-wal"))}
    for _ in range(2):
        with pytest.raises(Unavailable, match="is not sound") as refusal:
            refuse_torn(cut_off)
        assert "db restore" in refusal.value.next_step
        with closing(reading(cut_off)) as looking, contextlib.suppress(sqlite3.DatabaseError):
            problems(looking)
    assert {name: (cut_off.parent / name).read_bytes() for name in before} == before


def test_a_file_that_was_closed_in_good_order_is_not_read_at_the_start(cut_off: Path) -> None:
    sqlite3.connect(cut_off).close()  # folds the log into the file
    cut_off.with_name("hub.db-wal").unlink(missing_ok=True)
    tear(cut_off)
    refuse_torn(cut_off)


def test_looking_at_a_closed_file_leaves_nothing_beside_it_and_makes_none(cut_off: Path) -> None:
    with closing(sqlite3.connect(cut_off)) as last:
        last.execute("SELECT COUNT(*) FROM hub_settings").fetchone()
    with closing(reading(cut_off)) as connection:
        assert problems(connection) == []
    assert [path.name for path in cut_off.parent.iterdir()] == ["hub.db"]
    with pytest.raises(sqlite3.OperationalError):
        reading(cut_off.with_name("none.db"))
    assert [path.name for path in cut_off.parent.iterdir()] == ["hub.db"]


def test_a_sound_copy_of_a_hub_has_no_problems(sqlite_path: Path) -> None:
    assert problems_of(sqlite_path) == []


def test_a_database_of_something_else_is_no_copy_of_a_hub(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE pictures (id TEXT)")
    assert "schema_migrations" in problems_of(tmp_path / "other.db")[0]


def test_a_file_that_is_no_database_is_no_copy_of_a_hub(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear hub, " * 100)
    assert problems_of(tmp_path / "letter.txt") == ["file is not a database"]
