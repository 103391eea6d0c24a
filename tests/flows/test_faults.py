"""Faults of the machine under a hub that serves: each is told plainly, nothing is approved, nothing is half done.

| fault | what callers see | afterwards |
|---|---|---|
| the disk is full | 503 `database_unavailable`; what only reads goes on | the same request comes true, once |
| another process holds the database | the same, after five seconds | the same, once the log is sealed again |
| the folder cannot be written at the start | the command ends with a message and makes nothing | |
"""

from __future__ import annotations

import asyncio
import ctypes
import io
import resource
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest

from approvals_hub.audit.verify import verify
from approvals_hub.cli.demo_phone import Refused, SoftwarePhone
from approvals_hub_client import AsyncHub
from approvals_hub_client.canonical import b64u, dumps
from approvals_hub_client.question import Question, new_action
from approvals_hub_client.statement import signed_bytes
from tests.flows.commands import Commands
from tests.flows.process import join, served
from tests.flows.signed import proven

UNAVAILABLE = (503, "database_unavailable")
SEALED_WITHIN = 30.0
"""Seconds: while the log is behind nothing is approved, and its worker waits longer after each failure."""


@dataclass
class Victim:
    """A hub in a process of its own, with a question that was shown and not answered yet."""

    commands: Commands
    pid: int
    phone: SoftwarePhone
    agent: AsyncHub
    question: Question
    statement: dict[str, Any]
    action: dict[str, Any]
    place: Path | str

    async def approve(self) -> tuple[int, str]:
        """Send the signed approval; its status and code."""
        complete = {**self.statement, "decision": "approve"}
        body = {"statement": b64u(dumps(complete)), "signature": b64u(self.phone.key.sign(signed_bytes(complete)))}
        try:
            await self.phone.call("POST", f"/v1/escalations/{self.question.escalation_id}/decisions", body)
        except Refused as refused:
            return refused.status, refused.problem["code"]
        return 200, ""

    async def ask(self) -> tuple[int, str]:
        """Ask something else, the same each time; the status and code."""
        headers, raw = proven(self.agent.credential, "POST", "/v1/escalations", {"action": self.action}, "key")
        async with (
            aiohttp.ClientSession(self.commands.url) as http,
            http.post("/v1/escalations", data=raw, headers=headers) as response,
        ):
            return response.status, (await response.json()).get("code", "")

    async def get(self, path: str) -> int:
        """A request of nobody."""
        async with aiohttp.ClientSession(self.commands.url) as http, http.get(path) as response:
            return response.status

    async def count(self, table: str) -> int:
        """How many rows there are, read by another process."""
        query = f"SELECT COUNT(*) FROM {table}"
        if isinstance(self.place, Path):
            with closing(sqlite3.connect(self.place)) as file:
                return int(file.execute(query).fetchone()[0])
        connection = await asyncpg.connect(self.place)
        try:
            await connection.execute("SET hub.org = '*'")
            return int(await connection.fetchval(query))
        finally:
            await connection.close()

    async def comes_true(self) -> None:
        """What failed succeeds now, once; the token redeems, and the log verifies."""
        async with asyncio.timeout(SEALED_WITHIN):
            while (given := await self.approve())[1] == "log_behind":
                await asyncio.sleep(0.1)
        assert given == (200, "")
        assert await self.ask() == (201, "")
        assert await self.ask() == (201, "")
        assert (await self.count("escalations"), await self.count("decisions")) == (2, 1)
        await self.agent.redeem(await self.agent.wait(self.question))
        await asyncio.sleep(1.5)  # a sealer has a second
        export = self.commands.data.parent / "export.jsonl"
        await asyncio.to_thread(self.commands.json, "audit", "export", "--output", str(export))
        assert verify(io.BytesIO(export.read_bytes())).ok


@asynccontextmanager
async def victim(commands: Commands, place: Path | str, folder: Path) -> AsyncIterator[Victim]:
    """A hub that serves well, until the test does something to it."""
    async with (
        served(commands, folder / "serve.log") as pid,
        SoftwarePhone(commands.url) as phone,
        await join(commands, phone, folder) as agent,
    ):
        question = await agent.ask("db.drop", {"n": 0})
        statement = await phone.look(question.escalation_id)
        action = new_action("db.drop", {"n": 1}, credential=agent.credential, now=agent.transport.clock())
        yield Victim(commands, pid, phone, agent, question, statement, action, place)


async def test_a_full_disk_approves_nothing_and_what_failed_comes_true_once_there_is_room(
    commands: Commands, tmp_path: Path
) -> None:
    database = commands.data / "hub.db"
    async with victim(commands, database, tmp_path) as hub:
        full = (Path(f"{database}-wal").stat().st_size, resource.RLIM_INFINITY)
        resource.prlimit(hub.pid, resource.RLIMIT_FSIZE, full)
        assert await hub.approve() == UNAVAILABLE
        assert await hub.ask() == UNAVAILABLE
        assert await hub.get("/v1/public-keys") == 200
        assert (await hub.count("decisions"), await hub.count("escalations")) == (0, 1)
        resource.prlimit(hub.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        await hub.comes_true()
    assert "request_failed" not in (tmp_path / "serve.log").read_text()


async def test_a_database_that_another_process_holds_approves_nothing_until_it_is_let_go(
    commands: Commands, tmp_path: Path
) -> None:
    database = commands.data / "hub.db"
    async with victim(commands, database, tmp_path) as hub:
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            given = await asyncio.gather(hub.approve(), hub.ask(), hub.get("/v1/public-keys"))
            assert given == [UNAVAILABLE, UNAVAILABLE, 200]
            other.execute("ROLLBACK")
        await hub.comes_true()


async def test_tables_that_another_session_locks_approve_nothing_until_they_are_let_go(
    postgres_uri: str, tmp_path: Path
) -> None:
    commands = Commands(tmp_path / "data", environment={"APPROVALS_HUB__DATABASE__URL": postgres_uri})
    async with victim(commands, postgres_uri, tmp_path) as hub:
        other = await asyncpg.connect(postgres_uri)
        transaction = other.transaction()
        await transaction.start()
        await other.execute("LOCK TABLE escalations IN ACCESS EXCLUSIVE MODE")
        given = await asyncio.gather(hub.approve(), hub.ask(), hub.get("/v1/public-keys"))
        await transaction.rollback()
        await other.close()
        assert given == [UNAVAILABLE, UNAVAILABLE, 200]
        await hub.comes_true()


def without_power_over_permissions() -> None:
    """Root, too, is held to the modes of files: CAP_DAC_OVERRIDE leaves the bounding set before the command starts."""
    drop_from_bounding_set, dac_override, dac_read_search = 24, 1, 2
    for capability in (dac_override, dac_read_search):
        ctypes.CDLL(None).prctl(drop_from_bounding_set, capability, 0, 0, 0)


@pytest.mark.parametrize("words", [("serve",), ("init",)])
def test_a_folder_that_cannot_be_written_is_told_at_the_start_and_nothing_is_made(
    commands: Commands, words: tuple[str, ...]
) -> None:
    commands.data.mkdir(mode=0o500)
    done = subprocess.run(
        [sys.executable, "-m", "approvals_hub", *words],
        env=commands.env(),
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=without_power_over_permissions,
        check=False,
    )
    assert done.returncode != 0
    assert str(commands.data) in done.stderr
    assert "Traceback" not in done.stderr
    assert list(commands.data.iterdir()) == []
