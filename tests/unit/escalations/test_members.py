"""Leaving, removing, disabling: in one organisation, and by the operator everywhere."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, HubError
from tests.unit.hub_fixture import StaffedHub, code_of
from tests.unit.two_orgs import second_org


async def test_the_operator_disables_an_account_in_every_organisation_and_each_log_says_so(house: StaffedHub) -> None:
    other = await second_org(house)
    ada = await house.person("Ada")
    await other.lets_in(ada, "approver")
    theirs = await other.house.agent("theirs", owner_id=ada.person_id)
    question = (await other.house.bot.ask()).escalation.id
    govern = house.hub.govern
    await govern.set_person_state(house.operator, house.org_id, ada.person_id, "disabled")
    assert {each["org_id"] for each in await house.events("person.disabled")} == {house.org_id, other.org_id}
    assert [row["state"] for row in await house.rows("SELECT state FROM agents WHERE id = :a", a=theirs.agent_id)] == [
        "paused"
    ]
    waiting = await house.rows("SELECT person_id FROM inbox WHERE escalation_id = :q", q=question)
    assert ada.person_id not in {row["person_id"] for row in waiting}
    # Which an admin of one of them does not undo.
    fresh = await house.owner.fresh()
    with pytest.raises(Conflict) as refused:
        await govern.set_person_state(house.owner.credential, house.org_id, ada.person_id, "active", fresh)
    assert code_of(refused.value) == "account_disabled"
    await govern.set_person_state(house.operator, house.org_id, ada.person_id, "active")
    assert {each["org_id"] for each in await house.events("person.enabled")} == {house.org_id, other.org_id}


async def test_who_is_removed_leaves_the_inbox_and_the_vote_of_before_counts_no_more(house: StaffedHub) -> None:
    await house.require(approvals=2)
    ada, bo = await house.person("Ada"), await house.person("Bo")
    question = (await house.bot.ask()).escalation.id
    await ada.answer(question)
    await house.hub.orgs.members.remove(house.owner.credential, house.org_id, ada.person_id)
    assert (await bo.answer(question)).status == "open"
    [gone] = await house.events("person.removed")
    assert (gone["actor_id"], gone["detail"]["subject_id"]) == (house.owner.person_id, ada.person_id)


async def test_a_vote_of_somebody_who_was_disabled_meanwhile_counts_no_more_and_can_be_given_again(
    house: StaffedHub,
) -> None:
    await house.require(approvals=2)
    ada, bo = await house.person("Ada"), await house.person("Bo")
    question = (await house.bot.ask()).escalation.id
    await ada.answer(question)
    house.time.now += 1
    for state in ("disabled", "active"):
        fresh = await house.owner.fresh()
        await house.hub.govern.set_person_state(house.owner.credential, house.org_id, ada.person_id, state, fresh)
    assert (await bo.answer(question)).status == "open"
    ada.credential = await ada.sign_in()
    assert (await ada.answer(question)).status == "approved"


async def test_an_admin_removes_no_owner_and_nobody_the_last_one(house: StaffedHub) -> None:
    admin = await house.person("Dee", "admin")
    codes = []
    for by, fresh in (
        (admin.credential, None),
        (house.owner.credential, await house.owner.fresh()),
        (house.operator, None),
    ):
        with pytest.raises(HubError) as refused:
            await house.hub.orgs.members.remove(by, house.org_id, house.owner.person_id, fresh)
        codes.append(code_of(refused.value))
    assert codes == ["person_not_found", "last_owner", "last_owner"]


async def test_a_stolen_session_takes_its_person_out_of_nothing(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    with pytest.raises(HubError) as refused:
        await house.hub.orgs.members.remove(ada.credential, house.org_id, ada.person_id)
    assert code_of(refused.value) == "fresh_factor_needed"
    await house.hub.orgs.members.remove(ada.credential, house.org_id, ada.person_id, await ada.fresh())


async def test_an_owner_who_removes_the_colleague_does_not_approve_alone(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await house.hub.orgs.members.remove(house.owner.credential, house.org_id, ada.person_id)
    with pytest.raises(Conflict) as refused:
        await house.bot.ask()
    assert code_of(refused.value) == "no_approvers"
    # Who could never answer was nobody.
    await house.change("UPDATE memberships SET roles = 'auditor' WHERE person_id = :id", id=ada.person_id)
    assert (await house.bot.ask()).escalation.asked().people == (house.owner.person_id,)


async def test_nobody_lets_a_disabled_accomplice_in_again_alone_to_be_two_who_publish(house: StaffedHub) -> None:
    ada, mal, bo = await house.person("Ada", "admin"), await house.person("Mal", "admin"), await house.person("Bo")
    await house.hub.policies.keep.want_second_person(house.operator, wanted=True)
    govern, members = house.hub.govern, house.hub.orgs.members
    for person in (mal, bo):
        await govern.set_person_state(ada.credential, house.org_id, person.person_id, "disabled")
    for by in (house.owner.credential, house.operator):
        with pytest.raises(HubError) as refused:
            await govern.set_person_state(by, house.org_id, mal.person_id, "active")
        assert code_of(refused.value) == "second_person_confirms"
    refusals = [each["detail"]["subject_id"] for each in await house.events("person.refused")]
    assert refusals == [mal.person_id] * 2
    # Who publishes nothing is let in again by one, and an account that the operator disabled is enabled as before.
    with pytest.raises(Forbidden) as stolen:
        await govern.set_person_state(house.owner.credential, house.org_id, bo.person_id, "active")
    assert code_of(stolen.value) == "fresh_factor_needed"
    for _ in range(2):  # whoever is in already is let in by nothing
        fresh = await house.owner.fresh()
        await govern.set_person_state(house.owner.credential, house.org_id, bo.person_id, "active", fresh)
    for state in ("disabled", "active"):
        await govern.set_person_state(house.operator, house.org_id, ada.person_id, state)
    await members.remove(house.owner.credential, house.org_id, mal.person_id)
    states = {each.person_id: each.state for each in await house.hub.list_members(house.operator)}
    assert states == {each.person_id: "active" for each in (house.owner, ada, bo)}
