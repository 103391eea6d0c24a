"""Following: one socket hears of everything the agent has asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from approvals_hub.core.clock import DAY, SECOND
from approvals_hub.core.errors import Unauthenticated
from approvals_hub.core.ids import first_id
from approvals_hub.escalations import follow
from approvals_hub.escalations.collect import ToldAgent
from approvals_hub.escalations.follow import Following
from tests.unit.hub_fixture import StaffedHub

Story = AsyncIterator[ToldAgent | None]


async def heard(story: Story) -> tuple[str, str, int]:
    """The next escalation: its id, state and version."""
    async with asyncio.timeout(20):
        async for standing in story:
            if standing is not None:
                return standing.escalation.id, standing.escalation.state, standing.escalation.version
    raise AssertionError("the story has ended")


async def follow_from(house: StaffedHub, known: dict[str, int] | None = None) -> tuple[Following, Story]:
    following = await house.hub.follow.admit(house.bot.credential())
    following.known.update(known or {})
    return following, house.hub.follow.changes(following)


async def test_what_is_open_and_what_has_ended_is_told_oldest_first(house: StaffedHub) -> None:
    first, second = (await house.bot.ask()).escalation.id, (await house.bot.ask()).escalation.id
    await house.owner.answer(first, "deny")
    _, story = await follow_from(house)
    assert [await heard(story), await heard(story)] == [(first, "denied", 2), (second, "open", 1)]


async def test_what_the_client_has_already_is_not_told_again(house: StaffedHub) -> None:
    known, unknown = (await house.bot.ask()).escalation.id, (await house.bot.ask()).escalation.id
    _, story = await follow_from(house, {known: 1})
    assert await heard(story) == (unknown, "open", 1)


async def test_each_change_is_told_as_it_happens(house: StaffedHub) -> None:
    token = await house.bot.approved()
    _, story = await follow_from(house)
    assert await heard(story) == (token.escalation_id, "approved", 2)
    await house.hub.recall(house.owner.credential, token.escalation_id)
    assert await heard(story) == (token.escalation_id, "approved", 3)
    opened = (await house.bot.ask()).escalation.id
    with house.hub.bus.subscribe(f"agent:{house.bot.agent_id}"):
        await house.owner.answer(opened, "deny")
    seen = await heard(story)
    assert seen in ((opened, "open", 1), (opened, "denied", 2))


async def test_a_change_of_the_oldest_of_many_open_questions_is_told(house: StaffedHub) -> None:
    await house.let_agents_ask(follow.PAGE + 1)
    oldest = (await house.bot.ask()).escalation.id
    for _ in range(
        follow.PAGE // 10
    ):  # all at once, the last would wait for a connection for too long on a busy machine
        await asyncio.gather(*(house.bot.ask() for _ in range(10)))
    _, story = await follow_from(house)
    told = [await heard(story) for _ in range(follow.PAGE + 1)]
    assert told[0][0] == oldest
    await house.owner.answer(oldest, "deny")
    assert await heard(story) == (oldest, "denied", 2)


async def test_a_question_that_becomes_visible_behind_newer_ones_is_told(house: StaffedHub) -> None:
    late = (await house.bot.ask()).escalation.id
    await house.change("UPDATE escalations SET agent_id = 'agt_nobody' WHERE id = :id", id=late)
    newer = (await house.bot.ask()).escalation.id
    _, story = await follow_from(house)
    assert (await heard(story))[0] == newer
    await house.change("UPDATE escalations SET agent_id = :agent WHERE id = :id", id=late, agent=house.bot.agent_id)
    house.hub.bus.publish([f"agent:{house.bot.agent_id}"])
    assert (await heard(story))[0] == late


async def test_the_token_comes_with_the_approval(house: StaffedHub) -> None:
    opened = (await house.bot.ask()).escalation.id
    _, story = await follow_from(house, {opened: 1})
    await house.owner.answer(opened)
    async with asyncio.timeout(20):
        standing = await anext(story)
    assert standing is not None
    assert standing.approval_token is not None


async def test_another_agents_questions_are_not_told(house: StaffedHub) -> None:
    other = await house.agent("other")
    await other.ask()
    mine = (await house.bot.ask()).escalation.id
    _, story = await follow_from(house)
    assert (await heard(story))[0] == mine


async def test_a_request_lets_one_socket_in(house: StaffedHub) -> None:
    credential = house.bot.credential(nonce="once")
    await house.hub.follow.admit(credential)
    with pytest.raises(Unauthenticated):
        await house.hub.follow.admit(credential)


async def test_a_paused_agent_may_follow(house: StaffedHub) -> None:
    opened = (await house.bot.ask()).escalation.id
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "paused")
    _, story = await follow_from(house)
    assert await heard(story) == (opened, "withdrawn", 2)


async def test_a_revoked_agents_socket_ends(house: StaffedHub) -> None:
    opened = (await house.bot.ask()).escalation.id
    _, story = await follow_from(house)
    assert (await heard(story))[0] == opened
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "revoked")
    with pytest.raises(Unauthenticated):
        await heard(story)


async def test_the_story_ends_when_the_hub_stops(house: StaffedHub) -> None:
    await house.bot.ask()
    _, story = await follow_from(house)
    await heard(story)
    house.hub.stopping.begun = True
    house.hub.bus.publish([f"agent:{house.bot.agent_id}"])
    with pytest.raises(AssertionError, match="has ended"):
        await heard(story)


async def test_what_ended_long_ago_is_not_told(house: StaffedHub) -> None:
    old = (await house.bot.ask(expires_in=60)).escalation.id
    house.time.now += 60 * SECOND
    await house.hub.advance()
    house.time.now += 30 * DAY
    recent = (await house.bot.ask()).escalation.id
    _, story = await follow_from(house)
    told, *_ = await heard(story)
    assert told == recent != old


async def test_what_neither_changes_nor_is_looked_at_again_is_forgotten(house: StaffedHub) -> None:
    opened, denied = (await house.bot.ask()).escalation.id, (await house.bot.ask()).escalation.id
    await house.owner.answer(denied, "deny")
    told = [(await house.bot.standing(one)).escalation for one in (opened, denied)]
    following = Following(house.bot.credential(), known={opened: 1, denied: 1})
    following.remember(told, recent=first_id("esc", 0), now=house.time.now)
    assert (following.known, following.unsettled) == ({opened: 1}, {opened})
