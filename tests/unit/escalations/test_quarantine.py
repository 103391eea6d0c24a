"""Everything that makes an agent stop, in one unit of work."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.clock import SECOND
from approvals_hub.core.errors import HubError
from tests.unit.hub_fixture import StaffedHub
from tests.unit.reach_house import Pager, registered


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


async def test_not_me_tells_the_admins_on_their_channels_and_mutes_what_the_agent_had_queued(
    paged: tuple[StaffedHub, Pager],
) -> None:
    house, pager = paged
    ada = await house.person("Ada")
    await registered(house, "owner-phone")
    await registered(house, "ada-phone", by=ada)
    pager.took.clear()
    mine, other = await house.bot.ask(), await house.bot.ask(house.bot.action(payload={"table": "other"}))
    await ada.answer(mine.escalation.id, "not_me")
    await house.hub.reach.settled()
    titles = [(address, notice.title) for address, notice in pager.took]
    assert ("owner-phone", "An agent was stopped: not started by its person") in titles
    assert [address for address, title in titles if "stopped" in title] == ["owner-phone"]
    assert not [title for _, title in titles if "asks for an approval" in title]
    waiting = await house.rows("SELECT id FROM tellings WHERE state = 'waiting'")
    assert waiting == []
    assert (await house.bot.standing(other.escalation.id)).escalation.state == "withdrawn"


async def test_an_ordinary_pause_alarms_nobody(paged: tuple[StaffedHub, Pager]) -> None:
    house, pager = paged
    await registered(house, "owner-phone")
    pager.took.clear()
    await pause(house)
    await house.hub.reach.settled()
    assert pager.took == []


async def test_a_quarantine_is_lifted_with_a_fresh_factor_and_by_no_stolen_session(house: StaffedHub) -> None:
    await pause(house, cause="not_me")
    lift = house.hub.govern.set_agent_state
    with pytest.raises(HubError) as found:
        await lift(house.owner.credential, house.org_id, house.bot.agent_id, "active")
    assert found.value.code == "fresh_factor_needed"
    fresh = await house.owner.fresh()
    assert (await lift(house.owner.credential, house.org_id, house.bot.agent_id, "active", fresh)).state == "active"
