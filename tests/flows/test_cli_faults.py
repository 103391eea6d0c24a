"""When things are wrong the command line says what, and what to do; never a traceback, never half a change."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.flows.commands import Commands


def test_a_command_on_a_mistyped_folder_makes_no_hub(commands: Commands) -> None:
    done = commands.run("people", "list")
    assert (done.status, commands.data.exists()) == (1, False)
    assert "approvals-hub init" in done.err


def test_a_key_file_that_others_can_read_is_refused_with_the_way_out(hub: Commands) -> None:
    (hub.data / "keys/kek").chmod(0o644)
    done = hub.run("people", "list")
    assert done.status == 1
    assert f"chmod 600 {hub.data}/keys/kek" in done.err
    assert "Traceback" not in done.err


def test_a_new_key_file_beside_an_old_database_is_not_made(hub: Commands) -> None:
    (hub.data / "keys/kek").unlink()
    done = hub.run("init")
    assert done.status == 1
    assert "Put the key file back" in done.err
    assert not (hub.data / "keys/kek").exists()


def test_the_key_file_of_another_hub_is_a_message(hub: Commands, commands: Commands, tmp_path: Path) -> None:
    other = Commands(tmp_path / "other")
    other.run("init")
    shutil.copy(other.data / "keys/kek", hub.data / "keys/kek")
    done = hub.run("people", "list")
    assert done.status == 1
    assert "Put back the key file" in done.err
    assert "Traceback" not in done.err


def test_a_data_folder_that_is_a_file_is_a_message(commands: Commands) -> None:
    commands.data.write_text("not a folder")
    done = commands.run("init")
    assert done.status == 1
    assert "Traceback" not in done.err
    assert str(commands.data) in done.err


def test_a_database_that_is_no_database_is_a_message(hub: Commands) -> None:
    (hub.data / "hub.db").write_bytes(b"this is no database" * 100)
    done = hub.run("people", "list")
    assert done.status == 1
    assert "approvals-hub db check" in done.err
    assert "Traceback" not in done.err
    assert hub.run("db", "check").status == 1


def test_a_setting_that_is_misspelt_names_the_right_one(hub: Commands) -> None:
    (hub.data / "hub.toml").write_text("pubic_url = 'https://approvals.example.com'\n")
    done = hub.run("people", "list")
    assert done.status == 1
    assert "Did you mean public_url?" in done.err


def test_an_error_is_one_json_object_where_json_is_asked_for(commands: Commands) -> None:
    done = commands.run("people", "list", "--json")
    assert done.json["error"]["code"] == "no_hub"
    assert done.json["error"]["next_step"]


def test_a_second_hub_on_the_same_folder_is_refused_and_told_who_has_it(hub: Commands) -> None:
    with hub.serving() as first:
        done = hub.run("serve", "--port", str(Commands(hub.data).port))
    assert done.status == 1
    assert f"is in use by process {first.pid}" in done.err


def test_a_port_that_is_taken_is_a_message(hub: Commands) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", hub.port))
        taken.listen()
        done = hub.run("serve")
    assert done.status == 1
    assert "choose another: --port" in done.err
    assert "Traceback" not in done.err


def test_plain_http_for_another_computer_is_refused_at_the_start(hub: Commands) -> None:
    done = hub.run("serve", "--public-url", "http://192.168.1.20:8420")
    assert done.status == 1
    assert "docs/howto/reach_a_phone.md" in done.err


def test_doctor_names_what_is_wrong_and_the_way_out(hub: Commands) -> None:
    (hub.data / "keys/kek").chmod(0o640)
    done = hub.run("doctor")
    assert done.status == 1
    assert "FAIL  key_file" in done.out
    assert "chmod 600" in done.out


def test_another_host_name_is_refused_once_there_are_passkeys(hub: Commands) -> None:
    assert hub.run("people", "list", APPROVALS_HUB__PUBLIC_URL="https://a.example.com").status == 0
    columns = "id, person_id, kind, alg, key_hash, sign_count, backup_eligible, backed_up, name, state, created_at"
    values = "'dev_1', 'per_1', 'passkey', 'ES256', 'x', 0, 0, 0, 'n', 'active', 1"
    with closing(sqlite3.connect(hub.data / "hub.db")) as database, database:
        database.execute(f"INSERT INTO devices ({columns}) VALUES ({values})")
    done = hub.run("people", "list", APPROVALS_HUB__PUBLIC_URL="https://b.example.com")
    assert done.status == 1
    assert "1 passkeys belong to a.example.com" in done.err


@pytest.mark.parametrize("words", [("agents", "invite", "bot"), ("db", "backup", "copy.db"), ("serve",)])
def test_a_disk_that_takes_nothing_more_is_a_message(hub: Commands, words: tuple[str, ...]) -> None:
    line = ["sh", "-c", 'ulimit -f 8; exec "$@"', "sh", sys.executable, "-m", "approvals_hub", *words]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, env=hub.env(), cwd=hub.data.parent)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
    assert hub.json("db", "check")["sound"] is True
