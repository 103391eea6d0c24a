"""How soon a vendor has taken what a question gives rise to, and what a dead vendor costs the others."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sqlite3
import statistics
import time
from collections.abc import AsyncIterator, Awaitable
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
from tests.load.raw_http import Connection, connect
from tests.load.reaching_hub import AGENTS, add_address, place
from tests.load.sending import PAIRS, Pair, over_http

ADDRESSES = 5
"""On each channel of the queue."""
LIVE = ("webpush", "apns")
COMES_WITHIN = 300.0
"""Seconds after which a message that has not come is lost."""
AT_ONCE = 32
"""Questions asked at the same time where the hub is measured under load."""


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
        """When the last of them was taken, in nanoseconds of the monotonic clock. Raises TimeoutError where one never
        comes."""
        async with asyncio.timeout(COMES_WITHIN):
            return int(await self._reader.readline())


def latency(channel: str, ports: dict[str, int], folder: Path, samples: int) -> dict[str, list[float]]:
    """Milliseconds from a question's first byte, and from a bare client's send, to the vendor's having it whole: `hub`,
    `bare`, one after the other, and `hub_at_once`, `bare_at_once`, `AT_ONCE` at the same time."""
    own = folder / f"latency-{channel}"
    own.mkdir()
    shutil.copy(folder / "ca.pem", own)
    words = [channel, json.dumps(ports)]
    with processes.hub(own, module="tests.load.reaching_hub", words=words) as (actors, _):
        took, began = asyncio.run(_latency(channel, ports, folder, actors, samples))
    # The hub has stopped, and so written down what it sent.
    return {**took, "hub_at_once": _until_delivered(own / "hub.db", began)}


async def _latency(
    channel: str, ports: dict[str, int], folder: Path, actors: Actors, samples: int
) -> tuple[dict[str, list[float]], dict[str, float]]:
    make = PAIRS.get(channel, over_http)
    async with make(channel, ports, folder) as pair, _counting(ports) as vendors:
        connections = [await connect(actors.port) for _ in range(AT_ONCE)]
        took = await _one_by_one(pair, vendors, actors, connections[0], samples)
        took["bare_at_once"], began = await _at_once(pair, vendors, actors, connections, samples)
        for connection in connections:
            connection.close()
    return took, began


async def _one_by_one(
    pair: Pair, vendors: Vendors, actors: Actors, connection: Connection, samples: int
) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {"hub": [], "bare": []}
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
    return took


async def _at_once(
    pair: Pair, vendors: Vendors, actors: Actors, connections: list[Connection], samples: int
) -> tuple[list[float], dict[str, float]]:
    """What each of the bare sends took, and when each question was asked, in milliseconds since 1970."""
    bare: list[float] = []
    asked: dict[str, float] = {}
    for number in range(max(samples // AT_ONCE, 3) + 1):
        await vendors.expect(AT_ONCE)
        sent = await asyncio.gather(*[_timed(pair.bare()) for _ in connections])
        await vendors.at()
        raws = [actors.escalation(which % AGENTS)[0] for which in range(AT_ONCE)]
        await vendors.expect(AT_ONCE)
        began = await asyncio.gather(*[_asked(each, raw) for each, raw in zip(connections, raws, strict=True)])
        await vendors.at()
        if number:
            bare += sent
            asked.update(began)
    return bare, asked


async def _timed(send: Awaitable[None]) -> float:
    began = time.monotonic_ns()
    await send
    return (time.monotonic_ns() - began) / 1e6


async def _asked(connection: Connection, raw: bytes) -> tuple[str, float]:
    began = time.time() * 1000
    return str((await expect(connection, raw, 201))["escalation_id"]), began


def _until_delivered(database: Path, began: dict[str, float]) -> list[float]:
    """Milliseconds from each question to the vendor's answer, as the hub wrote it down, to the millisecond."""
    with contextlib.closing(sqlite3.connect(database)) as there:
        rows = there.execute("SELECT escalation_id, at FROM delivery_attempts WHERE status = 'delivered'").fetchall()
    at = dict(rows)
    if missing := began.keys() - at.keys():
        raise RuntimeError(f"never delivered: {len(missing)} of {len(began)}")
    return [max(0.0, at[name] - asked) for name, asked in began.items()]


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
