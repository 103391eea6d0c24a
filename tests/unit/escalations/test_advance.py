"""Questions end by themselves, once, and late is not wrong."""

from __future__ import annotations

import asyncio

from approvals_hub.core.clock import SECOND
from approvals_hub.escalations import advance
from tests.unit.hub_fixture import StaffedHub


async def test_a_question_nobody_saw_ends_unseen(house: StaffedHub) -> None:
    opened = await house.bot.ask(expires_in=60)
    house.time.now += 60 * SECOND
    assert await house.hub.advance() == 1
    escalation = (await house.bot.standing(opened.escalation.id)).escalation
    assert (escalation.state, escalation.ended_by, escalation.cause) == ("expired_unseen", "hub", "expired")
    assert escalation.ended_at == house.time.now


async def test_a_question_somebody_saw_ends_seen(house: StaffedHub) -> None:
    opened = await house.bot.ask(expires_in=60)
    await house.owner.statement(opened.escalation.id)
    house.time.now += 60 * SECOND
    await house.hub.advance()
    assert (await house.bot.standing(opened.escalation.id)).escalation.state == "expired_seen"


async def test_a_question_is_left_alone_until_its_last_millisecond_is_over(house: StaffedHub) -> None:
    await house.bot.ask(expires_in=60)
    house.time.now += 60 * SECOND - 1
    assert await house.hub.advance() == 0


async def test_expiring_again_does_nothing(house: StaffedHub) -> None:
    await house.bot.ask(expires_in=60)
    house.time.now += 60 * SECOND
    assert [await house.hub.advance(), await house.hub.advance()] == [1, 0]
    assert len(await house.events("escalation.ended")) == 1


async def test_two_workers_at_once_end_a_question_once(house: StaffedHub) -> None:
    for _ in range(5):
        await house.bot.ask(expires_in=60)
    house.time.now += 60 * SECOND
    await asyncio.gather(house.hub.advance(), house.hub.advance(), house.hub.advance())
    assert len(await house.events("escalation.ended")) == 5


async def test_more_than_one_page_is_ended_in_one_call(house: StaffedHub) -> None:
    count = advance.PAGE + 1
    await house.let_agents_ask(count)
    await asyncio.gather(*(house.bot.ask(expires_in=60) for _ in range(count)))
    house.time.now += 60 * SECOND
    assert await house.hub.advance() == count
    assert await house.rows("SELECT 1 FROM escalations WHERE state = 'open'") == []


async def test_an_end_clears_inboxes_and_what_was_to_be_sent(house: StaffedHub) -> None:
    await house.bot.ask(expires_in=60)
    house.time.now += 60 * SECOND
    await house.hub.advance()
    assert await house.rows("SELECT 1 FROM inbox") == []
    assert await house.rows("SELECT 1 FROM outbox WHERE escalation_id IS NOT NULL") == []


async def test_an_end_wakes_the_agent_and_every_inbox_that_showed_it(house: StaffedHub) -> None:
    opened = await house.bot.ask(expires_in=60)
    house.time.now += 60 * SECOND
    topics = (opened.escalation.id, f"agent:{house.bot.agent_id}", f"inbox:{house.owner.person_id}")
    ears = [house.hub.bus.subscribe(topic) for topic in topics]
    await house.hub.advance()
    assert [await ear.wait(10) for ear in ears] == [True, True, True]
    for ear in ears:
        ear.close()


async def test_a_question_that_was_given_more_time_a_moment_ago_does_not_expire(house: StaffedHub) -> None:
    stale = (await house.bot.ask(expires_in=60)).escalation
    await house.hub.extend.by_agent(house.bot.credential(), stale.id, 600)
    late = house.time.now + 60 * SECOND
    # A unit that read the question before it was extended, as happens between two processes.
    present = await house.hub.db.run(lambda tx: house.hub.advance.expire_in(tx, stale, late))
    assert present.open
    assert (await house.bot.standing(stale.id)).escalation.open


async def test_a_view_a_moment_before_the_end_is_not_forgotten(house: StaffedHub) -> None:
    unseen = (await house.bot.ask(expires_in=60)).escalation
    await house.owner.statement(unseen.id)
    late = house.time.now + 60 * SECOND
    ended = await house.hub.db.run(lambda tx: house.hub.advance.expire_in(tx, unseen, late))
    assert ended.state == "expired_seen"


async def test_the_end_is_recorded_as_the_hubs_doing(house: StaffedHub) -> None:
    await house.bot.ask(expires_in=60)
    house.time.now += 60 * SECOND
    await house.hub.advance()
    [event] = await house.events("escalation.ended")
    assert (event["actor_type"], event["decision"], event["detail"]["cause"]) == ("hub", "expired_unseen", "expired")
