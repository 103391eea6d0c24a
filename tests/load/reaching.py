"""How soon a vendor has taken what a question gives rise to, and what a dead vendor costs the others."""

from __future__ import annotations

import asyncio
import json
import shutil
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from approvals_hub.app import OpenHub
from approvals_hub.core.clock import HOUR
from approvals_hub.db.database import Tx
from approvals_hub.hub import Hub
from approvals_hub.notifications.outbox import queue_person
from approvals_hub.workers import Workers
from tests.load import processes
from tests.load.addresses import INNER, addresses, browser, settings
from tests.load.hub_process import people_and_agents
from tests.load.load import Actors, expect
from tests.load.raw_http import connect
from tests.load.reaching_hub import AGENTS, add_address, place
from tests.load.sending import PAIRS, over_http

ADDRESSES = 5
"""On each channel of the queue."""
LIVE = ("webpush", "apns")


@asynccontextmanager
async def _counting(ports: dict[str, int]) -> AsyncIterator[Vendors]:
    reader, writer = await asyncio.open_connection("127.0.0.1", ports["control"])
    try:
        yield Vendors(reader, writer)
    finally:
        writer.close()
        await writer.wait_closed()


class Vendors:
    """Asks the vendors when they have taken so many more messages."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def expect(self, count: int) -> None:
        """Begin to count."""
        self._writer.write(f"after {count}\n".encode())
        await self._reader.readline()

    async def at(self) -> int:
        """When the last of them was taken, in nanoseconds of the monotonic clock."""
        return int(await self._reader.readline())


def latency(channel: str, ports: dict[str, int], folder: Path, samples: int) -> dict[str, list[float]]:
    """Milliseconds from a question's first byte, and from a bare client's send, to the vendor's having it whole."""
    own = folder / f"latency-{channel}"
    own.mkdir()
    shutil.copy(folder / "ca.pem", own)
    words = [channel, json.dumps(ports)]
    with processes.hub(own, module="tests.load.reaching_hub", words=words) as (actors, _):
        return asyncio.run(_latency(channel, ports, folder, actors, samples))


async def _latency(
    channel: str, ports: dict[str, int], folder: Path, actors: Actors, samples: int
) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {"hub": [], "bare": []}
    make = PAIRS.get(channel, over_http)
    async with make(channel, ports, folder) as pair, _counting(ports) as vendors:
        connection = await connect(actors.port)
        for number in range(samples + 10):
            raw, _ = actors.escalation(number % AGENTS)
            for name in ("bare", "hub"):
                await vendors.expect(1)
                began = time.monotonic_ns()
                if name == "hub":
                    await expect(connection, raw, 201)
                else:
                    await pair.bare()
                if number >= 10:
                    took[name].append((await vendors.at() - began) / 1e6)
                else:
                    await vendors.at()
        connection.close()
    return took


def queue(ports: dict[str, int], folder: Path, *, rows: int, rounds: int) -> dict[str, float]:
    """Seconds until `rows` tellings of which a third is for a dead vendor have reached the others, by how that one is
    dead: `silent`, `closed`; and `none` where its third is not there. Medians of alternating rounds."""
    took: dict[str, list[float]] = {"none": [], "silent": [], "closed": []}
    for number in range(rounds):
        for dead, found in took.items():
            own = folder / f"queue-{number}-{dead}"
            own.mkdir()
            shutil.copy(folder / "ca.pem", own)
            found.append(asyncio.run(_queue(ports, own, rows, None if dead == "none" else dead)))
            shutil.rmtree(own)
    return {name: statistics.median(found) for name, found in took.items()}


async def _queue(ports: dict[str, int], folder: Path, rows: int, dead: str | None) -> float:
    tables = {
        name: {"kind": name, "ca_file": "ca.pem", **settings(ports)[name], **INNER.get(name, {})} for name in LIVE
    }
    tables["dead"] = tables["webpush"]
    port = processes.free_port()
    async with OpenHub(place(folder, port, tables)) as hub, _counting(ports) as vendors:
        await people_and_agents(hub, port, 0)
        for name in LIVE:
            for _ in range(ADDRESSES):
                await add_address(hub, name, addresses(ports)[name])
        if dead is not None:
            for number in range(ADDRESSES):
                await add_address(hub, "dead", browser(ports[dead], str(number)))
        news = rows // (ADDRESSES * (len(LIVE) + 1))
        await _queue_news(hub, news)
        await vendors.expect(news * ADDRESSES * len(LIVE))
        workers, began = Workers(hub), time.monotonic_ns()
        workers.start()
        taken = await vendors.at()
        await hub.reach.dispatch.stop()
        await workers.stop()
    return (taken - began) / 1e9


async def _queue_news(hub: Hub, count: int) -> None:
    """So many things to tell the hub's one person, at every address; the rows are there, and nothing is sent."""
    now = hub.clock.now()

    async def work(tx: Tx) -> None:
        [person] = await tx.rows("SELECT id FROM people")
        [org] = await tx.rows("SELECT id FROM orgs")
        await tx.execute("DELETE FROM outbox")
        for _ in range(count):
            await queue_person(
                tx, kind="session.new", org_id=org["id"], person_id=person["id"], at=now, until=now + HOUR
            )

    await hub.db.run(work)
    while await hub.reach.tell_news():
        pass
