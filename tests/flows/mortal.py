"""Hubs without HTTP that do what happens by itself, forked from a process that has imported everything; to be killed.

`python -m tests.flows.mortal PLACE` reads milliseconds by which a hub's clock is ahead, one a line, forks a hub for
each and prints its process id. PLACE is a file with a pickled `Place`.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import sys
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from approvals_hub.app import OpenHub, Place
from approvals_hub.core.clock import Clock, system_clock
from approvals_hub.workers import Workers
from tests.load.lineage import end_with
from tests.load.preloaded import load_for_hubs, load_whole
from tests.load.processes import ROOT


@dataclass
class Mortals:
    """Lets hubs live and die."""

    mother: asyncio.subprocess.Process
    living: list[int] = field(default_factory=list)

    async def born(self, ahead: int) -> int:
        """A hub on the same database; its clock is so many milliseconds ahead. Its process id."""
        assert self.mother.stdin is not None
        assert self.mother.stdout is not None
        self.mother.stdin.write(f"{ahead}\n".encode())
        async with asyncio.timeout(60):
            self.living.append(int(await self.mother.stdout.readline()))
        return self.living[-1]

    def kill(self, pid: int) -> None:
        """With SIGKILL: it gets to do nothing more."""
        os.kill(pid, signal.SIGKILL)
        self.living.remove(pid)


@asynccontextmanager
async def mortals(place: Place, folder: Path) -> AsyncIterator[Mortals]:
    """Their mother lives until the block ends, and none of them longer than she."""
    (folder / "place").write_bytes(pickle.dumps(place))
    with (folder / "mortal.log").open("ab") as log:
        mother = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.flows.mortal",
            str(folder / "place"),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    found = Mortals(mother)
    try:
        yield found
    finally:
        for pid in found.living:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        mother.kill()
        await mother.wait()
        # Its pipes are closed with it, and not by the collector later.
        mother._transport.close()  # type: ignore[attr-defined]


async def live(place: Place, ahead: int) -> None:
    """Until it is killed."""
    real = system_clock()
    async with OpenHub(place, Clock(lambda: real.now() + ahead)) as hub:
        Workers(hub).start()
        await asyncio.Event().wait()


def main(place: Place) -> None:
    load_for_hubs()
    # And what their channels load when they are made.
    load_whole("notify")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    own = os.getpid()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                end_with(own)
                asyncio.run(live(place, int(line)))
            except BaseException:
                traceback.print_exc()
            os._exit(1)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    end_with(os.getppid())
    main(pickle.loads(Path(sys.argv[1]).read_bytes()))
