"""An agent takes its question back, or the permission it was given."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import MINUTE, SECOND
from approvals_hub.core.errors import Conflict, NotFound
from tests.unit.hub_fixture import StaffedHub


async def withdraw(house: StaffedHub, escalation_id: str) -> object:
    return await house.hub.withdraw(house.bot.credential(), escalation_id)


async def test_an_open_question_ends_withdrawn_by_its_agent(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    ended = await house.hub.withdraw(house.bot.credential(), opened.escalation.id)
    assert (ended.state, ended.ended_by, ended.version) == ("withdrawn", house.bot.agent_id, 2)
    [event] = await house.events("escalation.ended")
    assert (event["actor_type"], event["decision"]) == ("agent", "withdrawn")


async def test_withdrawing_again_is_the_same_answer(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    first = await withdraw(house, opened.escalation.id)
    assert await withdraw(house, opened.escalation.id) == first
    assert len(await house.events("escalation.ended")) == 1


async def test_a_withdrawn_question_leaves_every_inbox(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await withdraw(house, opened.escalation.id)
    assert (await house.hub.inbox(house.owner.credential)).lines == []


async def test_withdrawing_an_approved_question_voids_its_token_and_leaves_the_outcome(house: StaffedHub) -> None:
    token = await house.bot.approved()
    first = await house.hub.withdraw(house.bot.credential(), token.escalation_id)
    assert (first.state, first.token_state, first.token_cause) == ("approved", "revoked", "withdrawn")
    assert await withdraw(house, token.escalation_id) == first
    with pytest.raises(Conflict) as refused:
        await token.redeem()
    assert refused.value.extra["cause"] == "withdrawn"


async def test_a_redeemed_approval_cannot_be_withdrawn(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await token.redeem()
    with pytest.raises(Conflict) as refused:
        await withdraw(house, token.escalation_id)
    assert (refused.value.extra["outcome"], refused.value.extra["token_state"]) == ("approved", "redeemed")


async def test_an_approval_whose_time_is_over_cannot_be_withdrawn(house: StaffedHub) -> None:
    token = await house.bot.approved()
    house.time.now += 10 * MINUTE
    with pytest.raises(Conflict):
        await withdraw(house, token.escalation_id)


async def test_a_denied_question_cannot_be_withdrawn_and_the_conflict_tells_the_outcome(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.owner.answer(opened.escalation.id, "deny")
    with pytest.raises(Conflict) as refused:
        await withdraw(house, opened.escalation.id)
    assert (refused.value.extra["outcome"], refused.value.extra["by"]) == ("denied", house.owner.person_id)


async def test_a_question_whose_time_is_over_ends_expired_not_withdrawn(house: StaffedHub) -> None:
    opened = await house.bot.ask(expires_in=60)
    house.time.now += 60 * SECOND
    with pytest.raises(Conflict) as refused:
        await withdraw(house, opened.escalation.id)
    assert refused.value.extra["outcome"] == "expired_unseen"


async def test_a_question_the_hub_took_from_a_paused_agent_counts_as_withdrawn(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "paused")
    ended = await house.hub.withdraw(house.bot.credential(), opened.escalation.id)
    assert (ended.state, ended.ended_by, ended.cause) == ("withdrawn", "hub", "agent_paused")


async def test_another_agents_question_is_not_found(house: StaffedHub) -> None:
    other = await house.agent("other")
    opened = await house.bot.ask()
    with pytest.raises(NotFound):
        await house.hub.withdraw(other.credential(), opened.escalation.id)
    assert (await house.bot.standing(opened.escalation.id)).escalation.open
