"""Everybody who waited comes back after a restart: spread in time, refused by nobody, while new work is done.

The waiters rest as the client does. `make soak` has five thousand of them, two agents at their limit of waiters.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from approvals_hub.api.limits import WAITERS_OF_AGENT
from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub_client import AsyncHub, register
from approvals_hub_client.question import Question
from approvals_hub_client.transport import FIRST_PAUSE, LONGEST_PAUSE, rest_of
from tests.flows.commands import Commands, Process
from tests.flows.process import join
from tests.flows.test_stop import let_in, nonces, waiting
from tests.load.raw_http import Connection, connect

pytestmark = pytest.mark.soak

LONG = os.environ.get("SOAK") == "1"
WAITERS = WAITERS_OF_AGENT if LONG else 200
"""Of each agent."""
AGENTS = 2
AT_ONCE = 100
"""Openings before the hub has answered those before: what its backlog holds."""
BACK_WITHIN = 60.0 if LONG else 20.0
SERVED_WITHIN = 15.0
"""Seconds for new work in the midst of it: a question, its answer, its token."""
SPREAD = 0.3
"""Seconds in which eight tenths of them come back at least; in step, they would at one instant."""
KIB = 64
"""Memory of one waiter at most, in KiB, beside a room for everything else."""
ROOM = 48 * 1024
CPU = 0.01
"""Seconds of the hub's processor time for one waiter that comes back, at most; 0.001 to 0.002 on an idle machine."""


@dataclass
class Herd:
    """Waiters of several agents, and what the hub told them."""

    commands: Commands
    statuses: Counter[int] = field(default_factory=Counter)
    sent: list[float] = field(default_factory=list)
    """When each began to wait, by the monotonic clock."""
    _gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def follow(self, agent: AsyncHub, question: Question) -> str:
        """One of them: waits until the question has ended, through everything; how it ended."""
        pause = FIRST_PAUSE
        while True:
            connection: Connection | None = None
            try:
                async with self._gate:
                    connection = await connect(self.commands.port)
                    answer = connection.send(waiting(agent, question, self.commands))
                self.sent.append(time.monotonic())
                status, body, _ = await answer
            except OSError:
                await asyncio.sleep(random.uniform(0, pause))
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            finally:
                if connection is not None:
                    connection.close()
            pause = FIRST_PAUSE
            self.statuses[status] += 1
            if status == 200 and json.loads(body)["status"] != "open":
                return str(json.loads(body)["status"])
            await asyncio.sleep(rest_of(1.0))


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    """A hub on SQLite, with sockets enough on both sides."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 3 * AGENTS * WAITERS:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(3 * AGENTS * WAITERS, hard), hard))
    return Commands(tmp_path / "data")


@asynccontextmanager
async def coming_up(commands: Commands) -> AsyncIterator[Process]:
    """A hub that serves; the herd goes on while it starts."""
    served = commands.serving()
    process = await asyncio.to_thread(served.__enter__)
    try:
        yield process
    finally:
        await asyncio.to_thread(served.__exit__, None, None, None)


async def test_a_herd_that_comes_back_after_a_restart_is_spread_and_served_and_holds_up_no_new_work(
    commands: Commands, tmp_path: Path
) -> None:
    herd, tasks, place = Herd(commands), [], commands.data / "hub.db"
    async with SoftwarePhone(commands.url) as phone, AsyncExitStack() as stack:
        with commands.serving() as first:
            agents = [await join(commands, phone, tmp_path)]
            for number in range(1, AGENTS):
                invited = await asyncio.to_thread(commands.json, "agents", "invite", f"bot {number}")
                kept = tmp_path / f"agent {number}.json"
                await register(commands.url, invited["invite"], kept, allow_http=True)
                agents.append(AsyncHub.from_file(kept, allow_http=True))
            for agent in agents:
                stack.push_async_callback(agent.close)
            questions = [await agent.ask("wait.long", {"n": n}) for n, agent in enumerate(agents)]
            before = await nonces(place)
            for agent, question in zip(agents, questions, strict=True):
                tasks += [asyncio.create_task(herd.follow(agent, question)) for _ in range(WAITERS)]
            await let_in(place, before + len(tasks))
            first.send_signal(signal.SIGTERM)
            await asyncio.to_thread(first.wait, 60)
        assert herd.statuses == {200: len(tasks)}
        seen, waited = await nonces(place), len(herd.sent)
        async with coming_up(commands) as second:
            hub = psutil.Process(second.pid)
            memory, busy = hub.memory_info().rss, sum(hub.cpu_times()[:2])
            began = time.monotonic()
            fresh = await agents[0].ask("db.drop", {"while": "they come back"})
            await phone.answer(fresh.escalation_id, "approve")
            await agents[0].redeem(await agents[0].wait(fresh, within=SERVED_WITHIN))
            assert time.monotonic() - began < SERVED_WITHIN
            async with asyncio.timeout(BACK_WITHIN):
                await let_in(place, seen + len(tasks))
            assert hub.memory_info().rss - memory < (ROOM + KIB * len(tasks)) * 1024
            assert sum(hub.cpu_times()[:2]) - busy < 2 + CPU * len(tasks)
            for question in questions:
                await phone.answer(question.escalation_id, "approve")
            assert set(await asyncio.wait_for(asyncio.gather(*tasks), BACK_WITHIN)) == {"approved"}
    assert not [status for status in herd.statuses if status >= 500], herd.statuses
    back = sorted(herd.sent[waited:])
    assert back[len(back) * 9 // 10] - back[len(back) // 10] > SPREAD
