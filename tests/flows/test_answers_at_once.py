"""Many answers, ends and changes at the same instant: exactly one outcome, on PostgreSQL over two processes' hubs."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Awaitable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest

from approvals_hub.audit.filter import EVERYTHING
from approvals_hub.audit.verify import verify
from approvals_hub.core.clock import SECOND
from approvals_hub.core.errors import HubError, Unavailable
from approvals_hub.decisions.answer import Answer
from approvals_hub.hub import Hub
from tests.unit.hub_fixture import Bot, Person, StaffedHub

pytestmark = pytest.mark.soak

LONG = os.environ.get("SOAK") == "1"
ROUNDS = 60 if LONG else 6
ANSWERS = 600 if LONG else 200
PEOPLE = 10
OUTCOME = {"approve": "approved", "deny": "denied", "not_me": "not_me"}


@dataclass
class Crowd:
    """Several people, and every hub that serves them."""

    house: StaffedHub
    hubs: list[Hub]
    people: list[Person]

    async def ended(self, escalation_id: str) -> list[dict[str, Any]]:
        return [one for one in await self.house.events("escalation.ended") if one["escalation_id"] == escalation_id]

    async def answer(self, hub: Hub, person: Person, escalation_id: str, decision: str) -> Awaitable[object]:
        """A signed answer, ready to be sent."""
        answer = person.signs(await person.statement(escalation_id, decision))
        return self.send(hub, person, escalation_id, answer)

    async def send(self, hub: Hub, person: Person, escalation_id: str, answer: Answer) -> str:
        """What came of it: the status that the receipt shows, or the refusal's code."""
        return await told(hub.decide(person.credential, escalation_id, answer), "status")


async def told(work: Awaitable[Any], name: str = "state") -> str:
    """What came of it in one word. A hub that cannot answer is a failure of this test."""
    try:
        return str(getattr(await work, name, "done"))
    except Unavailable:
        raise
    except HubError as refusal:
        return refusal.code


@pytest.fixture
async def crowd(house: StaffedHub) -> Crowd:
    """People who may all answer, and on PostgreSQL a second hub over the same database."""
    hubs = [house.hub]
    if not house.place.database.startswith("sqlite:"):
        hubs.append(await house.another_process())
    # Denials of one round must not keep the agent from asking in the next.
    await house.hub.set_limits(house.operator, {"back_off": False})
    people = [await house.person(f"person {number}") for number in range(PEOPLE)]
    return Crowd(house, hubs, people)


async def test_of_two_hundred_contradictory_answers_one_decides(crowd: Crowd) -> None:
    house = crowd.house
    escalation_id = (await house.bot.ask()).escalation.id
    answers = [
        await crowd.answer(
            crowd.hubs[number % len(crowd.hubs)],
            crowd.people[number % PEOPLE],
            escalation_id,
            random.choice(list(OUTCOME)),
        )
        for number in range(ANSWERS)
    ]
    await asyncio.gather(*answers)
    escalation = (await house.bot.standing(escalation_id)).escalation
    [ended] = await crowd.ended(escalation_id)
    rows = await house.rows("SELECT approver_id, decision, superseded_at FROM decisions ORDER BY superseded_at")
    first = next((row for row in rows if row["superseded_at"] is not None), rows[0])
    assert (
        ended["decision"]
        == escalation.state
        == {"approve": "approved", "deny": "denied"}.get(first["decision"], "not_me")
    )
    assert {row["approver_id"] for row in rows} == {escalation.ended_by}
    # Whoever approved may have taken it back; nothing else follows the first answer.
    assert len(rows) == 1 or (first["decision"] == "approve" and len(rows) == 2)
    if escalation.state == "approved":
        assert escalation.token_state == ("ready" if len(rows) == 1 else "revoked")


async def test_two_votes_that_complete_a_quorum_at_the_same_instant_approve_once(crowd: Crowd) -> None:
    house = crowd.house
    await house.require(approvals=2)
    for _ in range(ROUNDS):
        escalation_id = (await house.bot.ask()).escalation.id
        ada, bo = random.sample(crowd.people, 2)
        answers = [
            await crowd.answer(crowd.hubs[0], ada, escalation_id, "approve"),
            await crowd.answer(crowd.hubs[-1], bo, escalation_id, "approve"),
        ]
        assert sorted(await asyncio.gather(*answers)) == ["approved", "open"]
        token = await house.bot.standing(escalation_id)
        assert token.approval_token is not None
        assert len(await crowd.ended(escalation_id)) == 1


