"""Votes, vetoes, stages and the end of a time lock at one instant: one outcome, on PostgreSQL over two hubs."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import Any

import pytest

from approvals_hub.core.clock import SECOND
from approvals_hub.core.errors import HubError, Unavailable
from approvals_hub.hub import Hub
from tests.unit.hub_fixture import Bot, Person, StaffedHub

pytestmark = pytest.mark.soak

ROUNDS = 60 if os.environ.get("SOAK") == "1" else 6
WAIT = 60
BOTH: dict[str, Any] = {"all": [{"of": ["role:admin"]}, {"of": ["role:approver"]}]}


@dataclass
class Desk:
    """An admin, two approvers, somebody with a veto, and every hub that serves them."""

    house: StaffedHub
    hubs: list[Hub]
    admin: Person
    ada: Person
    bo: Person
    guard: Person

    async def require(self, **members: Any) -> None:
        await self.house.hub.set_requirement(self.house.operator, members)

    async def ask(self) -> str:
        return (await self.house.bot.ask()).escalation.id

    async def signed(self, person: Person, escalation_id: str, decision: str = "approve") -> Any:
        """An answer that is ready to be sent."""
        return person, escalation_id, person.signs(await person.statement(escalation_id, decision))

    async def send(self, signed: Any, hub: Hub) -> str:
        """The status that the receipt shows, or the refusal's code."""
        person, escalation_id, answer = signed
        try:
            return (await hub.decide(person.credential, escalation_id, answer)).status
        except Unavailable:
            raise
        except HubError as refusal:
            return refusal.code

    async def ended(self, escalation_id: str) -> list[dict[str, Any]]:
        return [one for one in await self.house.events("escalation.ended") if one["escalation_id"] == escalation_id]


@pytest.fixture
async def desk(house: StaffedHub) -> Desk:
    hubs = [house.hub]
    if not house.place.database.startswith("sqlite:"):
        hubs.append(await house.another_process())
    # Each round ends a question like the last one.
    await house.hub.set_limits(house.operator, {"back_off": False})
    people = [await house.person("admin", "admin"), await house.person("Ada"), await house.person("Bo")]
    return Desk(house, hubs, *people, await house.person("guard", "owner"))


async def test_two_votes_that_complete_a_rule_at_one_instant_approve_once(desk: Desk) -> None:
    await desk.require(quorum=BOTH)
    for _ in range(ROUNDS):
        question = await desk.ask()
        one, other = await desk.signed(desk.admin, question), await desk.signed(desk.ada, question)
        results = await asyncio.gather(desk.send(one, desk.hubs[0]), desk.send(other, desk.hubs[-1]))
        assert sorted(results) == ["approved", "open"]
        assert len(await desk.ended(question)) == 1
        assert (await desk.house.bot.standing(question)).approval_token is not None


async def test_a_veto_beside_the_completing_vote_leaves_one_outcome(desk: Desk) -> None:
    await desk.require(quorum=BOTH, veto=[desk.guard.person_id])
    for number in range(ROUNDS):
        question = await desk.ask()
        await desk.send(await desk.signed(desk.admin, question), desk.hubs[0])
        vote, veto = await desk.signed(desk.ada, question), await desk.signed(desk.guard, question, "deny")
        both = [desk.send(vote, desk.hubs[0]), desk.send(veto, desk.hubs[-1])]
        results = await asyncio.gather(*(both if number % 2 else reversed(both)))
        approved = "approved" in results
        assert sorted(results) == (["approved", "escalation_ended"] if approved else ["denied", "escalation_ended"])
        standing = await desk.house.bot.standing(question)
        [ended] = await desk.ended(question)
        assert ended["decision"] == standing.escalation.state == ("approved" if approved else "denied")
        assert (standing.approval_token is not None) == approved


async def test_the_end_of_a_time_lock_beside_a_denial_leaves_one_outcome_and_no_token_after_a_denial(
    desk: Desk,
) -> None:
    await desk.require(quorum=BOTH, wait=WAIT)
    for number in range(ROUNDS):
        question = await desk.ask()
        for person in (desk.admin, desk.ada):
            assert await desk.send(await desk.signed(person, question), desk.hubs[0]) == "open"
        denial = await desk.signed(desk.ada, question, "deny")
        desk.house.time.now += WAIT * SECOND
        both: list[Any] = [desk.hubs[-1].complete(), desk.send(denial, desk.hubs[0])]
        results = await asyncio.gather(*(both if number % 2 else reversed(both)))
        completed, answered = results if number % 2 else reversed(results)
        standing = await desk.house.bot.standing(question)
        [ended] = await desk.ended(question)
        assert ended["decision"] == standing.escalation.state == ("approved" if completed else "denied")
        # A moment late, the denial takes the approval back: either way there is nothing to spend.
        assert (answered, standing.approval_token) == ("approved" if completed else "denied", None)


async def test_two_workers_at_the_end_of_one_time_lock_approve_once(desk: Desk) -> None:
    await desk.require(quorum=BOTH, wait=WAIT)
    for _ in range(ROUNDS):
        question = await desk.ask()
        for person in (desk.admin, desk.bo):
            await desk.send(await desk.signed(person, question), desk.hubs[0])
        desk.house.time.now += WAIT * SECOND
        assert sum(await asyncio.gather(desk.hubs[0].complete(), desk.hubs[-1].complete())) == 1
        [ended] = await desk.ended(question)
        assert (ended["decision"], ended["actor_type"]) == ("approved", "hub")
        assert (await desk.house.bot.standing(question)).approval_token is not None


async def test_two_votes_that_complete_a_stage_at_one_instant_open_the_next_one_once(desk: Desk) -> None:
    stages = [{"of": ["role:approver"], "approvals": 2}, {"of": ["role:admin"]}]
    await desk.require(quorum={"stages": stages})
    for number in range(ROUNDS):
        question = await desk.ask()
        votes = [await desk.signed(person, question) for person in (desk.ada, desk.bo)]
        results = await asyncio.gather(*map(desk.send, votes, (desk.hubs[0], desk.hubs[-1])))
        assert results == ["open", "open"]
        assert len(await desk.house.events("escalation.stage_opened")) == number + 1
        assert await desk.send(await desk.signed(desk.admin, question), desk.hubs[-1]) == "approved"


async def test_whoever_is_disabled_beside_the_end_of_a_time_lock_leaves_nothing_to_spend(desk: Desk) -> None:
    house: StaffedHub = desk.house
    await desk.require(quorum={"of": ["role:approver"]}, wait=WAIT)
    for _ in range(2):
        person = await house.person("short")
        bot: Bot = house.bot
        question = (await bot.ask()).escalation.id
        await desk.send(await desk.signed(person, question), desk.hubs[0])
        house.time.now += WAIT * SECOND
        disable = desk.hubs[0].govern.set_person_state(house.operator, house.org_id, person.person_id, "disabled")
        await asyncio.gather(desk.hubs[-1].complete(), disable)
        assert (await bot.standing(question)).approval_token is None
