"""Waiting: the present state, or the first change, for the asking agent alone."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

import pytest

from approvals_hub.core.clock import MINUTE, SECOND
from approvals_hub.core.errors import NotFound, Unauthenticated
from approvals_hub.escalations.collect import ToldAgent
from approvals_hub.escalations.wait import LOOKS
from approvals_hub.events.bus import LocalBus, Subscription
from approvals_hub_client import paseto
from approvals_hub_client.canonical import loads
from tests.unit.hub_fixture import StaffedHub

LONG = 50


async def asleep(
    house: StaffedHub, poll: Coroutine[None, None, ToldAgent], escalation_id: str
) -> asyncio.Task[ToldAgent]:
    """Start a poll and come back when it waits to be woken."""
    task = asyncio.create_task(poll)
    while not sleeps(house, escalation_id):
        assert not task.done(), task
        await asyncio.sleep(0.001)
    return task


def sleeps(house: StaffedHub, topic: str) -> bool:
    """Whether the one who waits for this has read how it stands, and is not awake."""
    bus = house.hub.bus
    waiter = (bus if isinstance(bus, LocalBus) else bus._local)._waiters.get(topic)
    return isinstance(waiter, Subscription) and waiter._sleeper is not None


def sleepers(house: StaffedHub) -> int:
    """How many topics somebody waits for in this process."""
    bus = house.hub.bus
    return len(bus if isinstance(bus, LocalBus) else bus._local)


def claims_of(token: str | None) -> dict[str, object]:
    assert token is not None
    return dict(loads(paseto.unb64u(token.split(".")[2])[:-64]))


async def test_without_a_time_to_wait_it_answers_at_once(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    standing = await house.bot.standing(opened.escalation.id)
    assert standing.escalation.open
    assert (standing.approval_token, standing.outcome_token, standing.reason) == (None, None, None)


@pytest.mark.parametrize(("decision", "state"), [("approve", "approved"), ("deny", "denied"), ("not_me", "not_me")])
async def test_a_waiting_agent_hears_the_answer(house: StaffedHub, decision: str, state: str) -> None:
    opened = await house.bot.ask()
    task = await asleep(house, house.bot.standing(opened.escalation.id, seconds=LONG), opened.escalation.id)
    await house.owner.answer(opened.escalation.id, decision)
    assert (await asyncio.wait_for(task, 20)).escalation.state == state


async def test_a_waiting_agent_hears_of_the_end_of_its_question(house: StaffedHub) -> None:
    opened = await house.bot.ask(expires_in=60)
    task = await asleep(house, house.bot.standing(opened.escalation.id, seconds=LONG), opened.escalation.id)
    house.time.now += 60 * SECOND
    await house.hub.advance()
    assert (await asyncio.wait_for(task, 20)).escalation.state == "expired_unseen"


async def test_nothing_new_within_the_time_is_the_unchanged_question(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    standing = await house.bot.standing(opened.escalation.id, seconds=0.05)
    assert (standing.escalation.state, standing.unchanged) == ("open", True)


async def test_a_version_that_is_already_past_answers_at_once(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.owner.answer(opened.escalation.id)
    standing = await house.bot.standing(opened.escalation.id, since=1, seconds=LONG)
    assert (standing.escalation.version, standing.unchanged) == (2, False)


async def test_with_a_version_an_ended_question_is_waited_for_too(house: StaffedHub) -> None:
    token = await house.bot.approved()
    poll = house.bot.standing(token.escalation_id, since=2, seconds=LONG)
    task = await asleep(house, poll, token.escalation_id)
    await house.hub.recall(house.owner.credential, token.escalation_id)
    standing = await asyncio.wait_for(task, 20)
    assert (standing.escalation.token_state, standing.escalation.version) == ("revoked", 3)


async def test_without_a_version_an_ended_question_is_answered_at_once(house: StaffedHub) -> None:
    token = await house.bot.approved()
    assert (await house.bot.standing(token.escalation_id, seconds=LONG)).escalation.state == "approved"


async def test_a_question_that_is_only_overdue_is_ended_by_asking_how_it_stands(house: StaffedHub) -> None:
    opened = await house.bot.ask(expires_in=60)
    house.time.now += 60 * SECOND
    standing = await house.bot.standing(opened.escalation.id)
    assert standing.escalation.state == "expired_unseen"
    assert claims_of(standing.outcome_token)["outcome"] == "expired_unseen"


async def test_another_agents_question_is_not_found(house: StaffedHub) -> None:
    other = await house.agent("other")
    opened = await house.bot.ask()
    with pytest.raises(NotFound):
        await other.standing(opened.escalation.id)


async def test_an_agent_that_is_revoked_while_it_waits_is_sent_away(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    task = await asleep(house, house.bot.standing(opened.escalation.id, seconds=LONG), opened.escalation.id)
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "revoked")
    with pytest.raises(Unauthenticated):
        await asyncio.wait_for(task, 20)


async def test_a_stop_of_everything_answers_all_who_wait_with_a_no(house: StaffedHub) -> None:
    bots = [house.bot, await house.agent("second"), await house.agent("third")]
    polls = []
    for bot in bots:
        opened = await bot.ask()
        polls.append(asyncio.create_task(bot.standing(opened.escalation.id, seconds=LONG)))
    while sleepers(house) < len(bots):
        await asyncio.sleep(0.001)
    await house.hub.govern.stop(house.owner.credential, house.org_id)
    found = await asyncio.wait_for(asyncio.gather(*polls), 20)
    assert {(one.escalation.state, one.escalation.cause) for one in found} == {("denied", "org_stopped")}
    assert {claims_of(one.outcome_token)["outcome"] for one in found} == {"denied"}


async def test_a_paused_agent_learns_how_its_question_ended_and_gets_no_token(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "paused")
    standing = await house.bot.standing(token.escalation_id)
    assert (standing.escalation.token_state, standing.approval_token) == ("revoked", None)


async def test_each_collection_mints_a_new_token_of_the_same_jti(house: StaffedHub) -> None:
    token = await house.bot.approved()
    house.time.now += 30 * SECOND
    again = claims_of((await house.bot.standing(token.escalation_id)).approval_token)
    assert again["jti"] == token.jti
    assert again["iat"] != claims_of(token.text)["iat"]


async def test_nothing_usable_waits_in_the_database(house: StaffedHub) -> None:
    token = await house.bot.approved()
    [row] = await house.rows("SELECT * FROM escalations WHERE id = :id", id=token.escalation_id)
    stored = " ".join(str(value) for value in dict(row).values())
    assert "v4.public" not in stored
    assert token.text not in stored


async def test_after_its_time_an_approval_gives_no_token(house: StaffedHub) -> None:
    token = await house.bot.approved()
    house.time.now += 10 * MINUTE
    standing = await house.bot.standing(token.escalation_id)
    assert (standing.approval_token, standing.escalation.token_state_at(house.time.now)) == (None, "expired")


async def test_a_token_whose_approver_is_gone_is_not_handed_out(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    token = await house.bot.approved(by=ada)
    await house.hub.revoke_device(ada.credential, ada.device_id, await ada.fresh())
    assert (await house.bot.standing(token.escalation_id)).approval_token is None


async def test_the_outcome_token_says_how_it_ended_by_whom_and_why(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    new = await house.hub.revise(house.bot.credential(), opened.escalation.id, house.bot.asking())
    claims = claims_of((await house.bot.standing(opened.escalation.id)).outcome_token)
    assert (claims["outcome"], claims["by"], claims["cause"]) == (
        "superseded",
        house.bot.agent_id,
        new.escalation.id,
    )


async def test_an_agent_with_an_api_key_gets_a_token_that_is_bound_to_no_key(house: StaffedHub) -> None:
    script = await house.api_key_agent()
    token = await script.approved()
    assert claims_of(token.text)["cnf"] is None


async def test_a_graceful_stop_answers_every_waiter_with_the_present_state(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    poll = house.bot.standing(opened.escalation.id, seconds=LONG)
    task = await asleep(house, poll, opened.escalation.id)
    house.hub.stopping.begun = True
    house.hub.bus.publish([opened.escalation.id])
    standing = await asyncio.wait_for(task, 20)
    assert (standing.escalation.open, standing.unchanged) == (True, True)


async def test_a_poll_that_is_given_up_leaves_nobody_waiting(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    poll = house.bot.standing(opened.escalation.id, seconds=LONG)
    task = await asleep(house, poll, opened.escalation.id)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sleepers(house) == 0


async def test_an_agent_that_has_only_the_id_left_is_told_what_it_asked(house: StaffedHub) -> None:
    action = house.bot.action()
    opened = (await house.bot.ask(action)).escalation
    told = await house.hub.wait.action(house.bot.credential(), opened.id)
    assert told == {**action, "salt": opened.salt}


async def test_another_agent_is_not_told_what_was_asked(house: StaffedHub) -> None:
    opened = (await house.bot.ask()).escalation
    other = await house.agent("other")
    with pytest.raises(NotFound):
        await house.hub.wait.action(other.credential(), opened.id)


async def test_a_revoked_agent_is_not_told_what_it_asked(house: StaffedHub) -> None:
    opened = (await house.bot.ask()).escalation
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "revoked")
    with pytest.raises(Unauthenticated):
        await house.hub.wait.action(house.bot.credential(), opened.id)


async def test_more_waiters_than_the_database_serves_at_once_read_in_their_turn(house: StaffedHub) -> None:
    escalation_id, turns = (await house.bot.ask()).escalation.id, house.hub.wait.turns
    poll = await asleep(house, house.bot.standing(escalation_id, since=1, seconds=LONG), escalation_id)
    async with asyncio.TaskGroup() as others:
        for _ in range(LOOKS):
            others.create_task(turns.acquire())
    await house.hub.withdraw(house.bot.credential(), escalation_id)
    # Reads of others, from beginning to end: whoever needed no turn would be done long since.
    for _ in range(20):
        await house.bot.standing(escalation_id)
    assert not poll.done()
    turns.release()
    assert (await poll).escalation.state == "withdrawn"
