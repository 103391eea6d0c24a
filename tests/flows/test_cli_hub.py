"""A hub from the command line: made, served, looked after; alone, over its socket, and when things are wrong."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.flows.commands import Commands, wait_for_line


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands(tmp_path / "data")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that `init` made and nobody changes; tests copy it."""
    commands = Commands(tmp_path_factory.mktemp("made") / "data")
    assert commands.run("init").status == 0
    return commands.data


@pytest.fixture
def hub(made: Path, tmp_path: Path) -> Commands:
    shutil.copytree(made, tmp_path / "data")
    return Commands(tmp_path / "data")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_init_makes_everything_for_its_owner_alone(commands: Commands) -> None:
    link = commands.json("init")
    assert link["url"].startswith(f"{commands.url}/app/enrol#inv_")
    assert link["data"] == str(commands.data)
    assert (mode(commands.data), mode(commands.data / "keys/kek"), mode(commands.data / "hub.db")) == (
        0o700,
        0o600,
        0o600,
    )


def test_init_tells_how_a_phone_gets_there_and_what_to_do_next(commands: Commands) -> None:
    told = commands.run("init").out
    assert "docs/howto/reach_a_phone.md" in told
    assert 'approvals-hub agents invite "my agent"\n' in told


def test_the_commands_to_paste_name_a_folder_that_is_not_the_usual_one(tmp_path: Path) -> None:
    commands = Commands(tmp_path / "elsewhere")
    assert f'approvals-hub agents invite "my agent" --data {commands.data}\n' in commands.run("init").out


def test_behind_https_the_link_is_for_the_phone(commands: Commands) -> None:
    told = commands.run("init", "--public-url", "https://approvals.example.com").out
    assert "https://approvals.example.com/app/enrol#inv_" in told
    assert "Open it on your phone" in told


def test_init_twice_makes_a_new_link_and_changes_nothing_else(hub: Commands) -> None:
    before = (hub.data / "keys/kek").read_bytes()
    first, second = hub.json("init"), hub.json("init")
    assert first["org_id"] == second["org_id"]
    assert first["token"] != second["token"]
    assert second["data"] is None
    assert (hub.data / "keys/kek").read_bytes() == before


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


def test_serve_sets_up_a_new_hub_and_stops_at_sigterm(commands: Commands) -> None:
    with commands.serving() as process:
        assert commands.get("/healthz/ready")[0] == 200
        assert commands.get("/app/")[0] == 200
        assert mode(commands.data / "hub.sock") == 0o600
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert f"{commands.url}/app/enrol#inv_" in out
    assert "Stopping" in err
    assert not (commands.data / "hub.sock").exists()


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


def test_commands_reach_a_hub_that_serves(hub: Commands) -> None:
    with hub.serving():
        invited = hub.json("agents", "invite", "bot")
        assert invited["invite"].startswith("inv_")
        low = hub.json("agents", "api-key", "low trust")
        assert [agent["name"] for agent in hub.json("agents", "list")["items"]] == ["low trust"]
        assert hub.json("agents", "pause", low["agent_id"])["state"] == "paused"
        assert hub.json("agents", "resume", low["agent_id"])["state"] == "active"
        assert hub.json("agents", "revoke", low["agent_id"])["state"] == "revoked"
        eva = hub.json("people", "invite", "Eva", "--role", "approver", "--role", "auditor")
        assert [person["name"] for person in hub.json("people", "list")["items"]] == ["Owner", "Eva"]
        assert hub.json("people", "disable", eva["person_id"])["state"] == "disabled"
        assert hub.json("people", "enable", eva["person_id"])["state"] == "active"
        assert hub.json("stop")["state"] == "stopped"
        assert hub.json("resume")["state"] == "active"
        assert hub.json("doctor")["ok"] is True


def test_commands_open_the_database_themselves_where_no_hub_runs(hub: Commands) -> None:
    low = hub.json("agents", "api-key", "low trust")
    assert hub.json("agents", "pause", low["agent_id"])["state"] == "paused"
    assert hub.json("doctor")["ok"] is True


def test_a_command_works_after_a_hub_was_killed(hub: Commands) -> None:
    with hub.serving() as process:
        process.kill()
        process.wait()
    assert (hub.data / "hub.sock").exists()
    assert len(hub.json("people", "list")["items"]) == 1
    with hub.serving():
        assert len(hub.json("people", "list")["items"]) == 1


