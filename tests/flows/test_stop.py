"""A graceful stop: whoever waits gets an answer to resume from, and the process ends in time."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from approvals_hub.api.limits import WAITERS_OF_AGENT
from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub_client import AsyncHub
from approvals_hub_client.question import Question
from tests.flows.commands import Commands
from tests.flows.process import join
from tests.flows.signed import proven
from tests.load.raw_http import Connection, connect, request

WAITERS = WAITERS_OF_AGENT
"""All that one agent may have."""
AT_ONCE = 200
"""So many come before the hub has let in those before them, as clients that are told to try again do."""
SOCKETS = 100
ENDS_WITHIN = 10.0


@pytest.fixture
def commands(database_place: Path | str, tmp_path: Path) -> Commands:
    """The command line of a hub on a fresh database."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 4 * WAITERS:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4 * WAITERS, hard), hard))
    elsewhere = {} if isinstance(database_place, Path) else {"APPROVALS_HUB__DATABASE__URL": database_place}
    return Commands(tmp_path / "data", environment=elsewhere)


def waiting(agent: AsyncHub, question: Question, commands: Commands) -> bytes:
    """A signed long-poll."""
    path = f"/v1/escalations/{question.escalation_id}?wait=60&since={question.version}"
    headers, _ = proven(agent.credential, "GET", path)
    return request("GET", path, port=commands.port, headers=headers)


async def let_in(place: Path | str, count: int) -> None:
    """Return when so many signed requests were let in: each of them has spent its nonce."""
    while await nonces(place) < count:
        await asyncio.sleep(0.05)


async def nonces(place: Path | str) -> int:
    """How many nonces the hub of this database has seen."""
    query = "SELECT COUNT(*) FROM request_nonces"
    if isinstance(place, Path):
        with closing(sqlite3.connect(place)) as file:
            return int(file.execute(query).fetchone()[0])
    server = await asyncpg.connect(place)
    try:
        return int(await server.fetchval(query))
    finally:
        await server.close()


async def test_every_long_poll_is_answered_at_a_stop_and_the_process_ends_in_time(
    commands: Commands, database_place: Path | str, tmp_path: Path
) -> None:
    place = tmp_path / "data" / "hub.db" if isinstance(database_place, Path) else database_place
    with commands.serving() as process:
        async with SoftwarePhone(commands.url) as phone, await join(commands, phone, tmp_path) as agent:
            question = await agent.ask("wait.long", {"n": 1})
            connections: list[Connection] = []
            answers = []
            before = await nonces(place)
            for count in range(1, WAITERS + 1):
                connections.append(await connect(commands.port))
                answers.append(connections[-1].send(waiting(agent, question, commands)))
                if count % AT_ONCE == 0:
                    await let_in(place, before + count)
            assert not any(answer.done() for answer in answers)
            one_more = await connect(commands.port)
            status, body, _ = await one_more.send(waiting(agent, question, commands))
            assert (status, json.loads(body)["code"]) == (429, "too_many_waiters")
            assert b"\r\nretry-after: 5\r\n" in one_more.head
            one_more.close()
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


async def test_sockets_are_closed_as_going_away_and_inboxes_answered_at_a_stop(
    commands: Commands, tmp_path: Path
) -> None:
    with commands.serving() as process:
        async with (
            SoftwarePhone(commands.url) as phone,
            await join(commands, phone, tmp_path) as agent,
            aiohttp.ClientSession(commands.url, connector=aiohttp.TCPConnector(limit=0)) as http,
        ):
            sockets = []
            for _ in range(SOCKETS):
                headers, _ = proven(agent.credential, "GET", "/v1/agent/stream")
                sockets.append(await http.ws_connect("/v1/agent/stream", headers=headers))
                await sockets[-1].send_json({"type": "resume", "versions": {}})
            inbox = await phone.inbox()
            waits = asyncio.create_task(phone.inbox(wait=60, since=inbox["version"]))
            await asyncio.sleep(0.2)  # nothing outside says that it waits
            process.send_signal(signal.SIGTERM)
            ends = [await last_message(socket) for socket in sockets]
            assert (await asyncio.wait_for(waits, ENDS_WITHIN))["version"] == inbox["version"]
            await asyncio.to_thread(process.wait, ENDS_WITHIN)
    assert {(message.type, message.data) for message in ends} == {(aiohttp.WSMsgType.CLOSE, 1001)}
    assert process.returncode == 0


async def last_message(socket: aiohttp.ClientWebSocketResponse) -> aiohttp.WSMessage:
    """What ends the socket."""
    while True:
        message = await socket.receive(timeout=ENDS_WITHIN)
        if message.type is not aiohttp.WSMsgType.TEXT:
            return message


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
