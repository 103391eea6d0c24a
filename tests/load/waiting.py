"""Thousands of waiters: how fast the right one hears of its decision, and what each of them costs in memory."""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import tempfile
from pathlib import Path

import psutil

from tests.load import processes
from tests.load.load import Actors, expect, run_many
from tests.load.raw_http import Connection, connect, request

PER_AGENT = 500
AT_ONCE = 200
SETTLE = 1.5
BETWEEN = 0.01
WARM = 20
"""Samples of both that are not counted: the first of each kind of work loads code and learns how long it takes."""


def measure(*, waiters: int, samples: int) -> dict[str, float]:
    """Latencies in milliseconds and memory in KiB a waiter, of the hub and of bare aiohttp."""
    with processes.bare() as (port, pid):
        bare, bare_kib = asyncio.run(_bare(port, pid, waiters, samples))
    with (
        tempfile.TemporaryDirectory() as folder,
        processes.hub(Path(folder), agents=max(1, waiters // PER_AGENT)) as (actors, pid),
    ):
        hub, hub_kib = asyncio.run(_hub(actors, pid, waiters, samples))
    return {
        "hub_p50": statistics.median(hub),
        "hub_p99": percentile(hub, 0.99),
        "bare_p50": statistics.median(bare),
        "bare_p99": percentile(bare, 0.99),
        "hub_kib": hub_kib,
        "bare_kib": bare_kib,
    }


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def resident(pid: int) -> float:
    """KiB."""
    return float(psutil.Process(pid).memory_info().rss) / 1024


async def many_connections(port: int, count: int) -> list[Connection]:
    found: list[Connection] = []
    while len(found) < count:
        found += await asyncio.gather(*[connect(port) for _ in range(min(AT_ONCE, count - len(found)))])
    return found


async def _bare(port: int, pid: int, waiters: int, samples: int) -> tuple[list[float], float]:
    before = resident(pid)
    connections = await many_connections(port, waiters)
    headers = {"Signature-Input": "x" * 330, "Signature": "y" * 100}
    answers = []
    for number, connection in enumerate(connections):
        answers.append(connection.send(request("GET", f"/wait/{number}", port=port, headers=headers)))
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)
    await asyncio.sleep(SETTLE)
    kib = (resident(pid) - before) / waiters
    control = await connect(port)
    latencies = []
    for number in random.sample(range(waiters), samples + WARM):
        released = await expect(control, request("POST", f"/release/{number}", port=port), 200)
        _, _, at = await answers[number]
        latencies.append(at * 1000 - released["at"] / 1e6)
        await asyncio.sleep(BETWEEN)
    for connection in connections:
        connection.close()
    return latencies[WARM:], kib


async def _hub(actors: Actors, pid: int, waiters: int, samples: int) -> tuple[list[float], float]:
    agents = len(actors.agent_ids)
    names: list[tuple[int, str]] = []

    async def open_one(connection: Connection, number: int) -> None:
        asked = await expect(connection, actors.escalation(number % agents)[0], 201)
        names.append((number % agents, asked["escalation_id"]))

    await run_many(waiters, 32, open_one, actors.port)
    before = resident(pid)
    connections = await many_connections(actors.port, waiters)
    answered: dict[str, asyncio.Future[float]] = {}

    async def follow(connection: Connection, which: int, name: str) -> None:
        """Wait as an agent does: again and again until it is decided."""
        while True:
            path = f"/v1/escalations/{name}?wait=60&since=1"
            status, body, at = await connection.send(actors.agent_request("GET", path, which=which))
            if status != 200:
                raise RuntimeError(f"a waiter was answered {status}: {body[:300]!r}")
            if json.loads(body)["status"] != "open":
                answered[name].set_result(at)
                return

    tasks = []
    for connection, (which, name) in zip(connections, names, strict=True):
        answered[name] = asyncio.get_running_loop().create_future()
        tasks.append(asyncio.create_task(follow(connection, which, name)))
        if len(tasks) % AT_ONCE == 0:
            await asyncio.sleep(0.1)
    await asyncio.sleep(SETTLE * 2)
    kib = (resident(pid) - before) / waiters
    control = await connect(actors.port)
    latencies = []
    for _, name in random.sample(names, samples + WARM):
        body = {"device_id": actors.device_id}
        viewed = await expect(control, actors.person_request("POST", f"/v1/escalations/{name}/views", body), 200)
        await expect(control, actors.decision(name, viewed["statement"]), 200)
        at = await answered[name]
        committed = await expect(control, request("GET", f"/bench/committed/{name}", port=actors.port), 200)
        latencies.append(at * 1000 - committed["at"] / 1e6)
        await asyncio.sleep(BETWEEN)
    for task in tasks:
        task.cancel()
    for connection in connections:
        connection.close()
    return latencies[WARM:], kib
