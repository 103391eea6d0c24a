"""A graceful stop: whoever waits gets an answer to resume from, and the process ends in time."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import time
from pathlib import Path

import pytest

from approvals_hub.api.limits import WAITERS_OF_AGENT
from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub_client import AsyncHub, register
from approvals_hub_client.question import Question
from approvals_hub_client.request_signature import sign
from tests.flows.commands import Commands
from tests.load.raw_http import Connection, connect, request

WAITERS = WAITERS_OF_AGENT
"""At the limit the hub itself says when all of them wait."""
ENDS_WITHIN = 10.0


@pytest.fixture
def commands(database_place: Path | str, tmp_path: Path) -> Commands:
    """The command line of a hub on a fresh database."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 4 * WAITERS:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4 * WAITERS, hard), hard))
    elsewhere = {} if isinstance(database_place, Path) else {"APPROVALS_HUB__DATABASE__URL": database_place}
    return Commands(tmp_path / "data", environment=elsewhere)


async def join(commands: Commands, phone: SoftwarePhone, folder: Path) -> AsyncHub:
    """An owner with a phone, and an agent, at the hub that serves."""
    link = await asyncio.to_thread(commands.json, "init")
    await phone.enrol(link["url"].partition("#")[2])
    invited = await asyncio.to_thread(commands.json, "agents", "invite", "waiter")
    await register(commands.url, invited["invite"], folder / "agent.json", allow_http=True)
    return AsyncHub.from_file(folder / "agent.json", allow_http=True)


def waiting(agent: AsyncHub, question: Question, commands: Commands, seconds: int = 60) -> bytes:
    """A signed long-poll."""
    path = f"/v1/escalations/{question.escalation_id}?wait={seconds}&since={question.version}"
    key = agent.credential.key
    assert key is not None
    created = int(time.time())
    headers = sign(key, agent.credential.key_id, "GET", commands.url + path, headers={}, body=b"", created=created)
    return request("GET", path, port=commands.port, headers=headers)


async def until_all_wait(agent: AsyncHub, question: Question, commands: Commands) -> None:
    """Ask to wait, too, until the hub says that no more may."""
    connection = await connect(commands.port)
    for _ in range(60):
        status, _, _ = await connection.send(waiting(agent, question, commands, seconds=1))
        if status == 429:
            connection.close()
            return
    raise AssertionError("the waiters never became as many as were sent")


async def test_every_long_poll_is_answered_at_a_stop_and_the_process_ends_in_time(
    commands: Commands, tmp_path: Path
) -> None:
    with commands.serving() as process:
        async with SoftwarePhone(commands.url) as phone, await join(commands, phone, tmp_path) as agent:
            question = await agent.ask("wait.long", {"n": 1})
            connections: list[Connection] = []
            answers = []
            for _ in range(WAITERS):
                connections.append(await connect(commands.port))
                answers.append(connections[-1].send(waiting(agent, question, commands)))
            await until_all_wait(agent, question, commands)
            started = time.monotonic()
            process.send_signal(signal.SIGTERM)
            given = await asyncio.wait_for(asyncio.gather(*answers), ENDS_WITHIN)
            await asyncio.to_thread(process.wait, ENDS_WITHIN)
            took = time.monotonic() - started
    assert {status for status, _, _ in given} == {200}
    assert {json.loads(body)["status"] for _, body, _ in given} == {"open"}
    assert all(b"\r\nretry-after: 1\r\n" in connection.head for connection in connections)
    assert process.returncode == 0
    assert took < ENDS_WITHIN


async def test_an_agent_that_waits_through_a_restart_gets_the_token_after_it(
    commands: Commands, tmp_path: Path
) -> None:
    async with SoftwarePhone(commands.url) as phone:
        with commands.serving():
            agent = await join(commands, phone, tmp_path)
            question = await agent.ask("wait.long", {"n": os.urandom(4).hex()})
            waits = asyncio.create_task(agent.wait(question))
        with commands.serving():
            await phone.answer(question.escalation_id, "approve")
            approved = await asyncio.wait_for(waits, 30)
            assert (await agent.redeem(approved)).escalation_id == question.escalation_id
            await agent.close()
