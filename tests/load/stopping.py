"""Stop everything: how long it takes until everybody who waits has been told no."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from pathlib import Path

import psutil

from tests.load import processes
from tests.load.load import Actors, LoadFailed, run_many
from tests.load.raw_http import Connection, connect
from tests.load.waiting import SETTLE, many_connections

PER_AGENT = 250
AT_ONCE = 100


def measure(*, waiters: int) -> tuple[float, float]:
    """Milliseconds from sending the stop to the last answer, each waiter with an open question of its own; and how many
    of its processor's the hub took for it, which other programs on the machine do not change."""
    with (
        tempfile.TemporaryDirectory() as folder,
        processes.hub(Path(folder), agents=max(1, waiters // PER_AGENT)) as (actors, pid),
    ):
        took, busy = asyncio.run(stopped(actors, waiters, psutil.Process(pid)))
        return took * 1000, busy * 1000


async def stopped(actors: Actors, waiters: int, hub: psutil.Process) -> tuple[float, float]:
    """Seconds that passed, and seconds of the hub's processor time."""
    agents = len(actors.agent_ids)
    names: list[tuple[int, str]] = []

    async def open_one(connection: Connection, number: int) -> None:
        status, body, _ = await connection.send(actors.escalation(number % agents)[0])
        if status != 201:
            raise LoadFailed(f"a question was answered {status}: {body[:300]!r}")
        names.append((number % agents, json.loads(body)["escalation_id"]))

    await run_many(waiters, 32, open_one, actors.port)
    connections = await many_connections(actors.port, waiters)
    answers = []
    for number, (connection, (which, name)) in enumerate(zip(connections, names, strict=True)):
        path = f"/v1/escalations/{name}?wait=60&since=1"
        answers.append(connection.send(actors.agent_request("GET", path, which=which)))
        if number % AT_ONCE == 0:
            await asyncio.sleep(0.1)
    await asyncio.sleep(SETTLE)
    control = await connect(actors.port)
    stop = actors.person_request("POST", f"/v1/orgs/{actors.org_id}/stop", {})
    before, began = sum(hub.cpu_times()[:2]), time.monotonic()
    status, body, _ = await control.send(stop)
    given = await asyncio.gather(*answers)
    took, busy = max(at for _, _, at in given) - began, sum(hub.cpu_times()[:2]) - before
    if status != 200 or {json.loads(view).get("status") for _, view, _ in given} != {"denied"}:
        raise LoadFailed(f"the stop was answered {status}: {body[:300]!r}")
    for connection in (*connections, control):
        connection.close()
    return took, busy
