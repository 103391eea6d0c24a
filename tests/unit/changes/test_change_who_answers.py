"""Who must answer is not changed by one person where publishing takes two, and nobody is locked out by that."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.changes.change_who_answers import instead_of_in
from approvals_hub.core.clock import DAY
from approvals_hub.core.errors import Conflict, Forbidden, HubError
from approvals_hub.domain.requirement import Requirement
from approvals_hub.hub import PolicyDraft
from approvals_hub.people.invite import Invitation
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.who_answers import Waiting
from approvals_hub.routing.plan import GROUP, Plan
from tests.unit.changes.drafted import carried_out, decided
from tests.unit.hub_fixture import Person, StaffedHub
from tests.unit.policies.kept_policies import publish, rules
from tests.unit.routing.plans import group, ladder

BY_GROUP = rules("id: pay, effect: allow, action: '*', approval: {quorum: {of: ['group:ops']}}")


async def two(house: StaffedHub, role: str = "admin") -> Person:
    """An admin beside the owner, a group `ops` of both by which a policy says who must answer, and the rule."""
    ada = await house.person("Ada", role)
    await group(house, house.owner.person_id, ada.person_id)
    await publish(house, BY_GROUP)
    await house.hub.policies.keep.want_second_person(house.operator, wanted=True)
    return ada


def ops(*people: Person) -> str:
    return f"group: ops\nmembers: [{', '.join(each.person_id for each in people)}]\n"


async def joined(house: StaffedHub, by: Person, *people: Person, version: int = 1) -> Plan | Waiting:
    keep = house.hub.keep_plans
    return await keep.put(by.credential, GROUP, "ops", ops(*people), version=version, fresh=await by.fresh())


async def asked(house: StaffedHub, made: object) -> PolicyDraft:
    assert isinstance(made, Waiting)
    return (await house.hub.drafts.read.one(house.operator, made.draft_id))[0]


async def in_group(house: StaffedHub) -> list[str]:
    shown = await house.hub.read_plans.one(house.operator, GROUP, "ops")
    return [each.person_id for each in shown.people]


async def test_an_admin_who_lets_a_friend_into_the_group_that_must_answer_waits_for_another_signature(
    house: StaffedHub,
) -> None:
    ada = await two(house)
    friend = await house.person('Fri"end', by=ada)
    with pytest.raises(Forbidden, match="key again"):
        await house.hub.keep_plans.put(ada.credential, GROUP, "ops", ops(house.owner, ada, friend), version=1)
    draft = await asked(house, await joined(house, ada, house.owner, ada, friend))
    with pytest.raises(HubError):
        await ada.answer(str(draft.escalation_id))
    await house.hub.carry_out_drafts()
    assert await in_group(house) == [house.owner.person_id, ada.person_id]

    card = await house.hub.present(house.owner.credential, str(draft.escalation_id))
    assert card.action["action_type"] == "hub.policy.group"
    assert card.action["payload"]["changes"]["other_changes"] == [
        f'"Fri\\"end" ({friend.person_id}) joins the group ops, and may answer where it is asked.'
    ]
    done = await decided(house, draft, house.owner)
    assert (done.state, done.version) == ("in_force", 2)
    assert await in_group(house) == [house.owner.person_id, ada.person_id, friend.person_id]
    changed = (await house.events("group.changed"))[-1]
    assert (changed["actor_id"], changed["escalation_id"]) == (ada.person_id, draft.escalation_id)


async def test_who_is_taken_out_is_out_at_once_by_one_person_and_so_is_what_only_says_who_is_told(
    house: StaffedHub,
) -> None:
    ada = await two(house)
    friend = await house.person("Friend")
    keep, told = house.hub.keep_plans, ops(house.owner).replace("ops", "told")
    await keep.put(ada.credential, GROUP, "told", told)
    more = ops(house.owner, friend).replace("ops", "told")
    assert isinstance(await keep.put(ada.credential, GROUP, "told", more, version=1), Plan)
    assert isinstance(await joined(house, ada, ada), Plan)
    assert await in_group(house) == [ada.person_id]


async def test_a_group_that_changed_meanwhile_or_whose_new_member_is_gone_lets_nobody_in(house: StaffedHub) -> None:
    ada, friend = await two(house), await house.person("Friend")
    gone = await asked(house, await joined(house, ada, house.owner, friend))
    await house.owner.answer(str(gone.escalation_id))
    await house.change("UPDATE memberships SET removed_at = 1 WHERE person_id = :id", id=friend.person_id)
    assert (await carried_out(house, gone)).cause == "group_invalid"
    friend = await house.person("Another")
    stale = await asked(house, await joined(house, ada, house.owner, friend))
    await joined(house, ada, ada)
    await house.owner.answer(str(stale.escalation_id))
    assert (await carried_out(house, stale)).state == "stale"
    assert await in_group(house) == [ada.person_id]


async def test_an_admin_who_asks_less_of_every_question_waits_for_another_signature(house: StaffedHub) -> None:
    ada = await two(house)

    async def require(**members: Any) -> Requirement | Waiting:
        return await house.hub.set_requirement(ada.credential, members, await ada.fresh())

    assert isinstance(await require(approvals=2), Requirement)
    draft = await asked(house, await require(approvals=1))
    card = await house.hub.present(house.owner.credential, str(draft.escalation_id))
    assert card.action["payload"]["changes"]["other_changes"] == [
        "Every question: approvals is 1. So far it is 2.",
    ]
    assert (await house.hub.set_requirement.present(house.operator)).approvals == 2
    await house.require(approvals=3)
    assert (await decided(house, draft, house.owner)).state == "stale"
    draft = await asked(house, await require(approvals=1))
    done = await decided(house, draft, house.owner)
    assert (done.state, done.version) == ("in_force", None)
    assert (await house.hub.set_requirement.present(house.operator)).approvals == 1
    assert (await house.events("org.requirement_changed"))[-1]["escalation_id"] == draft.escalation_id


async def test_where_the_second_person_is_gone_nothing_changes_and_the_refusal_says_the_way_out(
    house: StaffedHub,
) -> None:
    ada = await two(house, "owner")
    await house.hub.govern.set_person_state(house.operator, house.org_id, house.owner.person_id, "disabled")
    friend = await house.person("Friend", by=ada)
    with pytest.raises(Conflict) as refused:
        await joined(house, ada, ada, friend)
    assert (refused.value.code, "nvite" in refused.value.next_step) == ("no_approvers", True)
    assert await in_group(house) == [house.owner.person_id, ada.person_id]
    # The way out: an admin whom the operator invites and she confirms is the second person a day later.
    invited = await house.hub.invite_person(house.operator, Invitation(name="New", roles=frozenset({"admin"})))
    enrolled, key, person_id = await house.enrol(invited.token)
    digits = str(enrolled.digits)
    await house.hub.confirm_device(ada.credential, enrolled.device.device_id, digits, await ada.fresh())
    new = Person(house, person_id, enrolled.device.device_id, key, PersonCredential(b""))
    house.time.now += DAY + 1
    for each in (new, ada):
        each.credential = await each.sign_in()
    draft = await asked(house, await joined(house, ada, ada, friend))
    assert (await decided(house, draft, new)).state == "in_force"


async def test_what_a_draft_of_something_else_replaces_is_not_looked_up_here(house: StaffedHub) -> None:
    await ladder(house, house.owner.person_id)
    draft = await house.hub.drafts.draft(house.bot.credential(), rules("id: a, effect: deny, action: '*'"))
    assert await house.hub.db.read(lambda tx: instead_of_in(tx, draft)) is None
