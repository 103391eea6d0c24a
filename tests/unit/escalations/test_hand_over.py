""" "Not mine, ask X": within the frozen people, once, and never so that somebody may answer more. The pure rules:
tests/unit/routing/test_hand_over.py."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import SECOND
from approvals_hub.core.errors import Conflict, Forbidden, HubError, NotFound
from approvals_hub_client.rule import Rule
from tests.unit.hub_fixture import Person, StaffedHub, code_of
from tests.unit.reach_house import Pager, registered
from tests.unit.routing.plans import away


async def handed(house: StaffedHub, by: Person, to: Person, escalation_id: str) -> None:
    await house.hub.hand_over(by.credential, escalation_id, to.person_id)


async def names(house: StaffedHub, person: Person, escalation_id: str) -> list[str]:
    return [each.name for each in await house.hub.hand_over.candidates(person.credential, escalation_id)]


async def test_the_other_is_told_at_once_and_the_one_who_handed_over_no_more(paged: tuple[StaffedHub, Pager]) -> None:
    house, pager = paged
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await registered(house, "later-ada", by=ada)
    await registered(house, "to-bo", by=bo)
    opened = (await house.bot.ask()).escalation
    await house.hub.reach.settled()
    pager.took.clear()
    await handed(house, ada, bo, opened.id)
    for _ in range(3):
        await house.hub.reach.settled()
        house.time.now += 120 * SECOND
    assert [address for address, notice in pager.took if notice.reference == opened.id] == ["to-bo"]


async def test_it_is_in_the_log_by_ids_alone_and_on_both_cards(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    opened = (await house.bot.ask()).escalation
    made = await house.hub.hand_over(ada.credential, opened.id, bo.person_id)
    assert (made.by.name, made.to.name) == ("Ada", "Bo")
    [event] = await house.events("escalation.handed_over")
    assert (event["actor_id"], event["detail"]) == (ada.person_id, {"to": bo.person_id})
    hers, his = [await house.hub.present(each.credential, opened.id) for each in (ada, bo)]
    assert (hers.handed_to, hers.handed_by, his.handed_to, his.handed_by) == ("Bo", None, None, "Ada")


async def test_the_receipt_of_who_answers_says_by_whom_they_were_asked(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    opened = (await house.bot.ask()).escalation
    await handed(house, ada, bo, opened.id)
    assert (await bo.answer(opened.id)).handed_over_by == ada.person_id
    [kept] = await house.hub.inbox.history(bo.credential, before=None, limit=5)
    assert kept.handed_over_by == ada.person_id


async def test_whoever_handed_over_may_still_answer_and_the_other_no_more_than_before(house: StaffedHub) -> None:
    await house.require(approvals=2)
    ada, bo = await house.person("Ada"), await house.person("Bo")
    opened = (await house.bot.ask()).escalation
    await handed(house, ada, bo, opened.id)
    assert (await bo.answer(opened.id)).status == "open", "one person counts once, whoever asked them"
    assert (await ada.answer(opened.id)).status == "approved"


async def test_the_same_again_answers_the_same_and_another_is_refused(house: StaffedHub) -> None:
    ada, bo, cy = [await house.person(name) for name in ("Ada", "Bo", "Cy")]
    opened = (await house.bot.ask()).escalation
    first = await house.hub.hand_over(ada.credential, opened.id, bo.person_id)
    house.time.now += SECOND
    assert await house.hub.hand_over(ada.credential, opened.id, bo.person_id) == first
    with pytest.raises(Conflict) as refused:
        await handed(house, ada, cy, opened.id)
    assert code_of(refused.value) == "already_handed_over"
    assert len(await house.events("escalation.handed_over")) == 1


async def test_only_those_are_offered_to_whom_it_can_be_handed_over(house: StaffedHub) -> None:
    ada, bo, cy = [await house.person(name) for name in ("Ada", "Bo", "Cy")]
    await house.require(approvals=2)
    opened = (await house.bot.ask()).escalation
    assert await names(house, ada, opened.id) == ["Bo", "Cy"]
    await bo.answer(opened.id)
    assert await names(house, ada, opened.id) == ["Cy"]
    await handed(house, cy, ada, opened.id)
    assert await names(house, ada, opened.id) == []
    assert await names(house, bo, opened.id) == []


async def test_attack_a_question_goes_to_nobody_who_was_not_asked_and_never_to_the_agents_owner(
    house: StaffedHub,
) -> None:
    ada, _ = await house.person("Ada"), await house.person("Bo")
    opened = (await house.bot.ask()).escalation
    later, auditor = await house.person("Eve"), await house.person("Au", "auditor")
    for to in (house.owner, later, auditor, ada):
        with pytest.raises(Conflict):
            await handed(house, ada, to, opened.id)
    for nobody in ("per_unknown", opened.id, house.org_id):
        with pytest.raises(Conflict):
            await house.hub.hand_over(ada.credential, opened.id, nobody)
    assert await house.events("escalation.handed_over") == []
    assert len(await house.events("request.refused")) == 7


async def test_attack_an_owner_who_became_one_of_those_asked_gets_it_from_nobody(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    opened = (await house.bot.ask()).escalation
    await house.change("UPDATE agents SET owner_id = :bo", bo=bo.person_id)
    with pytest.raises(Conflict) as refused:
        await handed(house, ada, bo, opened.id)
    assert code_of(refused.value) == "asks_themselves"


async def test_attack_who_is_not_asked_learns_no_names_and_hands_nothing_over(house: StaffedHub) -> None:
    ada, auditor = await house.person("Ada"), await house.person("Au", "auditor")
    developer = await house.person("Dev", "developer")
    await house.person("Bo")
    opened = (await house.bot.ask()).escalation
    expected: list[tuple[Person, type[HubError]]] = [
        (auditor, Forbidden),
        (developer, NotFound),
        (house.owner, Forbidden),
    ]
    for who, refusal in expected:
        with pytest.raises(refusal):
            await names(house, who, opened.id)
        with pytest.raises(refusal):
            await handed(house, who, ada, opened.id)


async def test_attack_nobody_is_asked_before_their_stage_begins(house: StaffedHub) -> None:
    ada, boss = await house.person("Ada"), await house.person("Boss", "admin")
    bo = await house.person("Bo")
    quorum = Rule(stages=(Rule(of=("role:approver",), approvals=1), Rule(of=("role:admin",), approvals=1)))
    await house.require(quorum=quorum)
    opened = (await house.bot.ask()).escalation
    assert await names(house, ada, opened.id) == ["Bo"]
    with pytest.raises(Conflict):
        await handed(house, ada, boss, opened.id)
    with pytest.raises(Conflict):
        await handed(house, boss, bo, opened.id)


async def test_what_has_ended_is_handed_over_to_nobody(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    opened = (await house.bot.ask(expires_in=60)).escalation
    house.time.now += 61 * SECOND
    assert await names(house, ada, opened.id) == []
    with pytest.raises(Conflict) as refused:
        await handed(house, ada, bo, opened.id)
    assert code_of(refused.value) == "escalation_ended"


async def test_who_was_disabled_is_offered_to_nobody(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    opened = (await house.bot.ask()).escalation
    await house.hub.govern.set_person_state(house.operator, house.org_id, bo.person_id, "disabled")
    assert await names(house, ada, opened.id) == []
    with pytest.raises(Conflict) as refused:
        await handed(house, ada, bo, opened.id)
    assert code_of(refused.value) == "counts_no_more"


async def test_attack_whoever_stands_in_for_somebody_hands_their_question_to_nobody(house: StaffedHub) -> None:
    ada, bo, cy = await house.person("Ada"), await house.person("Bo"), await house.person("Cy")
    await house.require(quorum=Rule(of=(ada.person_id, cy.person_id)))
    await away(house, ada, bo)
    opened = (await house.bot.ask()).escalation
    assert (await house.hub.present(bo.credential, opened.id)).may_answer
    for attempt in (handed(house, bo, cy, opened.id), names(house, bo, opened.id)):
        with pytest.raises(Forbidden, check=lambda refusal: code_of(refusal) == "not_eligible") as refused:
            await attempt
        assert "in somebody's place" in refused.value.detail
    # Ada herself may still, also from where she is.
    assert await names(house, ada, opened.id) == ["Cy"]
    await handed(house, ada, cy, opened.id)


async def test_somebody_who_is_away_is_offered_as_long_as_somebody_stands_in_for_them(house: StaffedHub) -> None:
    ada, bo, cy, dee = [await house.person(name) for name in ("Ada", "Bo", "Cy", "Dee")]
    await house.require(quorum=Rule(of=(ada.person_id, bo.person_id, cy.person_id)))
    await away(house, bo, dee)
    await away(house, cy)
    opened = (await house.bot.ask()).escalation
    assert await names(house, ada, opened.id) == ["Bo"]
    await handed(house, ada, bo, opened.id)
    assert (await dee.answer(opened.id)).status == "approved"
