"""Two versions of the hub on one PostgreSQL database: the older one ends when the newer one has changed the schema."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import aiohttp
import pytest

from approvals_hub.cli.demo_phone import Refused, SoftwarePhone
from approvals_hub_client import AsyncHub
from approvals_hub_client.errors import ClientError
from approvals_hub_client.question import Question
from tests.flows.commands import Commands, wait_for_line
from tests.flows.process import join
from tests.house.tree import ROOT

PACKAGES = ("approvals_hub", "identity", "notify", "web", "sdks")
NEXT = "CREATE TABLE weights (id TEXT PRIMARY KEY, org_id TEXT NOT NULL);\n"
LATER = 30.0
"""Seconds; an older process looks every five."""


@pytest.fixture
def older(empty_postgres_uri: str, tmp_path: Path) -> Commands:
    """A hub of this code."""
    (tmp_path / "url").write_text(empty_postgres_uri)
    return Commands(tmp_path / "data", environment={"APPROVALS_HUB__DATABASE__URL_FILE": str(tmp_path / "url")})


def next_version(older: Commands, folder: Path) -> tuple[Commands, str]:
    """The same hub with code that has one migration more, and the name of that."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    migrations = folder / "approvals_hub" / "db" / "migrations"
    name = f"{len(list(migrations.glob('*.sql'))) + 1:04d}_next.sql"
    (migrations / name).write_text(NEXT)
    path = os.pathsep.join([str(folder), str(folder / "sdks" / "python")])
    return Commands(older.data, older.port, {**older.environment, "PYTHONPATH": path}), name


async def test_an_older_process_ends_whole_beside_a_newer_schema_and_its_waiters_go_on_at_the_newer_one(
    older: Commands, tmp_path: Path
) -> None:
    newer, name = next_version(older, tmp_path / "next")
    refusal = f"the database is newer than this code: it has {name}; upgrade the hub"
    async with SoftwarePhone(older.url) as phone:
        with older.serving() as process:
            agent = await join(older, phone, tmp_path)
            waits = asyncio.create_task(agent.wait(await agent.ask("db.drop", {"database": "orders"})))
            working = asyncio.create_task(until_it_is_gone(agent, phone))
            assert await asyncio.to_thread(newer.json, "db", "migrate") == {"applied": [name]}
            said = await asyncio.to_thread(wait_for_line, process, refusal)
            assert "Stopping: whoever waits gets an answer to resume from." in said
            assert await asyncio.to_thread(process.wait, LATER) == 1
            approved, unsure = await asyncio.wait_for(working, LATER)
        again = await asyncio.to_thread(older.run, "serve")
        assert (again.status, refusal in again.err) == (1, True)
        with newer.serving():
            await phone.answer((await asyncio.wait_for(_first_open(phone), LATER)), "approve")
            assert (await asyncio.wait_for(waits, LATER)).question.status == "approved"
            states = {(await agent.question(each)).status for each in approved}
            assert states == {"approved"}, "an acknowledged answer was lost, or none was given"
            await agent.close()
            log = tmp_path / "log.jsonl"
            await asyncio.to_thread(newer.json, "audit", "export", "--output", str(log))
        assert (await asyncio.to_thread(newer.json, "audit", "verify", str(log)))["ok"] is True
        text = log.read_text()
        told = text.count('"kind":"decision.recorded"') - 1
        assert len(approved) <= told <= len(approved) + unsure


async def until_it_is_gone(agent: AsyncHub, phone: SoftwarePhone) -> tuple[list[str], int]:
    """Ask and answer until nobody answers: what was acknowledged, and how many answers may have been taken unsaid."""
    approved: list[str] = []
    number = 0
    while True:
        try:
            question: Question = await agent.ask("db.drop", {"number": (number := number + 1)}, within=1)
        except ClientError:
            return approved, 0
        try:
            await phone.answer(question.escalation_id, "approve")
        except (Refused, aiohttp.ClientError, OSError):
            return approved, 1
        approved.append(question.escalation_id)


async def _first_open(phone: SoftwarePhone) -> str:
    """The oldest question that waits."""
    items = (await phone.inbox())["items"]
    return str(min(item["escalation_id"] for item in items if not item["answered"]))
