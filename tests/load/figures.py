"""What the bench measures, each beside its bare limit in the same run, alternating so that noise hits both."""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.load import processes
from tests.load.load import Actors, blast, one_loop, run_many
from tests.load.raw_http import request

CLIENTS = 32


@dataclass(frozen=True)
class Figure:
    """One line of the table. `ratio` compares `value` with `limit`; `target` says what it should be."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    ratio: float | None = None
    target: str | None = None
    met: bool | None = None


def at_least(name: str, value: float, unit: str, limit: float, target: float) -> Figure:
    ratio = value / limit
    return Figure(name, value, unit, limit, ratio, f">= {target}", ratio >= target)


def at_most(name: str, value: float, unit: str, limit: float, target: float) -> Figure:
    ratio = value / limit
    return Figure(name, value, unit, limit, ratio, f"<= {target}", ratio <= target)


def echoes(port: int, like: bytes, count: int) -> list[bytes]:
    """Requests of the same size and headers for the bare echo."""
    head, _, body = like.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    del headers["Host"], headers["Content-Length"]
    return [request("POST", "/echo", port=port, body=body, headers=headers)] * count


def per_second(count: int, seconds: list[float]) -> float:
    """The median round."""
    return count / statistics.median(seconds)


def escalations(quick: bool) -> Iterator[Figure]:
    """Durable signed escalations a second: beside the bare echo, and beside the same handlers without SQLite."""
    count, rounds = (600, 3) if quick else (1500, 7)
    with (
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as two,
        processes.bare() as (bare_port, _),
        processes.hub(Path(one), agents=rounds + 1) as (actors, _),
        processes.hub(Path(two), without_database=True) as (memory, _),
    ):
        took: dict[str, list[float]] = {"hub": [], "echo": [], "memory": []}
        for number in range(rounds + 1):
            mine = [actors.escalation(number)[0] for _ in range(min(count, 990))]
            theirs = [memory.escalation()[0] for _ in range(min(count, 990))]
            plain = echoes(bare_port, mine[0], len(mine))
            for name, port, load, status in (
                ("echo", bare_port, plain, 200),
                ("hub", actors.port, mine, 201),
                ("memory", memory.port, theirs, 201),
            ):
                seconds = asyncio.run(blast(port, load, clients=CLIENTS, status=status))
                if number:
                    took[name].append(seconds)
        done = min(count, 990)
        hub, echo, without = (per_second(done, took[name]) for name in ("hub", "echo", "memory"))
        yield at_least("escalations_per_second", hub, "/s beside a bare JSON echo", echo, 0.35)
        yield at_least("escalations_beside_no_database", hub, "/s beside the same without SQLite", without, 0.65)


def authorizing(quick: bool) -> Iterator[Figure]:
    """Actions a second that policies allow, each with a durable entry of the log and a proof, beside as many echoes."""
    count, rounds = (200, 3) if quick else (900, 7)
    with (
        tempfile.TemporaryDirectory() as folder,
        processes.bare() as (bare_port, _),
        processes.hub(Path(folder), words=("8", "policy")) as (actors, _),
    ):
        took, echo = [], []
        for number in range(rounds + 1):
            mine = [actors.authorization(each % 8) for each in range(count)]
            plain = echoes(bare_port, mine[0], count)
            for times, port, load in ((echo, bare_port, plain), (took, actors.port, mine)):
                seconds = asyncio.run(blast(port, load, clients=CLIENTS, status=200))
                if number:
                    times.append(seconds)
        hub, echoed = per_second(count, took), per_second(count, echo)
        unit = "/s allowed with a proof, beside a bare JSON echo"
        yield at_least("authorizations_per_second", hub, unit, echoed, 0.35)


def loops(quick: bool) -> Iterator[Figure]:
    """The whole main job a second: five requests, beside as many echoes."""
    count, rounds = (150, 3) if quick else (400, 7)
    with (
        tempfile.TemporaryDirectory() as folder,
        processes.bare() as (bare_port, _),
        processes.hub(Path(folder), agents=8) as (actors, _),
    ):
        took, echo = [], []
        for number in range(rounds + 1):
            seconds = asyncio.run(_loops(actors, count))
            like = actors.escalation()[0]
            plain = asyncio.run(blast(bare_port, echoes(bare_port, like, 5 * count), clients=CLIENTS, status=200))
            if number:
                took.append(seconds)
                echo.append(plain)
        hub, echoed = per_second(count, took) * 5, per_second(5 * count, echo)
        yield at_least("loops_per_second", hub, "requests/s of whole loops beside a bare JSON echo", echoed, 0.30)


async def _loops(actors: Actors, count: int) -> float:
    agents = len(actors.agent_ids)
    return await run_many(
        count, CLIENTS, lambda connection, number: one_loop(actors, connection, number % agents), actors.port
    )


def cold_start(quick: bool) -> Iterator[Figure]:
    """From the command to the first answer, and the memory of an idle hub, beside a bare aiohttp application."""
    from tests.load.starting import measure

    yield from (Figure(**line) for line in measure(3 if quick else 7))


def waiting(quick: bool) -> Iterator[Figure]:
    """From a decision's commit to the token at its agent among many waiters, and what a waiter costs."""
    from tests.load.waiting import measure

    found = measure(waiters=2_000 if quick else 10_000, samples=300 if quick else 1000)
    yield at_most("decision_to_token_p50", found["hub_p50"], "ms", found["bare_p50"], 2.0)
    yield at_most("decision_to_token_p99", found["hub_p99"], "ms", found["bare_p99"], 3.0)
    yield at_most("memory_per_waiter", found["hub_kib"], "KiB", found["bare_kib"], 1.3)


