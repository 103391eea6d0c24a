"""Asking: once for each key and each open action, and only about what the agent may do."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from approvals_hub.core.clock import DAY, HOUR, MINUTE, SECOND, to_text
from approvals_hub.core.errors import Conflict, Forbidden, Invalid, TooMany, Unauthenticated
from approvals_hub.escalations import escalate
from tests.unit.hub_fixture import StaffedHub


async def test_a_question_opens_with_the_hash_of_the_salted_action(house: StaffedHub) -> None:
    action = house.bot.action()
    opened = await house.bot.ask(action)
    escalation = opened.escalation
    assert (escalation.state, escalation.version, escalation.revision, opened.repeated) == ("open", 1, 1, False)
    assert escalation.action_hash != (await house.bot.ask(house.bot.action())).escalation.action_hash
    assert len(escalation.salt) == 22  # 128 bits in base64url


async def test_two_questions_about_the_same_payload_have_unlike_hashes_and_one_similarity(house: StaffedHub) -> None:
    one, other = (await house.bot.ask()).escalation, (await house.bot.ask()).escalation
    assert one.action_hash != other.action_hash
    assert one.similarity_hash == other.similarity_hash


async def test_an_identical_open_action_returns_the_same_escalation(house: StaffedHub) -> None:
    action = house.bot.action()
    first, again = await house.bot.ask(action), await house.bot.ask(action)
    assert (again.escalation, again.repeated) == (first.escalation, True)


async def test_an_identical_action_after_the_first_one_has_ended_is_a_question_of_its_own(house: StaffedHub) -> None:
    action = house.bot.action()
    first = await house.bot.ask(action)
    await house.owner.answer(first.escalation.id, "deny")
    again = await house.bot.ask(action)
    assert again.escalation.id != first.escalation.id
    assert again.escalation.open


async def test_an_identical_action_whose_first_question_is_overdue_is_a_question_of_its_own(house: StaffedHub) -> None:
    action = house.bot.action()
    first = await house.bot.ask(action, expires_in=60)
    house.time.now += 60 * SECOND
    assert (await house.bot.ask(action)).escalation.id != first.escalation.id


async def test_an_identical_action_of_another_agent_is_a_question_of_its_own(house: StaffedHub) -> None:
    other = await house.agent("other")
    action = house.bot.action()
    mine = await house.bot.ask(action)
    theirs = await other.ask({**action, "principal": {"agent_id": other.agent_id}})
    assert theirs.escalation.id != mine.escalation.id


async def test_the_same_idempotency_key_returns_the_same_escalation_even_after_its_end(house: StaffedHub) -> None:
    asking = house.bot.asking()
    first = await house.hub.escalate(house.bot.credential(), asking)
    await house.owner.answer(first.escalation.id, "deny")
    again = await house.hub.escalate(house.bot.credential(), asking)
    assert (again.escalation.id, again.escalation.state, again.repeated) == (first.escalation.id, "denied", True)


async def test_an_idempotency_key_is_remembered_for_a_day(house: StaffedHub) -> None:
    first = await house.bot.ask(key="the-key")
    house.time.now += DAY - 1
    with pytest.raises(Invalid):
        await house.bot.ask(key="the-key")
    house.time.now += 1
    assert (await house.bot.ask(key="the-key")).escalation.id != first.escalation.id


async def test_an_idempotency_key_with_another_body_is_refused(house: StaffedHub) -> None:
    await house.bot.ask(key="the-key")
    with pytest.raises(Invalid) as refused:
        await house.bot.ask(key="the-key")
    assert refused.value.code == "idempotency_key_reused"


async def test_another_agents_idempotency_key_is_nobody_elses(house: StaffedHub) -> None:
    other = await house.agent("other")
    mine = await house.bot.ask(key="the-key")
    assert (await other.ask(key="the-key")).escalation.id != mine.escalation.id


async def test_a_replayed_request_is_refused(house: StaffedHub) -> None:
    asking = house.bot.asking()
    await house.hub.escalate(house.bot.credential(nonce="once"), asking)
    with pytest.raises(Unauthenticated) as refused:
        await house.hub.escalate(house.bot.credential(nonce="once"), asking)
    assert refused.value.code == "nonce_replayed"


async def test_a_refused_request_has_spent_its_nonce(house: StaffedHub) -> None:
    bad = house.bot.asking(house.bot.action(subject={"principal_id": "org_other"}))
    with pytest.raises(Forbidden):
        await house.hub.escalate(house.bot.credential(nonce="once"), bad)
    with pytest.raises(Unauthenticated):
        await house.hub.escalate(house.bot.credential(nonce="once"), house.bot.asking())


async def test_an_action_in_another_agents_name_is_refused(house: StaffedHub) -> None:
    other = await house.agent("other")
    with pytest.raises(Forbidden):
        await house.bot.ask(house.bot.action(principal={"agent_id": other.agent_id}))


async def test_an_action_for_somebody_the_agent_may_not_act_for_is_refused(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    for subject in (ada.person_id, "org_other", house.bot.agent_id):
        with pytest.raises(Forbidden) as refused:
            await house.bot.ask(house.bot.action(subject={"principal_id": subject}))
        assert refused.value.code == "subject_not_allowed"


async def test_an_agent_may_act_for_its_organisation_and_for_its_owner(house: StaffedHub) -> None:
    for subject in (house.org_id, house.owner.person_id):
        assert (await house.bot.ask(house.bot.action(subject={"principal_id": subject}))).escalation.open


@pytest.mark.parametrize(
    ("shift", "taken"), [(-DAY, True), (-DAY - 1, False), (2 * MINUTE, True), (2 * MINUTE + 1, False)]
)
async def test_requested_at_lies_within_a_day_before_and_two_minutes_after(
    house: StaffedHub, shift: int, taken: bool
) -> None:
    action = house.bot.action(requested_at=to_text(house.time.now + shift))
    if taken:
        assert (await house.bot.ask(action)).escalation.open
    else:
        with pytest.raises(Invalid):
            await house.bot.ask(action)


@pytest.mark.parametrize(("seconds", "taken"), [(9, False), (10, True), (30 * 86_400, True), (30 * 86_400 + 1, False)])
async def test_a_question_lives_from_ten_seconds_to_thirty_days(house: StaffedHub, seconds: int, taken: bool) -> None:
    if taken:
        opened = await house.bot.ask(expires_in=seconds)
        assert opened.escalation.expires_at == house.time.now + seconds * SECOND
    else:
        with pytest.raises(Invalid) as refused:
            await house.bot.ask(expires_in=seconds)
        assert refused.value.field == "$.expires_in"


async def test_a_question_lives_fifteen_minutes_unless_somebody_says_otherwise(house: StaffedHub) -> None:
    opened = await house.bot.ask(expires_in=None)
    assert opened.escalation.expires_at == house.time.now + 15 * MINUTE


@pytest.mark.parametrize("justification", ["", "x" * 281])
async def test_a_justification_has_at_most_280_characters(house: StaffedHub, justification: str) -> None:
    with pytest.raises(Invalid) as refused:
        await house.bot.ask(justification=justification)
    assert refused.value.field == "$.justification"


async def test_a_paused_agent_asks_nothing(house: StaffedHub) -> None:
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "paused")
    with pytest.raises(Forbidden) as refused:
        await house.bot.ask()
    assert refused.value.code == "agent_paused"


async def test_a_revoked_agent_asks_nothing(house: StaffedHub) -> None:
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "revoked")
    with pytest.raises(Unauthenticated):
        await house.bot.ask()


async def test_an_agent_of_a_stopped_organisation_asks_nothing(house: StaffedHub) -> None:
    await house.hub.govern.stop(house.operator, house.org_id)
    with pytest.raises(Conflict) as refused:
        await house.bot.ask()
    assert refused.value.code == "org_stopped"


async def test_a_refusal_is_recorded(house: StaffedHub) -> None:
    with pytest.raises(Forbidden):
        await house.bot.ask(house.bot.action(subject={"principal_id": "org_other"}))
    [event] = await house.events("escalation.refused")
    assert (event["decision"], event["actor_id"], event["detail"]["field"]) == (
        "subject_not_allowed",
        house.bot.agent_id,
        "$.action.subject.principal_id",
    )


async def test_an_agent_that_floods_people_is_stopped_at_the_limit(house: StaffedHub) -> None:
    await house.bot.ask()
    row = "SELECT 'esc_copy_' || n.i AS id, e.org_id, e.agent_id, e.trust, e.revision, e.action_id, e.action_type,"
    await house.change(
        "INSERT INTO escalations (id, org_id, agent_id, trust, revision, action_id, action_type, action_hash,"
        " plain_hash, similarity_hash, presentation_hash, requirement, requirement_hash, audience, salt, sealed, state,"
        f" version, created_at, expires_at, latest_expiry, epoch) {row} e.action_hash, 'copy' || n.i,"
        " e.similarity_hash, e.presentation_hash, e.requirement, e.requirement_hash, e.audience, e.salt, e.sealed,"
        " e.state, e.version, e.created_at, e.expires_at, e.latest_expiry, e.epoch FROM escalations e,"
        " (WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t WHERE i < 999) SELECT i FROM t) n"
    )
    with pytest.raises(TooMany) as refused:
        await house.bot.ask()
    assert (refused.value.code, refused.value.retry_after) == ("too_many_open", 30)
    assert escalate.OPEN_LIMIT == 1000


async def test_every_record_says_that_an_api_key_asked(house: StaffedHub) -> None:
    script = await house.api_key_agent()
    opened = await script.ask()
    assert opened.escalation.trust == "api_key"
    [event] = await house.events("escalation.opened")
    assert (event["trust"], event["signature_valid"]) == ("api_key", None)


async def test_the_same_question_sent_many_times_at_once_opens_once(house: StaffedHub) -> None:
    asking = house.bot.asking()
    opened = await asyncio.gather(*(house.hub.escalate(house.bot.credential(), asking) for _ in range(20)))
    assert len({one.escalation.id for one in opened}) == 1
    assert sum(not one.repeated for one in opened) == 1


async def test_the_same_action_under_many_keys_at_once_opens_once(house: StaffedHub) -> None:
    action = house.bot.action()
    opened = await asyncio.gather(*(house.bot.ask(action) for _ in range(20)))
    assert len({one.escalation.id for one in opened}) == 1


async def test_an_agent_that_is_paused_while_it_asks_leaves_no_open_question(house: StaffedHub) -> None:
    async def ask() -> None:
        with contextlib.suppress(Forbidden):
            await house.bot.ask()

    pause = house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "paused")
    await asyncio.gather(*(ask() for _ in range(10)), pause, *(ask() for _ in range(10)))
    assert await house.rows("SELECT id FROM escalations WHERE state = 'open'") == []


async def test_an_organisation_that_is_stopped_while_agents_ask_keeps_no_open_question(house: StaffedHub) -> None:
    others = [await house.agent(f"bot{number}") for number in range(3)]

    async def ask(number: int) -> None:
        with contextlib.suppress(Conflict):
            await others[number % 3].ask()

    stop = house.hub.govern.stop(house.operator, house.org_id)
    await asyncio.gather(*map(ask, range(10)), stop, *map(ask, range(10)))
    assert await house.rows("SELECT id FROM escalations WHERE state = 'open'") == []


async def test_an_hour_later_the_agent_still_asks_with_the_time_of_the_hub(house: StaffedHub) -> None:
    house.time.now += HOUR
    assert (await house.bot.ask()).escalation.created_at == house.time.now