async def test_a_vote_that_completes_a_quorum_and_a_denial_at_the_same_instant_leave_nothing_to_spend(
    crowd: Crowd,
) -> None:
    house = crowd.house
    await house.require(approvals=2)
    for _ in range(ROUNDS):
        escalation_id = (await house.bot.ask()).escalation.id
        ada, bo, cy = random.sample(crowd.people, 3)
        await asyncio.ensure_future(await crowd.answer(crowd.hubs[0], ada, escalation_id, "approve"))
        answers = [
            await crowd.answer(crowd.hubs[0], bo, escalation_id, "approve"),
            await crowd.answer(crowd.hubs[-1], cy, escalation_id, "deny"),
        ]
        results = await asyncio.gather(*answers)
        standing = await house.bot.standing(escalation_id)
        [ended] = await crowd.ended(escalation_id)
        assert ended["decision"] == standing.escalation.state
        assert results in (["approved", "escalation_ended"], ["escalation_ended", "denied"])
        assert (standing.approval_token is not None) == (results[0] == "approved")


@pytest.mark.parametrize("rival", ["withdraw", "revise", "expire", "pause", "stop"])
async def test_an_approval_and_an_end_at_the_same_instant_leave_one_outcome(crowd: Crowd, rival: str) -> None:
    house = crowd.house
    for number in range(ROUNDS):
        bot = await house.agent()
        escalation_id = (await bot.ask(expires_in=60)).escalation.id
        one, other = random.sample(crowd.hubs * 2, 2)
        approve = await crowd.answer(one, crowd.people[0], escalation_id, "approve")
        both = [approve, told(end(rival, house, other, bot, escalation_id))]
        results = await asyncio.gather(*(both if number % 2 else reversed(both)))
        approved = (results[0] if number % 2 else results[1]) == "approved"
        [ended] = await crowd.ended(escalation_id)
        standing = await bot.standing(escalation_id)
        assert ended["decision"] == standing.escalation.state
        assert (standing.escalation.state == "approved") == approved
        # Every rival but the clock voids the token of an approval that was a moment faster.
        assert (standing.approval_token is not None) == (approved and rival == "expire")
        if rival == "stop":
            await house.hub.govern.resume(house.operator, house.org_id)


async def end(rival: str, house: StaffedHub, hub: Hub, bot: Bot, escalation_id: str) -> object:
    """End the question, or everything of its agent, over this hub."""
    if rival == "withdraw":
        return await hub.withdraw(bot.credential(), escalation_id)
    if rival == "revise":
        return await hub.revise(bot.credential(), escalation_id, bot.asking())
    if rival == "pause":
        return await hub.govern.set_agent_state(house.operator, house.org_id, bot.agent_id, "paused")
    if rival == "stop":
        return await hub.govern.stop(house.operator, house.org_id)
    return await expire(house, hub)


async def expire(house: StaffedHub, hub: Hub) -> int:
    """Let the question's time pass, and the worker notice."""
    house.time.now += 60 * SECOND
    return await hub.advance()


async def test_an_extension_and_the_end_of_time_at_the_same_instant_leave_it_open_or_ended(crowd: Crowd) -> None:
    house = crowd.house
    for number in range(ROUNDS):
        escalation_id = (await house.bot.ask(expires_in=60)).escalation.id
        more = told(crowd.hubs[0].extend.by_agent(house.bot.credential(), escalation_id, 600), "state")
        over = told(expire(house, crowd.hubs[-1]))
        results = await asyncio.gather(*((more, over) if number % 2 else (over, more)))
        extended = (results[0] if number % 2 else results[1]) == "open"
        assert (await house.bot.standing(escalation_id)).escalation.open == extended
        assert len(await crowd.ended(escalation_id)) == (0 if extended else 1)


async def test_what_both_hubs_wrote_at_the_same_instant_is_one_log_that_verifies(crowd: Crowd) -> None:
    house = crowd.house
    asked = [(await house.bot.ask()).escalation.id for _ in range(20)]
    answers = [
        await crowd.answer(hub, person, escalation_id, "approve")
        for escalation_id in asked
        for hub, person in zip(crowd.hubs * 2, crowd.people, strict=False)
    ]
    results = await asyncio.gather(*answers)
    assert results.count("approved") == len(asked)
    await asyncio.gather(*(hub.sealer.seal_all() for hub in crowd.hubs))
    assert await house.rows("SELECT 1 FROM audit_entries WHERE idx IS NULL") == []
    export = b"".join([piece async for piece in house.hub.read_audit.export.lines(house.org_id, EVERYTHING)])
    assert verify(BytesIO(export)).ok
