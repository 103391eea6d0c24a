"""`approvals-hub agents`."""

from __future__ import annotations

import stat
from pathlib import Path

from approvals_hub_client import Credential
from tests.unit.cli.conftest import Call


def test_an_invite_is_told_with_the_command_that_uses_it(call: Call) -> None:
    told = call("agents", "invite", "release bot", "--role", "ci").out
    assert "inv_" in told
    assert "agents register --hub http://localhost:8420" in told


def test_an_invites_life_and_role_are_checked(call: Call) -> None:
    assert call("agents", "invite", "bot", "--expires-in", "1").status == 1
    assert call("agents", "invite", "bot", "--role", "king").status == 2
    assert call("agents", "invite", "").status == 1


def test_an_api_key_can_go_straight_into_a_credential_file(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "low.json"
    done = call("agents", "api-key", "tool", "--credential", str(path), "--json")
    credential = Credential.load(path)
    assert credential.api_key is not None
    assert credential.api_key not in done.out
    assert credential.agent_id == done.json["agent_id"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_credential_file_is_never_replaced(call: Call, tmp_path: Path) -> None:
    (tmp_path / "low.json").write_text("the only copy")
    assert call("agents", "api-key", "tool", "--credential", str(tmp_path / "low.json")).status == 1
    assert call("agents", "list", "--json").json == {"items": []}


def test_agents_pause_resume_and_end(call: Call) -> None:
    agent_id = call("agents", "api-key", "tool", "--json").json["agent_id"]
    assert call("agents", "pause", agent_id).out == f"tool ({agent_id}) is paused.\n"
    assert call("agents", "resume", agent_id, "--json").json["state"] == "active"
    assert call("agents", "revoke", agent_id, "--yes", "--json").json["state"] == "revoked"
    assert "revoked" in call("agents", "list").out


def test_where_an_agent_is_called_is_set_and_its_secret_shown_once(call: Call) -> None:
    agent_id = call("agents", "api-key", "tool", "--json").json["agent_id"]
    assert call("agents", "callbacks", agent_id).out == f"{agent_id} may be called at: no host.\n"
    made = call("agents", "callbacks", agent_id, "--host", "hooks.example", "--host", "b.example").out
    assert "hooks.example, b.example" in made
    assert "whsec_" in made
    assert "whsec_" not in call("agents", "callbacks", agent_id).out
    rotated = call("agents", "callbacks", agent_id, "--rotate", "--json").json
    assert rotated["secret"].startswith("whsec_")
    assert call("agents", "callbacks", agent_id, "--none", "--json").json["hosts"] == []
    assert call("agents", "callbacks", agent_id, "--none", "--rotate").status == 2
    assert call("agents", "callbacks", agent_id, "--host", "https://hooks.example").status == 1


def test_an_invite_on_the_command_line_is_refused(free_call: Call, tmp_path: Path) -> None:
    words = ["agents", "register", "--hub", "http://localhost:1", "--credential", str(tmp_path / "a.json")]
    done = free_call(*words, "--invite", "inv_secret")
    assert (done.status, (tmp_path / "a.json").exists()) == (2, False)