def test_a_refusal_over_the_socket_says_what_to_do(hub: Commands) -> None:
    with hub.serving():
        done = hub.run("agents", "pause", "agt_nobody")
    assert done.status == 1
    assert "approvals-hub agents list" in done.err


def test_a_folder_deeper_than_a_sockets_name_can_be_works(tmp_path: Path) -> None:
    hub = Commands(tmp_path / ("deep" * 20) / ("er" * 30) / "data")
    hub.data.parent.mkdir(parents=True)
    with hub.serving():
        assert len(hub.json("people", "list")["items"]) == 1


def test_keys_rotate_while_the_hub_serves(hub: Commands) -> None:
    with hub.serving():
        new = hub.json("keys", "rotate")
        published = {key["kid"] for key in json.loads(hub.get("/v1/public-keys")[1])["keys"]}
        before = (hub.data / "keys/kek").read_bytes()
        assert hub.json("keys", "rotate", "--kek")["rewrapped"] > 0
        hub.json("keys", "compromised", new["kid"])
        states = {key["kid"]: key["state"] for key in hub.json("keys", "list")["items"]}
    assert new["kid"] in published
    assert (hub.data / "keys/kek").read_bytes() != before
    assert states[new["kid"]] == "compromised"
    assert "active" in states.values()
    assert len(hub.json("people", "list")["items"]) == 1


def test_an_export_verifies_without_any_hub(hub: Commands, tmp_path: Path) -> None:
    with hub.serving():
        hub.json("agents", "invite", "bot")
        exported = hub.json("audit", "export", "-o", str(tmp_path / "log.jsonl"))
        newest = hub.json("audit", "checkpoint", "-o", str(tmp_path / "log.checkpoint"))
        streamed = hub.run("audit", "export").out
        table = hub.run("audit", "export", "--format", "csv").out
    elsewhere = Commands(tmp_path / "nothing here")
    words = ("audit", "verify", str(tmp_path / "log.jsonl"), "--checkpoint", str(tmp_path / "log.checkpoint"))
    report = elsewhere.json(*words, "--key", newest["keys"][-1])
    assert (report["ok"], report["pinned"], elsewhere.data.exists()) == (True, True, False)
    assert report["entries"] >= 3
    assert exported["bytes"] == (tmp_path / "log.jsonl").stat().st_size
    assert mode(tmp_path / "log.jsonl") == 0o600
    assert len(streamed.splitlines()) > 3
    assert "agent.invited" in table


def test_an_edited_export_is_told_with_its_first_bad_entry(hub: Commands, tmp_path: Path) -> None:
    hub.json("agents", "invite", "bot")
    hub.json("audit", "export", "-o", str(tmp_path / "log.jsonl"))
    text = (tmp_path / "log.jsonl").read_text()
    (tmp_path / "log.jsonl").write_text(text.replace("person.invited", "person.removed", 1))
    done = hub.run("audit", "verify", str(tmp_path / "log.jsonl"))
    assert done.status == 1
    assert "BROKEN at entry 1 (edited)" in done.out


def test_migrate_says_what_is_done_and_check_reads_all_of_it(hub: Commands) -> None:
    assert hub.json("db", "migrate") == {"applied": []}
    assert hub.json("db", "check") == {"sound": True, "problems": [], "pending": []}
    with hub.serving():
        assert hub.json("db", "check")["sound"] is True
        assert "in use by process" in hub.run("db", "migrate").err


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


def test_ctrl_c_stops_a_hub_like_sigterm_does(hub: Commands) -> None:
    process = hub.start("serve")
    wait_for_line(process, "The hub answers at")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 0


@pytest.mark.parametrize("words", [("agents", "invite", "bot"), ("db", "backup", "copy.db"), ("serve",)])
def test_a_disk_that_takes_nothing_more_is_a_message(hub: Commands, words: tuple[str, ...]) -> None:
    line = ["sh", "-c", 'ulimit -f 8; exec "$@"', "sh", sys.executable, "-m", "approvals_hub", *words]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, env=hub.env(), cwd=hub.data.parent)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
    assert hub.json("db", "check")["sound"] is True
