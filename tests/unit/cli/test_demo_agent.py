"""The demo's agent, as its own process."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from tests.unit.desk import Desk, served_desk


async def lived(desk: Desk, credential: Path, outcome: str) -> tuple[int | None, list[dict[str, Any]]]:
    """What the agent said until it ended, when its question ended like this."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "approvals_hub.cli.demo_agent",
        desk.url,
        str(credential),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    invite = (await desk.invite()).encode() + b"\n"
    (out, _), _ = await asyncio.gather(process.communicate(invite), desk.answer_next(outcome))
    return process.returncode, [json.loads(line) for line in out.splitlines()]


async def test_an_approved_agent_hands_over_what_an_executor_needs(sqlite_path: Path, tmp_path: Path) -> None:
    async with served_desk(sqlite_path, tmp_path) as desk:
        status, said = await lived(desk, tmp_path / "agent.json", "approved")
    assert (status, [line["step"] for line in said]) == (0, ["registered", "asked", "approved"])
    assert said[-1]["handed_over"]["audience"] == "prod-db.example.com"


async def test_a_denied_agent_ends_with_nothing_in_hand(sqlite_path: Path, tmp_path: Path) -> None:
    async with served_desk(sqlite_path, tmp_path) as desk:
        status, said = await lived(desk, tmp_path / "agent.json", "denied")
    assert (status, said[-1]) == (3, {"step": "refused", "outcome": "denied"})
