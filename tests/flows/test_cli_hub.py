"""A hub from the command line: made, served and looked after; alone and over its socket."""

from __future__ import annotations

import json
import signal
import stat
from pathlib import Path

from tests.flows.commands import Commands, wait_for_line


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


def test_serve_sets_up_a_new_hub_and_stops_at_sigterm(commands: Commands) -> None:
    with commands.serving(from_nothing=True) as process:
        assert commands.get("/healthz/ready")[0] == 200
        assert commands.get("/app/")[0] == 200
        assert mode(commands.data / "hub.sock") == 0o600
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert f"{commands.url}/app/enrol#inv_" in out
    assert "Stopping" in err
    assert not (commands.data / "hub.sock").exists()


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
        assert [found["check"] for found in hub.json("doctor", "--serving")["checks"]] == ["http"]


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


def test_ctrl_c_stops_a_hub_like_sigterm_does(hub: Commands) -> None:
    process = hub.start("serve")
    wait_for_line(process, "The hub answers at")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 0
