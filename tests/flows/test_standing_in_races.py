"""An absence ends, or a group is left, beside a vote or a redemption: what stopped counting does not count."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import Any

import pytest

from approvals_hub.core.errors import HubError, Unavailable
from approvals_hub.hub import Hub
from tests.unit.hub_fixture import Person, StaffedHub
from tests.unit.routing.plans import away, group

pytestmark = pytest.mark.soak

ROUNDS = 40 if os.environ.get("SOAK") == "1" else 4

TAKEN_OR_NOT = ("approved", "open", "escalation_unknown")
"""A vote whose place goes while it is taken is kept, and counts for nothing: the question stays open."""


@dataclass
class Desk:
    """People, and every hub that serves them: two of them on PostgreSQL."""

    house: StaffedHub
    hubs: list[Hub]
    ada: Person
    bo: Person

    async def ask(self) -> str:
        return (await self.house.bot.ask()).escalation.id

    async def signed(self, person: Person, question: str, decision: str = "approve") -> Any:
        return person, question, person.signs(await person.statement(question, decision))

    async def send(self, signed: Any) -> str:
        person, question, answer = signed
        return await told(self.hubs[-1].decide(person.credential, question, answer))


async def told(work: Any) -> str:
    """The status that a receipt shows, a refusal's code, or that it was done."""
    try:
        return str(getattr(await work, "status", "done"))
    except Unavailable:
        raise
    except HubError as refusal:
        return refusal.code


@pytest.fixture
async def desk(house: StaffedHub) -> Desk:
    hubs = [house.hub]
    if not house.place.database.startswith("sqlite:"):
        hubs.append(await house.another_process())
    return Desk(house, hubs, await house.person("Ada"), await house.person("Bo"))


async def both_ways(number: int, *works: Any) -> list[str]:
    """Two things at one instant, the one or the other begun first."""
    results = await asyncio.gather(*(works if number % 2 else reversed(works)))
    return list(results) if number % 2 else list(reversed(results))


async def test_an_absence_that_is_ended_beside_the_delegates_vote_leaves_nothing_to_spend(desk: Desk) -> None:
    house = desk.house
    await house.hub.set_requirement(house.operator, {"quorum": {"of": [desk.ada.person_id]}})
    for number in range(ROUNDS):
        made = await away(house, desk.ada, desk.bo)
        question = await desk.ask()
        vote = await desk.signed(desk.bo, question)
        end = told(house.hub.be_absent.end(desk.ada.credential, made.absence_id))
        voted, ended = await both_ways(number, desk.send(vote), end)
        assert (voted in TAKEN_OR_NOT, ended) == (True, "done")
        assert (await house.bot.standing(question)).approval_token is None
        if voted != "approved":  # and Ada answers herself
            assert await desk.send(await desk.signed(desk.ada, question)) == "approved"
            assert (await house.bot.standing(question)).approval_token is not None


async def test_the_delegate_and_the_one_who_is_away_at_one_instant_are_one_vote(desk: Desk) -> None:
    house, cy = desk.house, await desk.house.person("Cy")
    people = [desk.ada.person_id, cy.person_id]
    await house.hub.set_requirement(house.operator, {"quorum": {"of": people, "approvals": 2}})
    await away(house, desk.ada, desk.bo)
    for number in range(ROUNDS):
        question = await desk.ask()
        mine, his = await desk.signed(desk.ada, question), await desk.signed(desk.bo, question)
        results = await both_ways(number, desk.send(mine), desk.send(his))
        assert results[0] == "open"
        assert results[1] in ("open", "escalation_unknown")  # she was first: nobody stands in for her any more
        assert await desk.send(await desk.signed(cy, question)) == "approved"


async def test_a_group_that_is_left_beside_the_vote_leaves_nothing_to_spend(desk: Desk) -> None:
    house, version = desk.house, 0
    for number in range(ROUNDS):
        version = (await group(house, desk.ada.person_id, desk.bo.person_id, version=version)).version
        await house.hub.set_requirement(house.operator, {"quorum": {"of": ["group:ops"]}})
        question = await desk.ask()
        vote = await desk.signed(desk.ada, question)
        house.time.now += 1
        leave = told(group(house, desk.bo.person_id, version=version))
        voted, left = await both_ways(number, desk.send(vote), leave)
        assert (voted in TAKEN_OR_NOT, left) == (True, "done")
        version += 1
        assert (await house.bot.standing(question)).approval_token is None


async def test_a_redemption_beside_the_end_of_the_absence_is_before_it_or_refused(desk: Desk) -> None:
    house = desk.house
    await house.hub.set_requirement(house.operator, {"quorum": {"of": [desk.ada.person_id]}})
    for number in range(ROUNDS):
        made = await away(house, desk.ada, desk.bo)
        token = await house.bot.approved(by=desk.bo)
        end = told(house.hub.be_absent.end(desk.ada.credential, made.absence_id))
        spent, _ = await both_ways(number, told(desk.hubs[-1].redeem(token.redemption())), end)
        assert spent in ("done", "approver_gone")
        later = await told(house.hub.redeem(token.redemption("run-2")))
        assert later == ("already_redeemed" if spent == "done" else "approver_gone")
