"""What a waiter is told was read with the commit that woke it, and what is taken back before its turn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from approvals_hub.core.clock import MINUTE, SECOND
from approvals_hub.core.errors import Unauthenticated
from approvals_hub.escalations.collect import ToldAgent
from approvals_hub.escalations.wait import LOOKS
from tests.unit.escalations.test_wait import LONG, asleep, claims_of
from tests.unit.hub_fixture import Person, StaffedHub
from tests.unit.work_done import Watched


async def woken(
    house: StaffedHub, ada: Person, between: Callable[[StaffedHub, Person, str], Awaitable[object]] | None
) -> tuple[ToldAgent, int]:
    """What a waiter is told of Ada's approval, where something happens between its commit and the waiter's turn; and
    how often the waiter read after it was woken."""
    escalation_id = (await house.bot.ask()).escalation.id
    watched = Watched(house.hub.db)
    wait = replace(house.hub.wait, db=watched, turns=asyncio.Semaphore(LOOKS))
    poll = await asleep(house, wait(house.bot.credential(), escalation_id, since=1, seconds=LONG), escalation_id)
    async with asyncio.TaskGroup() as others:
        for _ in range(LOOKS):
            others.create_task(wait.turns.acquire())
    await ada.answer(escalation_id)
    if between is not None:
        await between(house, ada, escalation_id)
    watched.done.clear()
    wait.turns.release()
    return await asyncio.wait_for(poll, 20), len(watched.done)


async def test_a_waiter_is_told_what_was_read_with_the_commit_that_woke_it_and_reads_nothing(house: StaffedHub) -> None:
    standing, statements = await woken(house, await house.person("Ada"), None)
    assert claims_of(standing.approval_token)["escalation_id"] == standing.escalation.id
    assert claims_of(standing.outcome_token)["outcome"] == "approved"
    one_process = house.place.database.startswith("sqlite:")
    assert (statements == 0) is one_process


async def device_revoked(house: StaffedHub, ada: Person, escalation_id: str) -> None:
    await house.hub.revoke_device(ada.credential, ada.device_id, await ada.fresh())


async def person_disabled(house: StaffedHub, ada: Person, escalation_id: str) -> None:
    await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, "disabled")


async def agent_paused(house: StaffedHub, ada: Person, escalation_id: str) -> None:
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "paused")


async def stop_pressed(house: StaffedHub, ada: Person, escalation_id: str) -> None:
    await house.hub.govern.stop(house.operator, house.org_id)


async def token_recalled(house: StaffedHub, ada: Person, escalation_id: str) -> None:
    await house.hub.recall(house.owner.credential, escalation_id)


async def time_passed(house: StaffedHub, ada: Person, escalation_id: str) -> None:
    house.time.now += 10 * MINUTE


TAKEN_BACK = [device_revoked, person_disabled, token_recalled, time_passed, agent_paused, stop_pressed]


async def test_a_device_a_person_a_token_or_an_agent_ended_between_the_commit_and_the_wake_up_lets_no_token_out(
    house: StaffedHub,
) -> None:
    for between in TAKEN_BACK:
        ada, house.bot = await house.person("Ada"), await house.agent(between.__name__)
        standing, statements = await woken(house, ada, between)
        assert (standing.escalation.state, standing.approval_token) == ("approved", None), between
        # Where the question itself has changed, it was read again with that change, and the first reading is gone.
        assert statements > 0 or between is not device_revoked


async def test_an_agent_or_a_key_ended_between_the_commit_and_the_wake_up_is_told_nothing(house: StaffedHub) -> None:
    async def key_ends(house: StaffedHub, ada: Person, escalation_id: str) -> None:
        house.time.now += 2 * SECOND

    async def agent_revoked(house: StaffedHub, ada: Person, escalation_id: str) -> None:
        await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "revoked")

    ada, another = await house.person("Ada"), await house.agent("another")
    await house.change(
        "UPDATE agent_keys SET valid_until = :at WHERE id = :id", at=house.time.now + SECOND, id=house.bot.key_id
    )
    with pytest.raises(Unauthenticated):
        await woken(house, ada, key_ends)
    house.bot = another
    with pytest.raises(Unauthenticated):
        await woken(house, ada, agent_revoked)
