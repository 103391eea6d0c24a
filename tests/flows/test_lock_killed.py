"""A hub is killed with SIGKILL while an approval waits for its time: the lock holds, and the next hub ends it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from approvals_hub.core.clock import SECOND
from approvals_hub_client.question import Question
from tests.flows.mortal import mortals
from tests.flows.several import answers, ask, require
from tests.flows.world import World

LOCK = 120
WITHIN = 60.0
"""Seconds for what another process does."""


async def test_an_approval_that_waits_when_its_hub_is_killed_is_neither_lost_nor_given_early(
    world: World, tmp_path: Path
) -> None:
    ada, bo, agent = await world.person("Ada"), await world.person("Bo"), await world.agent()
    await require(world, approvals=2, wait=LOCK)
    locked = await ask(agent)
    for person in (ada, bo):
        await answers(person, locked)
    (tmp_path / "mortals").mkdir()
    async with mortals(world.place, tmp_path / "mortals") as hubs:
        # What is over under the clock of a hub that lives tells that it works; the lock is half over then.
        await require(world, approvals=2, wait=0)
        sign = await ask(agent, expires_in=10)
        hub = await hubs.born(LOCK // 2 * SECOND)
        await state_is(world, sign, "expired_unseen", "undeliverable")
        hubs.kill(hub)
        assert await state(world, locked) == "open"
        await hubs.born((LOCK + 15) * SECOND)
        await state_is(world, locked, "approved")
    row = await _row(world, locked)
    assert row["ended_at"] - row["created_at"] >= LOCK * SECOND
    assert row["token_state"] == "ready"


async def state(world: World, question: Question) -> str:
    return str((await _row(world, question))["state"])


async def state_is(world: World, question: Question, *wanted: str) -> None:
    async with asyncio.timeout(WITHIN):
        while await state(world, question) not in wanted:
            await asyncio.sleep(0.05)


async def _row(world: World, question: Question) -> Any:
    async def work(tx: Any) -> Any:
        return await tx.row("SELECT * FROM escalations WHERE id = :id", id=question.escalation_id)

    return await world.hub.db.read(work)
