"""Delegates answer in the place of somebody who was asked: one human and one seat, whoever is away."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.clock import HOUR
from approvals_hub.core.errors import Conflict, HubError
from approvals_hub_client.canonical import loads, unb64u
from tests.unit.hub_fixture import Bot, Person, StaffedHub
from tests.unit.routing.plans import away


async def require(house: StaffedHub, **members: Any) -> None:
    await house.hub.set_requirement(house.operator, members)


async def asked(house: StaffedHub, bot: Bot | None = None) -> str:
    return (await (bot or house.bot).ask()).escalation.id


async def inbox(person: Person) -> list[str]:
    return [line.escalation.id for line in (await person.house.hub.inbox(person.credential)).lines]


async def people(house: StaffedHub, *names: str) -> list[Person]:
    return [await house.person(name) for name in names]


async def code(work: Any) -> str:
    """The refusal's code, or the status that the receipt shows."""
    try:
        return str((await work).status)
    except HubError as refusal:
        return refusal.code


def claims_of(token: str | None) -> dict[str, Any]:
    assert token is not None
    found: dict[str, Any] = loads(unb64u(token.split(".")[2])[:-64])
    return found


async def spendable(house: StaffedHub, question: str) -> bool:
    return (await house.bot.standing(question)).approval_token is not None


async def test_a_delegate_finds_the_question_answers_it_and_everything_says_for_whom(house: StaffedHub) -> None:
    ada, bo, cy = await people(house, "Ada", "Bo", "Cy")
    await require(house, quorum={"of": [ada.person_id]})
    question = await asked(house)
    assert (await inbox(ada), await inbox(bo)) == ([question], [])
    assert await code(bo.answer(question)) == "escalation_unknown"
    made = await away(house, ada, bo)
    [line] = (await house.hub.inbox(bo.credential)).lines
    assert [(each.name, each.until) for each in line.stands_in] == [("Ada", made.until)]
    card = await house.hub.present(bo.credential, question)
    assert (card.may_answer, card.may_approve, [each.name for each in card.stands_in]) == (True, True, ["Ada"])
    assert (await inbox(cy), await code(cy.answer(question))) == ([], "escalation_unknown")
    receipt = await bo.answer(question)
    assert (receipt.status, [each.name for each in receipt.stands_in]) == ("approved", ["Ada"])
    [shown] = await house.hub.inbox.history(bo.credential, before=None, limit=10)
    assert (
        shown.stands_in
        == receipt.stands_in
        == (await house.hub.inbox.receipt(bo.credential, shown.decision_id)).stands_in
    )
    [event] = await house.events("decision.recorded")
    assert (event["detail"]["stands_in"], event["detail"]["absences"]) == ([ada.person_id], [made.absence_id])
    [kept] = await house.hub.read_evidence(house.operator, house.org_id, question)
    assert [(each.person_id, each.absences) for each in kept.stands_in] == [(ada.person_id, [made.absence_id])]
    token = claims_of((await house.bot.standing(question)).approval_token)
    [approver] = token["approvers"]
    assert (approver["person_id"], [each["person_id"] for each in approver["stands_in"]]) == (
        bo.person_id,
        [ada.person_id],
    )


async def test_a_delegate_who_was_asked_too_or_stands_in_for_two_counts_once(house: StaffedHub) -> None:
    ada, bo, cy, dee = await people(house, "Ada", "Bo", "Cy", "Dee")
    both = {"all": [{"of": [ada.person_id]}, {"of": [bo.person_id, cy.person_id]}]}
    await require(house, quorum=both)
    await away(house, ada, bo)
    question = await asked(house)
    assert await code(bo.answer(question)) == "open"
    assert await code(cy.answer(question)) == "approved"
    await away(house, cy, dee)
    await away(house, bo, dee)
    question = await asked(house)
    # Dee stands in for Cy, and through Bo for Ada too.
    assert await code(dee.answer(question)) == "open"
    assert await code(ada.answer(question)) == "approved"
    await require(house, approvals=2)
    question = await asked(house)
    assert await code(dee.answer(question)) == "open"
    assert await code(cy.answer(question)) == "approved"


async def test_somebody_who_is_away_and_their_delegate_are_one_seat_and_a_no_on_it_stands(house: StaffedHub) -> None:
    ada, bo, cy, guard = *(await people(house, "Ada", "Bo", "Cy")), await house.person("Guard", "admin")
    await require(house, quorum={"of": [ada.person_id, cy.person_id], "approvals": 2}, veto=[guard.person_id])
    await away(house, ada, bo)
    question = await asked(house)
    assert await code(bo.answer(question)) == "open"
    assert await code(ada.answer(question)) == "open"
    # Ada has answered herself: nobody stands in for her any more, but Bo may take back what he said.
    assert await inbox(bo) == []
    assert await code(bo.answer(question, "approve")) == "open"
    assert await code(cy.answer(question)) == "approved"
    [ada_alone, _] = claims_of((await house.bot.standing(question)).approval_token)["approvers"]
    assert (ada_alone["person_id"], "stands_in" in ada_alone) == (ada.person_id, False)
    question = await asked(house)
    assert await code(bo.answer(question)) == "open"
    assert await code(ada.answer(question)) == "open"
    assert await code(bo.answer(question, "deny")) == "denied"  # one of two is left, and two must approve


