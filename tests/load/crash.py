"""Kills a hub at random moments under load, again and again, and holds it to everything it has acknowledged.

`python -m tests.load.crash FOLDER DATABASE ROUNDS SEED [beside] [turning]` prints one JSON object: the rounds, what was
acknowledged, and the broken promises. Every hub is forked from this process, which has imported it: a start costs no
imports, and none outlives it. With `beside` a second hub on the same PostgreSQL database is held to the word of the one
that was killed, at once: while the server may still be busy with what that one had sent. With `turning` the hubs
exchange their key-encryption key all the while, so that kills fall into rotations.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

from aiohttp import web

from approvals_hub.api.application import application
from approvals_hub.api.served import Served
from approvals_hub.api.server import Runner, site_options
from approvals_hub.app import OpenHub, Place
from approvals_hub.core.sealing import create_key_file
from approvals_hub.workers import Workers
from tests.load.hub_process import people_and_agents
from tests.load.lineage import end_with
from tests.load.load import Actors, LoadFailed
from tests.load.preloaded import load_for_hubs
from tests.load.processes import free_port
from tests.load.raw_http import connect
from tests.load.reckoning import reckon
from tests.load.story import Story, broken_promises
from tests.load.turning import add_spare_keys, turn, what_does_not_open

CLIENTS = 6
LONGEST_LOAD = 0.4
"""Seconds from the first request to the kill."""
EARLY = 0.25
"""How many of the hubs are killed while they start."""
LONGEST_START = 0.4
STARTS_WITHIN = 30.0


@dataclass
class Ordeal:
    """One database, killed over and over; `stories` is the log of what was acknowledged."""

    place: Place
    folder: Path
    actors: Actors
    chance: random.Random
    beside: int | None = None
    """The second hub's port."""
    turning: bool = False
    """Whether the hubs exchange their key-encryption key all the time."""
    stories: list[Story] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def round(self) -> None:
        """Start a hub, kill it at a random moment, and hold it to its word: started again, or by the one beside it."""
        told = len(self.stories)
        second = None if self.beside is None else self._fork(self.beside)
        first = self._fork(self.actors.port)
        if not self.turning and self.chance.random() < EARLY:
            sleep(self.chance.uniform(0, LONGEST_START))
            os.kill(first, signal.SIGKILL)
        else:
            if self.beside is not None:
                asyncio.run(self._until_it_listens(self.beside))
            shortest = LONGEST_LOAD / 2 if self.turning else 0
            asyncio.run(self._load(first, self.chance.uniform(shortest, LONGEST_LOAD)))
        os.waitpid(first, 0)
        if second is None:
            second = self._fork(self.actors.port)
        try:
            asyncio.run(self._hold(self.stories[told:], self.beside or self.actors.port))
        finally:
            # The kill after the reckoning falls into sealing and forgetting rather than into requests.
            os.kill(second, signal.SIGKILL)
            os.waitpid(second, 0)

    async def _load(self, pid: int, seconds: float) -> None:
        """Tell stories until the hub dies in the midst of them."""
        await self._until_it_listens(self.actors.port)
        death = asyncio.get_running_loop().time() + seconds
        clients = [asyncio.create_task(self._client(death)) for _ in range(CLIENTS)]
        await asyncio.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
        await asyncio.gather(*clients)

    async def _client(self, death: float) -> None:
        with contextlib.suppress(OSError):
            connection = await connect(self.actors.port)
            try:
                while True:
                    story = Story.begin(self.actors, self.chance)
                    self.stories.append(story)
                    # Nobody is told when the other end dies between two requests.
                    async with asyncio.timeout_at(death + 5):
                        await story.tell(self.actors, connection)
            except LoadFailed as failed:
                self.broken.append(str(failed))
            finally:
                connection.close()

    async def _hold(self, stories: list[Story], port: int) -> None:
        await self._until_it_listens(port)
        connection = await connect(port)
        for story in stories:
            try:
                self.broken += await broken_promises(story, self.actors, connection)
            except LoadFailed as failed:
                self.broken.append(f"{story.key}: {failed}")
        connection.close()

    async def _until_it_listens(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + STARTS_WITHIN
        while loop.time() < end:
            with contextlib.suppress(OSError):
                (await connect(port)).close()
                return
            await asyncio.sleep(0.005)
        log = (self.folder / "hub.log").read_text(errors="replace")
        raise RuntimeError(f"the hub did not start again: {log[-2000:]}")

    def _fork(self, port: int) -> int:
        own = os.getpid()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                end_with(own)
                log = os.open(self.folder / "hub.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                os.dup2(log, 1)
                os.dup2(log, 2)
                asyncio.run(_serve(self.place, port, self.turning))
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)
        return pid


async def _serve(place: Place, port: int, turning: bool) -> None:
    """A hub as `serve` runs it, until it is killed."""
    async with OpenHub(place) as hub:
        runner = Runner(application(hub, Served(place.public_url)))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, **site_options()).start()
        Workers(hub).start()
        await (turn(hub) if turning else asyncio.Event().wait())


async def _people(place: Place, port: int) -> Actors:
    async with OpenHub(place) as hub:
        return Actors.read(json.dumps(await people_and_agents(hub, port, 1)))


def main(
    folder: Path, database: str, rounds: int, seed: int, *, beside: bool = False, turning: bool = False
) -> dict[str, object]:
    """All rounds, then the reckoning over the database itself."""
    started = monotonic()
    load_for_hubs()
    port = free_port()
    create_key_file(folder / "kek")
    place = Place(
        public_url=f"http://localhost:{port}",
        key_file=folder / "kek",
        checkpoints=folder / "checkpoints",
        database=database,
    )
    ordeal = Ordeal(place, folder, asyncio.run(_people(place, port)), random.Random(seed))
    ordeal.beside = free_port() if beside else None
    ordeal.turning = turning
    if turning:
        asyncio.run(add_spare_keys(place))
    for _ in range(rounds):
        ordeal.round()
    told = asyncio.run(reckon(place, ordeal.stories))
    if turning:
        shut, counts = asyncio.run(what_does_not_open(place))
        told.broken += shut
        told.counts |= counts
    return {
        "seed": seed,
        "rounds": rounds,
        "seconds": round(monotonic() - started, 1),
        "questions": len(ordeal.stories),
        **told.counts,
        "broken": [*ordeal.broken, *told.broken],
    }


if __name__ == "__main__":
    end_with(os.getppid())
    given = sys.argv
    told = main(
        Path(given[1]), given[2], int(given[3]), int(given[4]), beside="beside" in given, turning="turning" in given
    )
    sys.stdout.write(json.dumps(told))