def stopping(quick: bool) -> Iterator[Figure]:
    """From the request that stops an organisation to the last waiter who is told no, each with an open question."""
    from tests.load.stopping import measure

    waiters = 300 if quick else 1000
    took, _ = measure(waiters=waiters)
    yield at_most("stop_all", took, f"ms for {waiters} open questions and waiters", 1000, 1.0)


def history(quick: bool) -> Iterator[Figure]:
    """The loop with many past escalations in the database, beside the loop with none."""
    from tests.load.filling import fill

    past, count, rounds = (20_000, 100, 3) if quick else (1_000_000, 300, 7)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        with processes.hub(Path(two), agents=8) as (actors, _):
            asyncio.run(_loops(actors, len(actors.agent_ids)))
        fill(Path(two), past)
        with processes.hub(Path(one), agents=8) as (fresh, _), processes.hub(Path(two), agents=8) as (full, _):
            took: dict[str, list[float]] = {"fresh": [], "full": []}
            for number in range(rounds + 1):
                for name, actors in (("fresh", fresh), ("full", full)):
                    seconds = asyncio.run(_loops(actors, count))
                    if number:
                        took[name].append(seconds)
        full_ms, fresh_ms = (statistics.median(took[name]) / count * 1000 for name in ("full", "fresh"))
        unit = f"ms a loop with {past} past escalations beside an empty database"
        yield at_most("loop_with_past", full_ms, unit, fresh_ms, 1.15)


def audit(quick: bool) -> Iterator[Figure]:
    """Export and offline verification of a large log, beside reading its rows in pages."""
    from tests.load.auditing import measure

    found = measure(500_000 if quick else 1_000_000)
    yield at_least("audit_export", found["export"], "events/s beside reading the rows", found["read"], 0.25)
    yield at_least("audit_verify", found["verify"], "events/s beside reading the rows", found["read"], 0.25)
    yield at_most("audit_peak_memory", found["peak_mib"], "MiB beside three tenths of them", found["small_mib"], 1.2)


def reaching(quick: bool) -> Iterator[Figure]:
    """From a question to its vendor, sends a second of each channel, and what a dead vendor costs the others."""
    from tests.load import reaching, sending
    from tests.load.addresses import CHANNELS

    samples, count, rounds, rows = (32, 150, 3, 1_500) if quick else (500, 1000, 7, 10_000)
    with tempfile.TemporaryDirectory() as place, processes.vendor(Path(place)) as ports:
        folder = Path(place)
        for channel in CHANNELS:
            took = reaching.latency(channel, ports, folder, samples)
            for load, unit in (("", "send"), ("_at_once", f"{reaching.AT_ONCE} sends at once")):
                for name, cut in (("p50", 0.5), ("p99", 0.99)):
                    ours, bare = (_at(cut, took[side + load]) for side in ("hub", "bare"))
                    what = f"{channel}_created_to_taken{load}_{name}"
                    yield Figure(what, ours, f"ms beside the bare client's {unit}", bare, ours / bare, "printed")
        for channel, (sends, bare) in sending.measure(ports, folder, count=count, rounds=rounds).items():
            what, unit = f"{channel}_sends", "/s of a core beside the bare client"
            if channel == sending.POSTING:
                yield Figure(what, sends, unit, bare, sends / bare, "printed")
            else:
                yield at_least(what, sends, unit, bare, 0.5)
        seconds = reaching.queue(ports, folder, rows=rows, rounds=1 if quick else 3)
        for dead in ("silent", "closed"):
            unit = f"s for {rows} rows beside the same without the dead vendor"
            yield at_most(f"queue_beside_a_{dead}_vendor", seconds[dead], unit, seconds["none"], 1.1)


def _at(cut: float, times: list[float]) -> float:
    """The time below which this part of them lies."""
    return sorted(times)[int(cut * (len(times) - 1))]


def policies(quick: bool) -> Iterator[Figure]:
    """Decisions a second of the policy engine, with more rules about other kinds of action beside a few."""
    from tests.load import deciding

    few, *more = deciding.SIZES
    found = deciding.measure(quick)
    yield Figure(f"decisions_{few}_rules", found[few], "/s of a core")
    for size in more:
        yield at_least(f"decisions_{size}_rules", found[size], f"/s of a core beside {few} rules", found[few], 0.5)
    yield Figure("explained_1000_rules", deciding.explained(quick), "/s of a core, with the whole trace")


FIGURES: dict[str, Callable[[bool], Iterator[Figure]]] = {
    "escalations": escalations,
    "authorizing": authorizing,
    "loops": loops,
    "waiting": waiting,
    "stopping": stopping,
    "history": history,
    "audit": audit,
    "reaching": reaching,
    "policies": policies,
    "cold_start": cold_start,
}


def as_json(figures: list[Figure]) -> str:
    """The whole table as JSON."""

    def line(figure: Figure) -> dict[str, Any]:
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in vars(figure).items()}

    return json.dumps({"figures": [line(figure) for figure in figures]})