async def test_a_veto_and_a_stage_pass_on_to_the_delegate(house: StaffedHub) -> None:
    ada, bo, cy, guard = *(await people(house, "Ada", "Bo", "Cy")), await house.person("Guard", "admin")
    stages = [{"of": [cy.person_id]}, {"of": [ada.person_id]}]
    await require(house, quorum={"stages": stages}, veto=[guard.person_id])
    await away(house, ada, bo)
    question = await asked(house)
    assert await inbox(bo) == []
    card = await house.hub.present(bo.credential, question)
    assert (card.may_answer, card.asked_later) == (False, True)
    assert await code(bo.answer(question)) == "stage_not_open"
    await cy.answer(question)
    assert await inbox(bo) == [question]
    await away(house, guard, bo)
    assert len((await house.hub.present(bo.credential, question)).stands_in) == 2
    assert await code(bo.answer(question, "deny")) == "denied"
    other = await asked(house)
    assert await code(bo.answer(other)) == "stage_not_open"  # an approval, for Ada; a veto is open
    assert await code(bo.answer(other, "not_me")) == "not_me"


async def test_neither_the_agents_owner_nor_whoever_goes_through_them_answers_for_somebody(house: StaffedHub) -> None:
    ada, bo, cy = await people(house, "Ada", "Bo", "Cy")
    hers = await house.agent("hers", owner_id=bo.person_id)
    await require(house, quorum={"of": [ada.person_id]})
    await away(house, ada, bo)
    question = await asked(house, hers)
    assert (await inbox(bo), await code(bo.answer(question))) == ([], "escalation_unknown")
    await away(house, bo, cy)
    assert (await inbox(cy), await code(cy.answer(question))) == ([], "escalation_unknown")
    # In a question of another owner's agent the same chain holds.
    question = await asked(house)
    assert await inbox(cy) == [question]
    [one] = (await cy.answer(question)).stands_in
    assert (one.person_id, one.through) == (ada.person_id, (bo.person_id,))


async def test_an_admin_who_makes_somebody_absent_never_answers_for_them(house: StaffedHub) -> None:
    ada, bo, admin = *(await people(house, "Ada", "Bo")), await house.person("Admin", "admin")
    await require(house, quorum={"of": [ada.person_id]})
    question = await asked(house)
    with pytest.raises(HubError) as refused:
        await away(house, ada, admin, by=admin)
    assert refused.value.code == "delegate_yourself"
    # Not through somebody else either, who is away and trusts the admin.
    await away(house, bo, admin)
    made = await away(house, ada, bo, by=admin)
    assert (await inbox(admin), await code(admin.answer(question))) == ([], "not_eligible")
    queued = await house.rows("SELECT person_id, kind FROM outbox WHERE person_id IS NOT NULL AND kind LIKE 'absence%'")
    assert [(row["person_id"], row["kind"]) for row in queued] == [(ada.person_id, "absence.recorded")]
    assert made.recorded_by == admin.person_id


async def test_whoever_had_no_role_or_key_when_it_opened_stands_in_for_nobody(house: StaffedHub) -> None:
    [ada] = await people(house, "Ada")
    question = await asked(house)
    late = await house.person("Late")
    await away(house, ada, late)
    assert (await inbox(late), await code(late.answer(question))) == ([], "escalation_unknown")
    assert await inbox(late) == []
    later = await asked(house)
    assert await inbox(late) == [later]


async def test_a_vote_stays_when_the_absence_ends_in_time_and_goes_when_it_is_ended(house: StaffedHub) -> None:
    ada, bo, cy = await people(house, "Ada", "Bo", "Cy")
    await require(house, quorum={"of": [ada.person_id, cy.person_id], "approvals": 2}, expires_in=7200)
    await away(house, ada, bo, lasts=HOUR)
    question = (await house.bot.ask(expires_in=7200)).escalation.id
    first = await bo.answer(question)
    house.time.now += HOUR
    assert await inbox(bo) == []
    statement = await bo.statement(question)
    assert (await bo.send(statement)).decision_id == first.decision_id  # the same answer again is the first receipt
    assert await code(cy.answer(question)) == "approved"
    assert await spendable(house, question)
    made = await away(house, ada, bo)
    question = await asked(house)
    await bo.answer(question)
    await house.hub.be_absent.end(ada.credential, made.absence_id)
    assert await code(bo.answer(question)) == "escalation_unknown"
    assert await code(cy.answer(question)) == "open"
    await away(house, ada, bo)
    assert await code(bo.answer(question)) == "approved"  # given again, in another absence
    assert await spendable(house, question)


async def test_whoever_ends_their_absence_takes_back_what_was_approved_in_their_place(house: StaffedHub) -> None:
    ada, bo = await people(house, "Ada", "Bo")
    await require(house, quorum={"of": [ada.person_id]})
    made = await away(house, ada, bo)
    bot = house.bot
    token = await bot.approved(by=bo)
    other = await bot.approved(by=bo)
    await house.hub.recall(ada.credential, other.escalation_id)
    await house.hub.be_absent.end(ada.credential, made.absence_id)
    with pytest.raises(Conflict) as refused:
        await token.redeem()
    assert refused.value.code == "approver_gone"
    assert not await spendable(house, token.escalation_id)
    with pytest.raises(Conflict) as refused:
        await other.redeem()
    assert refused.value.code == "token_revoked"


async def test_nothing_counts_of_a_delegate_when_one_of_the_chain_is_disabled(house: StaffedHub) -> None:
    ada, bo, cy = await people(house, "Ada", "Bo", "Cy")
    await require(house, quorum={"of": [ada.person_id]})
    await away(house, ada, bo)
    await away(house, bo, cy)
    tokens = [await house.bot.approved(by=cy) for _ in range(2)]
    question = await asked(house)
    await tokens[0].redeem()
    await house.hub.govern.set_person_state(house.operator, house.org_id, bo.person_id, "disabled")
    assert (await inbox(cy), await code(cy.answer(question))) == ([], "escalation_unknown")
    with pytest.raises(Conflict):
        await tokens[1].redeem()
