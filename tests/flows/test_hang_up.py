"""Waiters whose clients are gone: nothing of them stays."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp

from approvals_hub.db.database import Tx
from approvals_hub_client import AsyncHub
from tests.flows.signed import proven
from tests.flows.world import World
from tests.load.raw_http import connect, request

WAITERS = 2_600
"""More than an agent may have at a time."""
AT_ONCE = 200
SOCKETS = 200
QUESTIONS = 20
GONE_WITHIN = 10.0


async def until(fact: Callable[[], bool], what: str) -> None:
    """Return as soon as it holds."""
    end = time.monotonic() + GONE_WITHIN
    while not fact():
        assert time.monotonic() < end, what
        await asyncio.sleep(0.01)


async def nonces(world: World) -> int:
    """How many signed requests were let in."""

    async def work(tx: Tx) -> int:
        row = await tx.row("SELECT COUNT(*) AS count FROM request_nonces")
        assert row is not None
        return int(row["count"])

    return await world.hub.db.read(work)


def open_files() -> int:
    """Sockets and files of this process, the clients' ends of the connections among them."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def wait_and_hang_up(world: World, agent: AsyncHub, paths: list[str]) -> None:
    """So many long-polls at once, and then no client."""
    port = int(world.base_url.rpartition(":")[2])
    before = await nonces(world)
    connections = [await connect(port) for _ in paths]
    for connection, path in zip(connections, paths, strict=True):
        # Nobody reads the answer: the connection ends with an error that nobody waits for.
        connection.send(
            request("GET", path, port=port, headers=proven(agent.credential, "GET", path)[0])
        ).add_done_callback(lambda answer: answer.exception())
    while await nonces(world) < before + len(paths):
        await asyncio.sleep(0.01)
    for connection in connections:
        connection.close()
    await until(lambda: len(world.hub.bus) == 0, f"{len(world.hub.bus)} topics still have waiters")


async def test_waiters_that_hang_up_leave_no_subscription_count_task_or_file_behind(sqlite_world: World) -> None:
    world = sqlite_world
    agent = await world.agent()
    asked = [await agent.ask("wait.long", {"n": n}) for n in range(QUESTIONS)]
    paths = [f"/v1/escalations/{asked[n % QUESTIONS].escalation_id}?wait=60" for n in range(AT_ONCE)]
    await wait_and_hang_up(world, agent, paths)
    await agent.close()
    await until(lambda: len(asyncio.all_tasks()) < AT_ONCE, "tasks stay")
    gc.collect()
    files, tasks = open_files(), len(asyncio.all_tasks())
    for _ in range(WAITERS // AT_ONCE):
        await wait_and_hang_up(world, agent, paths)
    await until(lambda: len(asyncio.all_tasks()) <= tasks, "tasks stay")
    await until(lambda: open_files() <= files, f"{open_files()} files are open, {files} were before")
    async with AsyncHub(agent.credential) as another:
        assert (await another.poll(asked[0], 1)).is_open


async def test_sockets_that_are_cut_leave_no_subscription_behind(world: World) -> None:
    agent = await world.agent()
    http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    for _ in range(SOCKETS):
        url = world.base_url + "/v1/agent/stream"
        socket = await http.ws_connect(url, headers=proven(agent.credential, "GET", "/v1/agent/stream")[0])
        assert (await socket.receive_json(timeout=GONE_WITHIN))["type"] == "hello"
        await socket.send_json({"type": "resume", "versions": {}})
    await until(lambda: len(world.hub.bus) == 1, "nobody listens")
    await http.close()  # without the closing handshake
    await until(lambda: len(world.hub.bus) == 0, "a cut socket still has its waiter")
