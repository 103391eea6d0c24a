"""`approvals-hub db`; the whole drill is in tests/flows/test_cli_restore.py."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from approvals_hub.config import Settings
from approvals_hub.core.sealing import read_key_file
from tests.unit.cli.conftest import Call


def test_a_database_of_this_version_needs_no_migration(call: Call) -> None:
    assert call("db", "migrate").out == "Nothing to do.\n"
    assert call("db", "check").out == "Sound.\n"


def test_a_database_that_is_newer_than_the_code_is_refused(call: Call, settings: Settings) -> None:
    with closing(sqlite3.connect(settings.data / "hub.db")) as database, database:
        database.execute("INSERT INTO schema_migrations VALUES ('9999_future.sql', 'x', 1)")
    done = call("db", "migrate")
    assert (done.status, "upgrade the hub" in done.err) == (1, True)


def test_a_damaged_database_is_not_sound(call: Call, settings: Settings) -> None:
    raw = (settings.data / "hub.db").read_bytes()
    (settings.data / "hub.db").write_bytes(raw[: len(raw) // 2])
    done = call("db", "check", "--json")
    assert (done.status, done.json["sound"]) == (1, False)
    assert call("db", "check").out.startswith("NOT SOUND")


def test_a_database_that_was_torn_when_its_hub_was_cut_off_starts_no_hub_until_a_backup_is_put_back(
    call: Call, settings: Settings, tmp_path: Path
) -> None:
    database = settings.data / "hub.db"
    assert call("db", "backup", str(tmp_path / "copy.db")).status == 0
    with closing(sqlite3.connect(database)) as serving:
        serving.execute("PRAGMA journal_mode = WAL")
        serving.execute("CREATE TABLE of_another_hand (a TEXT)")
        log = Path(f"{database}-wal").read_bytes()
    Path(f"{database}-wal").write_bytes(log)
    with database.open("r+b") as file:
        file.seek(database.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096 * 4)
    for words in (("people", "list"), ("db", "migrate")):
        done = call(*words)
        assert (done.status, "is not sound" in done.err, "db restore FILE" in done.err) == (1, True, True)
        assert call("db", "check").out.startswith("NOT SOUND")
        assert call("doctor").status == 1
    assert call("db", "restore", str(tmp_path / "copy.db"), "--yes").status == 0
    assert call("people", "list").status == 0


def test_a_file_that_is_not_there_is_not_made_by_checking_it(call: Call, tmp_path: Path) -> None:
    assert call("db", "check", str(tmp_path / "none.db")).status == 1
    assert not (tmp_path / "none.db").exists()


def test_a_backup_says_what_it_is_worth_without_the_key_file(call: Call, settings: Settings, tmp_path: Path) -> None:
    assert str(settings.key_file) in call("db", "backup", str(tmp_path / "copy.db")).out
    assert call("db", "check", str(tmp_path / "copy.db")).status == 0


def test_a_backup_takes_the_keys_along_only_when_asked(call: Call, settings: Settings, tmp_path: Path) -> None:
    call("db", "backup", str(tmp_path / "a.db"))
    call("db", "backup", str(tmp_path / "b.db"), "--with-encryption-keys")
    assert not (tmp_path / "a.db.kek").exists()
    assert read_key_file(tmp_path / "b.db.kek") == read_key_file(settings.key_file)


def test_a_backup_never_replaces_a_key_file(call: Call, tmp_path: Path) -> None:
    (tmp_path / "copy.db.kek").write_text("another hub's")
    assert call("db", "backup", str(tmp_path / "copy.db"), "--with-encryption-keys").status == 1
    assert not (tmp_path / "copy.db").exists()


def test_postgres_is_copied_with_its_own_tools(call: Call, tmp_path: Path, settings: Settings) -> None:
    (settings.data / "hub.toml").write_text("[database]\nurl = 'postgresql://localhost/none'\n")
    done = call("db", "backup", str(tmp_path / "copy.db"))
    assert (done.status, "pg_dump" in done.err) == (1, True)
    done = call("db", "restore", str(tmp_path / "copy.db"))
    assert (done.status, "pg_restore" in done.err) == (1, True)


def test_a_restore_tells_what_follows_from_it(call: Call, tmp_path: Path) -> None:
    call("db", "backup", str(tmp_path / "copy.db"))
    told = call("db", "restore", str(tmp_path / "copy.db"), "--yes").out
    assert "A new epoch began" in told
    assert "is kept as" in told
