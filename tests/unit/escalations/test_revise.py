"""A revision is a question of its own, and the end of the old one, in one step."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.clock import MINUTE, SECOND
from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, NotFound
from approvals_hub.escalations.escalate import Opened
from tests.unit.hub_fixture import StaffedHub


async def revise(house: StaffedHub, escalation_id: str, **changes: object) -> Opened:
    return await house.hub.revise(house.bot.credential(), escalation_id, house.bot.asking(**changes))


async def test_a_revision_has_its_own_id_number_and_hashes(house: StaffedHub) -> None:
    old = (await house.bot.ask()).escalation
    new = (await revise(house, old.id)).escalation
    assert (new.revision, new.revises, new.open) == (2, old.id, True)
    assert new.id != old.id
    assert new.presentation_hash != old.presentation_hash


async def test_the_old_question_ends_superseded_by_the_new_one(house: StaffedHub) -> None:
    old = (await house.bot.ask()).escalation
    new = (await revise(house, old.id)).escalation
    ended = (await house.bot.standing(old.id)).escalation
    assert (ended.state, ended.ended_by, ended.cause) == ("superseded", house.bot.agent_id, new.id)


async def test_votes_for_the_old_question_do_not_count_for_the_new_one(house: StaffedHub) -> None:
    await house.require(approvals=2)
    ada, bo = await house.person("Ada"), await house.person("Bo")
    old = (await house.bot.ask()).escalation
    await ada.answer(old.id)
    new = (await revise(house, old.id)).escalation
    assert (await bo.answer(new.id)).status == "open"
    assert (await ada.answer(new.id)).status == "approved"


async def test_a_revision_of_an_approved_question_revokes_its_token(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await revise(house, token.escalation_id)
    old = (await house.bot.standing(token.escalation_id)).escalation
    assert (old.state, old.token_state, old.token_cause) == ("approved", "revoked", "superseded")
    with pytest.raises(Conflict):
        await token.redeem()


async def test_a_redeemed_question_cannot_be_revised(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await token.redeem()
    with pytest.raises(Conflict) as refused:
        await revise(house, token.escalation_id)
    assert refused.value.extra["token_state"] == "redeemed"


@pytest.mark.parametrize("how", ["denied", "withdrawn", "superseded", "expired", "recalled", "stale"])
async def test_what_has_ended_otherwise_cannot_be_revised(house: StaffedHub, how: str) -> None:
    escalation_id = (await house.bot.ask(expires_in=60)).escalation.id
    if how == "denied":
        await house.owner.answer(escalation_id, "deny")
    elif how == "withdrawn":
        await house.hub.withdraw(house.bot.credential(), escalation_id)
    elif how == "superseded":
        await revise(house, escalation_id)
    elif how == "expired":
        house.time.now += 60 * SECOND
    else:
        await house.owner.answer(escalation_id)
        if how == "recalled":
            await house.hub.recall(house.owner.credential, escalation_id)
        else:
            house.time.now += 10 * MINUTE
    with pytest.raises(Conflict):
        await revise(house, escalation_id)


async def test_the_same_revision_sent_again_is_the_same_one(house: StaffedHub) -> None:
    old = (await house.bot.ask()).escalation
    asking = house.bot.asking()
    first = await house.hub.revise(house.bot.credential(), old.id, asking)
    again = await house.hub.revise(house.bot.credential(), old.id, asking)
    assert (again.escalation.id, again.repeated) == (first.escalation.id, True)


async def test_an_idempotency_key_of_another_request_is_refused(house: StaffedHub) -> None:
    old = (await house.bot.ask(key="the-key")).escalation
    with pytest.raises(Invalid) as refused:
        await revise(house, old.id, key="the-key")
    assert refused.value.code == "idempotency_key_reused"


async def test_another_agents_question_cannot_be_revised(house: StaffedHub) -> None:
    other = await house.agent("other")
    old = (await house.bot.ask()).escalation
    with pytest.raises(NotFound):
        await house.hub.revise(other.credential(), old.id, other.asking())
    assert (await house.bot.standing(old.id)).escalation.open


async def test_a_revision_that_is_refused_leaves_the_old_question_open(house: StaffedHub) -> None:
    old = (await house.bot.ask()).escalation
    with pytest.raises(Forbidden):
        await revise(house, old.id, action=house.bot.action(subject={"principal_id": "org_other"}))
    with pytest.raises(Invalid):
        await revise(house, old.id, expires_in=1)
    assert (await house.bot.standing(old.id)).escalation.open
    assert [event["decision"] for event in await house.events("escalation.refused")] == [
        "subject_not_allowed",
        "expires_in_out_of_range",
    ]


async def test_many_revisions_at_once_leave_one_successor(house: StaffedHub) -> None:
    old = (await house.bot.ask()).escalation

    async def one() -> str:
        try:
            return (await revise(house, old.id)).escalation.id
        except HubError as refusal:
            return refusal.code

    results = await asyncio.gather(*(one() for _ in range(20)))
    assert results.count("escalation_ended") == 19
    rows = await house.rows("SELECT id FROM escalations WHERE revises = :old", old=old.id)
    assert len(rows) == 1


async def test_a_revision_of_a_revision_counts_on(house: StaffedHub) -> None:
    old = (await house.bot.ask()).escalation
    second = (await revise(house, old.id)).escalation
    assert (await revise(house, second.id)).escalation.revision == 3


async def test_the_people_of_a_revision_are_those_of_its_own_opening(house: StaffedHub) -> None:
    old = (await house.bot.ask()).escalation
    ada = await house.person("Ada")
    new = (await revise(house, old.id)).escalation
    assert (old.asked().people, new.asked().people) == ((house.owner.person_id,), (ada.person_id,))
