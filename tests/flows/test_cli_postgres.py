"""The command line on PostgreSQL: beside hubs that serve, without any lock on a folder."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.cli.demo_phone import SoftwarePhone
from tests.flows.commands import Commands
from tests.flows.process import join
from tests.flows.world import free_port
from tests.load.raw_http import Connection, connect, request

AT_ONCE = 200


@pytest.fixture
def commands(empty_postgres_uri: str, tmp_path: Path) -> Commands:
    """Settings whose database URL, which holds a password elsewhere, lies in a file."""
    (tmp_path / "url").write_text(empty_postgres_uri)
    return Commands(tmp_path / "data", environment={"APPROVALS_HUB__DATABASE__URL_FILE": str(tmp_path / "url")})


def beside(commands: Commands) -> Commands:
    """The same hub, at another port."""
    environment = {**commands.environment, "APPROVALS_HUB__PUBLIC_URL": commands.url}
    return Commands(commands.data, free_port(), environment)


async def test_of_many_redemptions_at_two_processes_exactly_one_counts(commands: Commands, tmp_path: Path) -> None:
    other = beside(commands)
    async with SoftwarePhone(commands.url) as phone:
        with commands.serving(), other.serving():
            agent = await join(commands, phone, tmp_path)
            question = await agent.ask("db.drop", {"database": "orders"})
            await phone.answer(question.escalation_id, "approve")
            approved = await agent.wait(question)
            bodies = [agent.hand_over(approved, idempotency_key=f"run-{number}") for number in range(AT_ONCE)]
            connections = [await connect(commands.port if number % 2 else other.port) for number in range(AT_ONCE)]
            given = await asyncio.gather(
                *(redeem(connection, commands, body) for connection, body in zip(connections, bodies, strict=True))
            )
            for connection in connections:
                connection.close()
            await agent.close()
    assert Counter(given) == {(200, None): 1, (409, "already_redeemed"): AT_ONCE - 1}


async def redeem(connection: Connection, commands: Commands, body: dict[str, Any]) -> tuple[int, str | None]:
    """The status, and the refusal's code. Told that a busy database did nothing, an executor asks again."""
    headers = {"Content-Type": "application/json"}
    raw = request("POST", "/v1/tokens/redeem", port=commands.port, body=json.dumps(body).encode(), headers=headers)
    async with asyncio.timeout(120):
        while True:
            status, answer, _ = await connection.send(raw)
            code = json.loads(answer).get("code")
            if code != "database_unavailable":
                return status, code


def test_two_hubs_serve_one_database_and_commands_work_beside_them(commands: Commands) -> None:
    link = commands.json("init")
    assert link["url"].startswith(commands.url)
    other = beside(commands)
    with commands.serving(), other.serving():
        agent_id = commands.json("agents", "api-key", "tool")["agent_id"]
        assert commands.json("agents", "pause", agent_id)["state"] == "paused"
        assert commands.json("doctor")["ok"] is True
        assert not (commands.data / "hub.sock").exists()
    assert commands.json("db", "check") == {"sound": True, "problems": [], "pending": []}
    assert commands.json("db", "migrate") == {"applied": []}


def test_a_server_that_is_away_is_a_message(commands: Commands, tmp_path: Path) -> None:
    commands.json("init")
    (tmp_path / "url").write_text(f"postgresql://hub:hunter2@127.0.0.1:{free_port()}/hub")
    done = commands.run("people", "list")
    assert done.status == 1
    assert "Traceback" not in done.err
    assert "hunter2" not in done.err
