"""What an organisation asks of a question: changed by owners and admins, never behind anybody's back."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from approvals_hub.domain.requirement import Requirement, requirement_hash
from approvals_hub.people.acting import OperatorCredential
from tests.unit.hub_fixture import StaffedHub, code_of


async def test_a_new_organisation_asks_for_one_approval(house: StaffedHub) -> None:
    assert await house.hub.set_requirement.present(house.owner.credential) == Requirement()


@pytest.mark.parametrize("role", ["owner", "admin"])
async def test_owners_and_admins_set_it(house: StaffedHub, role: str) -> None:
    person = await house.person("Ada", role)
    asked = {"approvals": 2, "owner_counts": True}
    wanted = await house.hub.set_requirement(person.credential, asked, await person.fresh())
    assert wanted == Requirement(approvals=2, owner_counts=True)
    assert await house.hub.set_requirement.present(person.credential) == wanted


@pytest.mark.parametrize("role", ["approver", "auditor", "developer"])
async def test_nobody_else_lowers_what_is_asked(house: StaffedHub, role: str) -> None:
    person = await house.person("Ada", role)
    with pytest.raises(Forbidden):
        await house.hub.set_requirement(person.credential, {"min_assurance": "LOW"})
    with pytest.raises(Forbidden):
        await house.hub.set_requirement.present(person.credential)
    assert await house.events("org.requirement_changed") == []


async def test_a_stolen_session_lowers_nothing_without_a_key(house: StaffedHub) -> None:
    await house.hub.set_requirement(house.owner.credential, {"approvals": 2})
    for value in ({"approvals": 1}, {"approvals": 2, "owner_counts": True}):
        with pytest.raises(Forbidden) as refused:
            await house.hub.set_requirement(house.owner.credential, value)
        assert refused.value.code == "fresh_factor_needed"
    assert await house.hub.set_requirement.present(house.owner.credential) == Requirement(approvals=2)
    assert len(await house.events("org.requirement_changed")) == 1


async def test_a_fresh_factor_lowers_it_once(house: StaffedHub) -> None:
    await house.hub.set_requirement(house.owner.credential, {"approvals": 3})
    fresh = await house.owner.fresh()
    assert (await house.hub.set_requirement(house.owner.credential, {"approvals": 2}, fresh)).approvals == 2
    with pytest.raises(Unauthenticated):
        await house.hub.set_requirement(house.owner.credential, {"approvals": 1}, fresh)
    assert (await house.hub.set_requirement.present(house.owner.credential)).approvals == 2


async def test_another_persons_fresh_factor_lowers_nothing_and_is_recorded(house: StaffedHub) -> None:
    ada = await house.person("Ada", "admin")
    with pytest.raises(Unauthenticated):
        await house.hub.set_requirement(house.owner.credential, {"owner_counts": True}, await ada.fresh())
    assert (await house.events("session.refused"))[-1]["actor_id"] == house.owner.person_id
    assert await house.hub.set_requirement.present(house.owner.credential) == Requirement()


async def test_asking_for_more_needs_no_ceremony(house: StaffedHub) -> None:
    wanted = {"approvals": 2, "min_assurance": "HIGH", "risk": "critical", "approval_valid_for": 60}
    assert (await house.hub.set_requirement(house.owner.credential, wanted)).approvals == 2


async def test_what_was_tightened_meanwhile_is_not_lowered_by_a_request_that_thought_to_ask_for_more(
    house: StaffedHub,
) -> None:
    await house.hub.set_requirement(house.owner.credential, {"approvals": 5})
    with pytest.raises(Forbidden):
        await house.hub.set_requirement(house.owner.credential, {"approvals": 2})


async def test_the_operator_lowers_it_with_the_machine_alone(house: StaffedHub) -> None:
    await house.hub.set_requirement(house.operator, {"approvals": 2})
    assert (await house.hub.set_requirement(house.operator, {"owner_counts": True})).owner_counts


async def test_a_session_that_has_ended_changes_nothing(house: StaffedHub) -> None:
    await house.change("UPDATE sessions SET ended_at = 1")
    with pytest.raises(Unauthenticated):
        await house.hub.set_requirement(house.owner.credential, {"approvals": 2})


async def test_the_operator_sets_it_in_an_organisation_that_exists(house: StaffedHub) -> None:
    assert (await house.hub.set_requirement(house.operator, {"approvals": 2})).approvals == 2
    with pytest.raises(NotFound):
        await house.hub.set_requirement(OperatorCredential("org_other"), {"approvals": 2})


@pytest.mark.parametrize(
    "value", [{"aprovals": 2}, {"approvals": 0}, {"people": ["per_me"]}, b"[]", b'{"approvals":NaN}']
)
async def test_a_misspelt_requirement_changes_nothing(house: StaffedHub, value: Any) -> None:
    with pytest.raises(Invalid):
        await house.hub.set_requirement(house.owner.credential, value)
    assert await house.hub.set_requirement.present(house.owner.credential) == Requirement()


async def test_a_change_is_in_the_log_with_what_was_and_what_is(house: StaffedHub) -> None:
    await house.hub.set_requirement(house.owner.credential, {"min_assurance": "SUBSTANTIAL"})
    [entry] = await house.events("org.requirement_changed")
    assert (entry["actor_type"], entry["actor_id"]) == ("person", house.owner.person_id)
    assert entry["detail"] == {
        "before": requirement_hash(Requirement().text()),
        "after": requirement_hash(Requirement(min_assurance="SUBSTANTIAL").text()),
        "approvals": 1,
        "min_assurance": "SUBSTANTIAL",
        "methods": [],
        "owner_counts": False,
        "wait": 0,
    }


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"quorum": {"of": ["per_nobody"]}}, "$.quorum.of[0]"),
        ({"quorum": {"of": ["role:admin", "group:finance"]}}, "$.quorum.of[1]"),
        ({"quorum": {"all": [{"of": ["role:admin"]}, {"any": [{"of": ["per_x"]}]}]}}, "$.quorum.all[1].any[0].of[0]"),
        ({"veto": ["role:owner", "group:finance"]}, "$.veto[1]"),
    ],
)
async def test_a_name_that_nobody_here_has_is_refused_before_every_question_would_be(
    house: StaffedHub, value: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid, match="nobody here by the name") as refused:
        await house.hub.set_requirement(house.operator, value)
    assert refused.value.field == field
    assert await house.hub.set_requirement.present(house.operator) == Requirement()


async def test_a_member_who_may_not_answer_is_nobody_to_name(house: StaffedHub) -> None:
    auditor = await house.person("Cy", "auditor")
    with pytest.raises(Invalid, match="who may answer"):
        await house.hub.set_requirement(house.operator, {"quorum": {"of": [auditor.person_id]}})


async def test_a_stolen_session_lets_no_accomplice_approve_where_nobody_else_sees_it(house: StaffedHub) -> None:
    ada = await house.person("Ada", "admin")
    for value in ({"quorum": {"of": [ada.person_id]}}, {"veto": [ada.person_id]}):
        with pytest.raises(Forbidden) as refused:
            await house.hub.set_requirement(ada.credential, value)
        assert refused.value.code == "fresh_factor_needed"


async def test_a_longer_wait_needs_no_ceremony_and_a_shorter_one_does(house: StaffedHub) -> None:
    assert (await house.hub.set_requirement(house.owner.credential, {"wait": 300})).wait == 300
    with pytest.raises(Forbidden):
        await house.hub.set_requirement(house.owner.credential, {"wait": 299})


async def test_setting_what_stands_already_is_no_change(house: StaffedHub) -> None:
    await house.hub.set_requirement(house.owner.credential, {})
    assert await house.events("org.requirement_changed") == []


async def test_an_open_question_keeps_the_requirement_it_was_opened_with(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.hub.set_requirement(house.owner.credential, {"min_assurance": "HIGH"})
    await house.owner.answer(opened.escalation.id)
    assert (await house.bot.standing(opened.escalation.id)).escalation.state == "approved"


async def test_a_question_asked_afterwards_has_the_new_one(house: StaffedHub) -> None:
    await house.hub.set_requirement(house.owner.credential, {"approvals": 2})
    with pytest.raises(Conflict) as refused:
        await house.bot.ask()
    assert code_of(refused.value) == "no_approvers"


@pytest.mark.parametrize("methods", [["bankid"], ["totp", "bankid"], ["webauthn"], ["recovery"]])
async def test_a_way_that_this_hub_does_not_offer_is_refused_before_questions_could_only_expire(
    house: StaffedHub, methods: list[str]
) -> None:
    with pytest.raises(Invalid, match="this hub proves nobody by") as refused:
        await house.hub.set_requirement(house.owner.credential, {"methods": methods})
    assert refused.value.field == "$.methods"
    assert await house.hub.set_requirement.present(house.owner.credential) == Requirement()


async def test_ways_that_the_hub_offers_are_set_by_the_words_of_tokens_and_recorded(house: StaffedHub) -> None:
    wanted = {"methods": ["totp", "passkey", "device_key"], "fresh_within": 60}
    await house.hub.set_requirement(house.owner.credential, wanted)
    [entry] = await house.events("org.requirement_changed")
    assert entry["detail"]["methods"] == ["totp", "passkey", "device_key"]
