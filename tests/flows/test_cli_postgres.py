"""The command line on PostgreSQL: beside hubs that serve, without any lock on a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.commands import Commands
from tests.flows.world import free_port


@pytest.fixture
def commands(empty_postgres_uri: str, tmp_path: Path) -> Commands:
    """Settings whose database URL, which holds a password elsewhere, lies in a file."""
    (tmp_path / "url").write_text(empty_postgres_uri)
    return Commands(tmp_path / "data", environment={"APPROVALS_HUB__DATABASE__URL_FILE": str(tmp_path / "url")})


def test_two_hubs_serve_one_database_and_commands_work_beside_them(commands: Commands) -> None:
    link = commands.json("init")
    assert link["url"].startswith(commands.url)
    other = Commands(commands.data, free_port(), {**commands.environment})
    other.environment["APPROVALS_HUB__PUBLIC_URL"] = commands.url
    with commands.serving(), other.serving():
        agent_id = commands.json("agents", "api-key", "tool")["agent_id"]
        assert commands.json("agents", "pause", agent_id)["state"] == "paused"
        assert commands.json("doctor")["ok"] is True
        assert not (commands.data / "hub.sock").exists()
    assert commands.json("db", "check") == {"sound": True, "problems": [], "pending": []}
    assert commands.json("db", "migrate") == {"applied": []}


def test_a_database_that_was_put_back_is_declared_restored(commands: Commands) -> None:
    commands.json("init")
    kids = {key["kid"] for key in commands.json("keys", "list")["items"]}
    first = commands.json("db", "restore")
    assert first["restored"] is None
    active = {key["kid"] for key in commands.json("keys", "list")["items"] if key["state"] == "active"}
    assert len(active) == 2
    assert not active & kids


def test_a_server_that_is_away_is_a_message(commands: Commands, tmp_path: Path) -> None:
    commands.json("init")
    (tmp_path / "url").write_text(f"postgresql://hub:hunter2@127.0.0.1:{free_port()}/hub")
    done = commands.run("people", "list")
    assert done.status == 1
    assert "Traceback" not in done.err
    assert "hunter2" not in done.err
