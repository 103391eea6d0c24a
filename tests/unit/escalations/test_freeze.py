"""Who may answer is decided when the question opens."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, HubError
from approvals_hub.db.database import Tx
from approvals_hub.domain.requirement import Requirement, read_default, requirement_hash
from approvals_hub.escalations.freeze import Frozen, freeze_in
from approvals_hub.people.invite import Invitation
from approvals_hub.routing.plan import GROUP
from tests.unit.hub_fixture import Person, StaffedHub
from tests.unit.routing.plans import group


async def people_of(house: StaffedHub) -> tuple[str, ...]:
    """Who may answer a question that opens now."""
    return (await house.bot.ask()).escalation.asked().people


def sorted_ids(*people: Person) -> tuple[str, ...]:
    return tuple(sorted(person.person_id for person in people))


async def test_in_an_organisation_of_one_the_owner_answers(house: StaffedHub) -> None:
    assert await people_of(house) == (house.owner.person_id,)


async def test_the_agents_owner_does_not_count_once_there_is_somebody_else(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    assert await people_of(house) == sorted_ids(ada)


async def test_the_owner_counts_where_the_default_requirement_says_so(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await house.require(owner_counts=True)
    assert await people_of(house) == sorted_ids(ada, house.owner)


async def test_the_owner_of_another_agent_counts(house: StaffedHub) -> None:
    ada = await house.person("Ada", "approver")
    bot = await house.agent("hers", owner_id=ada.person_id)
    opened = await bot.ask(bot.action(subject={"principal_id": ada.person_id}))
    assert opened.escalation.asked().people == (house.owner.person_id,)


async def test_only_roles_that_answer_are_asked(house: StaffedHub) -> None:
    approver, admin = await house.person("Ada", "approver"), await house.person("Bo", "admin")
    await house.person("Cy", "auditor")
    await house.person("Di", "developer")
    assert await people_of(house) == sorted_ids(approver, admin)


async def test_somebody_with_two_roles_is_asked_for_the_one_that_answers(house: StaffedHub) -> None:
    both = await house.person("Ada", "auditor", "approver")
    assert await people_of(house) == sorted_ids(both)


async def test_a_disabled_person_is_not_asked(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, "disabled")
    assert await people_of(house) == sorted_ids(bo)


async def test_a_removed_member_is_not_asked(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await house.change("UPDATE memberships SET removed_at = 1 WHERE person_id = :id", id=ada.person_id)
    assert await people_of(house) == sorted_ids(bo)


async def test_disabling_everybody_else_does_not_make_an_organisation_of_one(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, "disabled")
    with pytest.raises(Conflict) as refused:
        await house.bot.ask()
    assert refused.value.code == "no_approvers"


async def invited(house: StaffedHub, *roles: str) -> str:
    """Somebody with a link and no key yet; returns their token."""
    invitation = Invitation(name="Bo", roles=frozenset(roles or ("approver",)))
    return (await house.hub.invite_person(house.operator, invitation)).token


async def refused_code(house: StaffedHub) -> str:
    with pytest.raises(Conflict) as refused:
        await house.bot.ask()
    return refused.value.code


async def test_somebody_invited_who_has_no_key_yet_does_not_end_an_organisation_of_one(house: StaffedHub) -> None:
    await invited(house)
    opened = await house.bot.ask()
    assert house.owner.person_id in opened.escalation.asked().people
    await house.owner.answer(opened.escalation.id)
    assert (await house.bot.standing(opened.escalation.id)).approval_token is not None


async def test_a_key_whose_digits_nobody_confirmed_does_not_end_an_organisation_of_one(house: StaffedHub) -> None:
    await house.enrol(await invited(house))
    assert house.owner.person_id in await people_of(house)


async def test_the_first_key_of_somebody_else_ends_an_organisation_of_one(house: StaffedHub) -> None:
    enrolled, _, person_id = await house.enrol(await invited(house))
    assert enrolled.digits is not None
    await house.hub.confirm_device(house.operator, enrolled.device.device_id, enrolled.digits)
    assert await people_of(house) == (person_id,)


async def test_members_who_may_not_answer_leave_an_organisation_of_one(house: StaffedHub) -> None:
    await house.person("Cy", "auditor")
    await house.person("Di", "developer")
    assert await people_of(house) == (house.owner.person_id,)


async def test_an_owner_who_revokes_the_colleagues_device_does_not_approve_alone(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    waiting = await house.bot.ask()
    await house.hub.revoke_device(house.owner.credential, ada.device_id)
    assert await refused_code(house) == "no_approvers"
    [event] = await house.events("device.revoked")
    assert (event["actor_id"], event["detail"]["person_id"]) == (house.owner.person_id, ada.person_id)
    with pytest.raises(Forbidden):  # the question of before: its people were frozen when it opened
        await house.owner.answer(waiting.escalation.id)


async def test_an_owner_who_disables_the_colleague_and_enables_them_again_does_not_approve_alone(
    house: StaffedHub,
) -> None:
    ada = await house.person("Ada")
    await house.hub.govern.set_person_state(house.owner.credential, house.org_id, ada.person_id, "disabled")
    assert await refused_code(house) == "no_approvers"
    fresh = await house.owner.fresh()
    await house.hub.govern.set_person_state(house.owner.credential, house.org_id, ada.person_id, "active", fresh)
    assert await people_of(house) == (ada.person_id,)
    for state in ("disabled", "active"):
        # The operator's word ends the keys for good.
        await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, state)
        assert await refused_code(house) == "no_approvers"


async def test_an_owner_who_is_left_alone_goes_on_once_the_requirement_says_that_owners_count(
    house: StaffedHub,
) -> None:
    ada = await house.person("Ada")
    await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, "disabled")
    await house.require(owner_counts=True)
    assert await people_of(house) == (house.owner.person_id,)


async def test_people_without_a_key_do_not_make_up_the_number_that_must_approve(house: StaffedHub) -> None:
    await house.require(approvals=2)
    ada = await house.person("Ada")
    await invited(house)
    assert await refused_code(house) == "no_approvers"
    bo = await house.person("Bo")
    assert set(sorted_ids(ada, bo)) < set(await people_of(house))


async def test_somebody_whose_key_was_lost_is_asked_with_the_others_and_answers_with_a_new_one(
    house: StaffedHub,
) -> None:
    ada = await house.person("Ada")
    await house.person("Bo")
    await house.hub.revoke_device(ada.credential, ada.device_id, await ada.fresh())
    opened = await house.bot.ask()
    assert ada.person_id in opened.escalation.asked().people


@pytest.mark.parametrize(
    ("colleague", "owner_counts", "why"),
    [(False, False, "alone"), (False, True, "alone"), (True, True, "requirement"), (True, False, None)],
)
async def test_the_log_says_why_an_owner_may_answer_their_own_agent(
    house: StaffedHub, colleague: bool, owner_counts: bool, why: str | None
) -> None:
    if colleague:
        await house.person("Ada")
    await house.require(owner_counts=owner_counts)
    await house.bot.ask()
    [event] = await house.events("escalation.opened")
    assert event["detail"]["owner_counts"] == why


async def test_a_question_that_could_only_expire_is_not_asked(house: StaffedHub) -> None:
    await house.require(approvals=2)
    await house.person("Ada")
    with pytest.raises(Conflict) as refused:
        await house.bot.ask()
    assert refused.value.code == "no_approvers"
    assert "people invite" in refused.value.next_step


async def test_a_refusal_that_is_repeated_does_not_grow(house: StaffedHub) -> None:
    # An exception that is kept and raised again holds every frame that it ever passed: an agent could fill the memory.
    await house.require(approvals=2)
    depths = []
    for _ in range(3):
        with pytest.raises(Conflict) as refused:
            await house.bot.ask()
        depths.append(len(refused.traceback))
    assert len(set(depths)) == 1


async def test_people_added_later_change_nothing_for_an_open_question(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    opened = await house.bot.ask()
    await house.person("Bo")
    standing = await house.bot.standing(opened.escalation.id)
    assert standing.escalation.asked().people == sorted_ids(ada)


async def test_a_new_default_changes_nothing_for_an_open_question(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.require(approvals=2)
    assert (await house.bot.standing(opened.escalation.id)).escalation.asked().approvals == 1


async def test_the_frozen_requirement_is_hashed_with_its_people(house: StaffedHub) -> None:
    escalation = (await house.bot.ask()).escalation
    assert escalation.requirement_hash == requirement_hash(escalation.requirement.encode())
    assert house.owner.person_id in escalation.requirement


async def test_the_agent_asks_for_no_more_time_than_the_requirement_allows(house: StaffedHub) -> None:
    await house.require(longest=600, expires_in=60)
    assert (await house.bot.ask(expires_in=None)).escalation.latest_expiry == house.time.now + 600_000
    assert (await house.bot.ask(expires_in=600)).escalation.open
    with pytest.raises(Exception, match="from 10 to 600"):
        await house.bot.ask(expires_in=601)


async def frozen(house: StaffedHub, default: Requirement, groups: dict[str, list[str]]) -> Frozen | HubError:
    """What a question that opens now is frozen with, where the organisation has these groups."""
    plans = await house.hub.read_plans(house.operator, GROUP)
    versions = {plan.name: plan.version for plan in plans}
    for name, people in groups.items():
        await group(house, *people, name=name, version=versions.get(name, 0))

    async def work(tx: Tx) -> Frozen | HubError:
        return await freeze_in(
            tx,
            org_id=house.org_id,
            owner_id=house.owner.person_id,
            default=default.text().decode(),
            expires_in=None,
        )

    return await house.hub.db.read(work)


FINANCE = read_default({"quorum": {"of": ["group:finance"]}, "veto": ["role:admin"]})


async def test_the_people_of_a_group_are_frozen_without_the_agents_owner(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo", "admin")
    found = await frozen(house, FINANCE, {"finance": [ada.person_id, house.owner.person_id]})
    assert isinstance(found, Frozen)
    assert found.requirement.quorum is not None
    assert found.requirement.quorum.people == (ada.person_id,)
    assert (found.requirement.veto, found.requirement.people) == ((bo.person_id,), sorted_ids(ada, bo))


async def test_another_group_with_the_same_name_is_another_requirement(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    hashes = set()
    for people in ([ada], [bo], [ada, bo], [ada, bo]):
        found = await frozen(house, FINANCE, {"finance": [one.person_id for one in people]})
        assert isinstance(found, Frozen)
        hashes.add(found.hash)
    assert len(hashes) == 3


async def test_a_group_that_is_gone_opens_nothing_and_one_that_everybody_has_left_is_nobody(house: StaffedHub) -> None:
    ada, _ = await house.person("Ada"), await house.person("Bo")
    gone = await frozen(house, FINANCE, {"ops": [ada.person_id]})
    left = await frozen(house, FINANCE, {"finance": [house.owner.person_id]})
    codes = [found.code for found in (gone, left) if isinstance(found, Conflict) and found.next_step]
    assert codes == ["requirement_names_nobody", "no_approvers"]


async def test_a_person_whom_the_rule_names_and_who_was_removed_is_a_refusal_and_one_who_is_disabled_is_nobody(
    house: StaffedHub,
) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await house.hub.set_requirement(house.operator, {"quorum": {"of": [ada.person_id, bo.person_id]}})
    await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, "disabled")
    assert await people_of(house) == sorted_ids(bo)
    await house.change("UPDATE memberships SET removed_at = 1 WHERE person_id = :id", id=ada.person_id)
    assert await refused_code(house) == "requirement_names_nobody"
