"""Everything that makes an agent stop, in one unit of work."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.clock import SECOND
from approvals_hub.core.errors import HubError
from tests.unit.hub_fixture import StaffedHub


async def pause(house: StaffedHub, **changes: object) -> bool:
    members = {"cause": "paused", "by": "per_1", "actor_type": "person", "now": house.time.now, **changes}
    quarantine = house.hub.govern.quarantine
    return await house.hub.db.run(lambda tx: quarantine.pause_in(tx, house.bot.agent_id, **members))


async def revoke(house: StaffedHub) -> bool:
    quarantine = house.hub.govern.quarantine
    return await house.hub.db.run(
        lambda tx: quarantine.revoke_in(tx, house.bot.agent_id, by="per_1", actor_type="person", now=house.time.now)
    )


async def test_pausing_says_whether_it_changed_anything(house: StaffedHub) -> None:
    assert [await pause(house), await pause(house)] == [True, False]


async def test_a_pause_leaves_the_question_alone_that_has_its_own_end(house: StaffedHub) -> None:
    mine, other = await house.bot.ask(), await house.bot.ask()
    await pause(house, but=mine.escalation.id)
    states = [(await house.bot.standing(one.escalation.id)).escalation.state for one in (mine, other)]
    assert states == ["open", "withdrawn"]


async def test_a_question_whose_time_was_over_before_the_pause_ends_expired(house: StaffedHub) -> None:
    opened = await house.bot.ask(expires_in=60)
    house.time.now += 60 * SECOND
    await pause(house)
    assert (await house.bot.standing(opened.escalation.id)).escalation.state == "expired_unseen"


async def test_a_pause_is_recorded_and_every_voided_token_too(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await pause(house, cause="not_me")
    [paused] = await house.events("agent.paused")
    [revoked] = await house.events("token.revoked")
    assert (paused["decision"], paused["actor_id"]) == ("not_me", "per_1")
    assert (revoked["escalation_id"], revoked["detail"]["jti"]) == (token.escalation_id, token.jti)


async def test_a_pause_leaves_redeemed_tokens_and_ended_questions_as_they_are(house: StaffedHub) -> None:
    token, denied = await house.bot.approved(), await house.bot.ask()
    await token.redeem()
    await house.owner.answer(denied.escalation.id, "deny")
    await pause(house)
    assert (await house.bot.standing(token.escalation_id)).escalation.token_state == "redeemed"
    assert (await house.bot.standing(denied.escalation.id)).escalation.state == "denied"


async def test_a_revoked_agents_keys_end(house: StaffedHub) -> None:
    script = await house.api_key_agent()
    await house.hub.govern.set_agent_state(house.operator, house.org_id, script.agent_id, "revoked")
    assert [await revoke(house), await revoke(house)] == [True, False]
    for row in await house.rows("SELECT valid_until FROM agent_keys UNION ALL SELECT revoked_at FROM agent_api_keys"):
        assert row["valid_until"] == house.time.now


async def test_a_paused_agent_can_still_be_revoked(house: StaffedHub) -> None:
    await pause(house)
    assert await revoke(house)


async def test_resuming_says_whether_it_changed_anything(house: StaffedHub) -> None:
    quarantine = house.hub.govern.quarantine

    async def resume() -> bool:
        return await house.hub.db.run(
            lambda tx: quarantine.resume_in(tx, house.bot.agent_id, by="per_1", actor_type="person", now=house.time.now)
        )

    assert not await resume()
    await pause(house)
    assert [await resume(), await resume()] == [True, False]


async def test_a_pause_wakes_those_who_wait_for_what_ended(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    topics = (opened.escalation.id, f"agent:{house.bot.agent_id}", f"inbox:{house.owner.person_id}")
    ears = [house.hub.bus.subscribe(topic) for topic in (*topics, f"notices:{house.org_id}")]
    await pause(house)
    assert [await ear.wait(10) for ear in ears] == [True] * 4
    for ear in ears:
        ear.close()


async def test_many_who_say_not_me_to_one_agent_at_once_do_not_wait_for_each_other(house: StaffedHub) -> None:
    opened = [await house.bot.ask() for _ in range(12)]
    statements = [await house.owner.statement(one.escalation.id, "not_me") for one in opened]

    async def alarm(statement: dict[str, object]) -> str:
        try:
            return (await house.owner.send(statement)).status
        except HubError as refusal:
            return refusal.code

    async with asyncio.timeout(20):
        results = await asyncio.gather(*map(alarm, statements))
    # The first one ends its own question and withdraws all others; nobody is told that the hub cannot answer.
    assert sorted(results) == ["escalation_ended"] * 11 + ["not_me"]
    assert len(await house.events("agent.paused")) == 1


@pytest.mark.parametrize("first", ["pause", "answer"])
async def test_an_approval_and_a_pause_at_once_leave_nothing_to_spend(house: StaffedHub, first: str) -> None:
    opened = await house.bot.ask()
    statement = await house.owner.statement(opened.escalation.id)

    async def answer() -> None:
        try:
            await house.owner.send(statement)
        except HubError:
            return

    both = (pause(house), answer()) if first == "pause" else (answer(), pause(house))
    await asyncio.gather(*both)
    assert (await house.bot.standing(opened.escalation.id)).approval_token is None
    assert await house.rows("SELECT id FROM escalations WHERE state = 'open' OR token_state = 'ready'") == []
