"""What people decided about drafts is carried out once, and nothing else is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from approvals_hub.core.clock import DAY
from approvals_hub.core.errors import HubError
from approvals_hub.people.invite import Invitation
from approvals_hub.policies.draft import PolicyDraft
from tests.unit.changes.drafted import carried_out, decided, propose, standing
from tests.unit.hub_fixture import Person, StaffedHub
from tests.unit.policies.kept_policies import ALLOW, ASK, DENY, publish, rules
from tests.unit.routing.plans import ladder
from tests.unit.two_orgs import second_org


async def test_a_draft_in_force_before_approval_is_impossible_whoever_runs_the_worker_how_often(
    house: StaffedHub,
) -> None:
    draft = await propose(house)
    for _ in range(3):
        await house.hub.ask_about_drafts()
        await house.hub.carry_out_drafts()
    assert ((await standing(house, draft)).state, await house.hub.policies.read(house.operator)) == ("open", [])


async def test_a_stale_draft_over_a_newer_policy_changes_nothing_and_nobody_is_asked_any_more(
    house: StaffedHub,
) -> None:
    first = await decided(house, await propose(house, ASK, name="mine"), house.owner)
    approved, open_one = await propose(house, ALLOW, name="mine"), await propose(house, DENY, name="mine")
    await house.owner.answer(str(approved.escalation_id))
    [kept] = await house.hub.policies.read(house.operator)
    newer = await publish(house, ASK + "# newer\n", "mine", version=first.version or 0, binding=kept.binding)
    await house.hub.carry_out_drafts()
    for draft in (approved, open_one):
        ended = await standing(house, draft)
        assert (ended.state, ended.cause) == ("stale", "version_changed")
        [question] = await house.rows(
            "SELECT state, token_state FROM escalations WHERE id = :id", id=draft.escalation_id
        )
        assert (question["state"], question["token_state"]) in {("withdrawn", None), ("approved", "revoked")}
    assert [each.text for each in await house.hub.policies.read(house.operator)] == [newer.text]


async def test_of_two_drafts_that_are_approved_at_once_one_counts_also_with_two_workers(house: StaffedHub) -> None:
    drafts = [await propose(house, text, name="mine") for text in (ASK, DENY)]
    for draft in drafts:
        await house.owner.answer(str(draft.escalation_id))
    await asyncio.gather(*(house.hub.carry_out_drafts() for _ in range(4)))
    ended = [await carried_out(house, draft) for draft in drafts]
    assert sorted(draft.state for draft in ended) == ["in_force", "stale"]
    assert [each.version for each in await house.hub.policies.read(house.operator)] == [1]


async def test_an_approval_that_was_taken_back_carries_nothing_out(house: StaffedHub) -> None:
    draft = await propose(house)
    await house.owner.answer(str(draft.escalation_id))
    await house.hub.recall(house.owner.credential, str(draft.escalation_id))
    assert (await carried_out(house, draft)).cause == "recalled"


async def test_an_approver_who_lost_the_role_or_was_removed_counts_no_more(house: StaffedHub) -> None:
    async def without_role(person: Person) -> None:
        await house.change("UPDATE memberships SET roles = 'approver' WHERE person_id = :id", id=person.person_id)

    async def disabled(person: Person) -> None:
        await house.hub.govern.set_person_state(house.operator, house.org_id, person.person_id, "disabled")

    for number, gone in enumerate((without_role, disabled)):
        admin = await house.person("Ada", "admin")
        draft = await propose(house, name=f"n{number}")
        await admin.answer(str(draft.escalation_id))
        await gone(admin)
        assert (await carried_out(house, draft)).cause == "approver_gone"
    assert await house.hub.policies.read(house.operator) == []


async def test_a_restored_copy_carries_out_no_approval_of_before(house: StaffedHub) -> None:
    draft = await propose(house)
    await house.owner.answer(str(draft.escalation_id))
    await house.change("UPDATE escalations SET epoch = 'another'")
    assert (await carried_out(house, draft)).cause == "restored_copy"


@pytest.mark.parametrize("state", ["paused", "revoked"])
async def test_the_draft_of_an_agent_that_may_not_act_is_asked_about_no_more(house: StaffedHub, state: str) -> None:
    draft = await propose(house)
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, state)
    assert (await carried_out(house, draft)).cause == f"agent_{state}"
    with pytest.raises(HubError):
        await house.owner.answer(str(draft.escalation_id))


async def test_a_draft_whose_route_is_gone_by_then_does_not_come_into_force(house: StaffedHub) -> None:
    route = await ladder(house, house.owner.person_id)
    draft = await propose(house, rules("id: a, effect: allow, action: '*', approval: {route: ladder}"))
    await house.hub.keep_plans.delete(house.operator, "route", "ladder", version=route.version)
    assert (await decided(house, draft, house.owner)).cause == "policy_invalid"


async def test_a_question_that_nobody_answers_refuses_the_draft(house: StaffedHub) -> None:
    draft = await propose(house)
    house.time.now += 8 * 86_400_000
    await house.hub.advance()
    assert (await carried_out(house, draft)).cause == "expired_unseen"


# Publishing by a second person.


async def by_two(house: StaffedHub) -> Person:
    """Another admin is there, and publishing takes a second person."""
    ada = await house.person("Ada", "admin")
    await house.hub.policies.keep.want_second_person(house.operator, wanted=True)
    return ada


async def asked(house: StaffedHub, by: Person, text: str, name: str = "main", **more: Any) -> PolicyDraft:
    made = await house.hub.policies.keep.publish(by.credential, name, text, fresh=await by.fresh(), **more)
    assert isinstance(made, PolicyDraft)
    return made


async def test_what_one_person_publishes_counts_once_another_has_signed(house: StaffedHub) -> None:
    ada = await by_two(house)
    draft = await decided(house, await asked(house, ada, ASK, source="1a2b"), house.owner)
    [kept] = await house.hub.policies.read(house.operator)
    assert (draft.state, kept.text, kept.version, kept.published_by, kept.source) == (
        "in_force",
        ASK,
        1,
        ada.person_id,
        "1a2b",
    )


async def test_the_second_person_by_the_same_person_is_none_by_whatever_device_and_session(house: StaffedHub) -> None:
    ada = await by_two(house)
    draft = await asked(house, ada, ASK)
    for me in (ada, await ada.further_device()):
        with pytest.raises(HubError):
            await me.answer(str(draft.escalation_id))
    assert (await carried_out(house, draft)).state == "open"


async def test_somebody_whom_the_proposer_let_in_a_moment_ago_is_no_second_person(house: StaffedHub) -> None:
    friend = await house.person("Friend", "admin", by=house.owner)
    await by_two(house)
    draft = await asked(house, house.owner, ASK)
    with pytest.raises(HubError):
        await friend.answer(str(draft.escalation_id))
    [row] = await house.rows("SELECT requirement FROM escalations WHERE id = :id", id=draft.escalation_id)
    assert friend.person_id not in row["requirement"]


async def test_an_old_key_that_the_proposer_let_join_a_moment_ago_is_no_second_person(house: StaffedHub) -> None:
    other = await second_org(house)
    friend = await other.house.person("Friend")
    house.time.now += 40 * DAY
    friend.credential, house.owner.credential = await friend.sign_in(), await house.owner.sign_in()
    invited = await house.hub.invite_person(house.owner.credential, Invitation("Friend", None, frozenset({"admin"})))
    joining = await house.hub.orgs.join(friend.credential, invited.token, await friend.fresh())
    confirm = house.hub.orgs.joinings.confirm
    await confirm(house.owner.credential, joining.joining_id, joining.digits, await house.owner.fresh())
    await by_two(house)

    async def is_asked(name: str) -> bool:
        kept = await house.hub.policies.keep.publish(house.owner.credential, name, ASK, fresh=await house.owner.fresh())
        assert isinstance(kept, PolicyDraft)
        [row] = await house.rows("SELECT requirement FROM escalations WHERE id = :id", id=kept.escalation_id)
        return friend.person_id in row["requirement"]

    assert not await is_asked("first")
    house.time.now += DAY
    house.owner.credential = await house.owner.sign_in()
    assert await is_asked("second")


async def test_no_way_leads_around_the_second_person(house: StaffedHub) -> None:
    first = await publish(house, DENY)
    ada = await by_two(house)
    keep, fresh = house.hub.policies.keep, ada.fresh
    older = await asked(house, ada, ALLOW, version=first.version)
    bound = await asked(house, ada, DENY, version=first.version, binding=first.binding.__class__(rank=1))
    gone = await keep.remove(ada.credential, "main", version=first.version, fresh=await fresh())
    off = await keep.want_second_person(ada.credential, wanted=False, fresh=await fresh())
    by_operator = await keep.publish(house.operator, "other", ALLOW)
    labelled = await house.hub.policies.label_agents(
        ada.credential, house.bot.agent_id, teams=["lax"], project=None, environment=None, fresh=await fresh()
    )
    mine = await house.agent("mine", owner_id=ada.person_id)
    by_agent = await propose(house, by=mine)
    for draft in (older, bound, gone, off, by_operator, labelled, by_agent):
        assert isinstance(draft, PolicyDraft)
        if draft is not by_operator:
            with pytest.raises(HubError):
                await ada.answer(str(draft.escalation_id))
        assert (await carried_out(house, draft)).state == "open"
    assert [each.text for each in await house.hub.policies.read(house.operator)] == [DENY]
    assert await keep.takes_second_person(house.operator)


async def test_a_removal_and_the_end_of_the_rule_are_carried_out_with_a_second_signature(house: StaffedHub) -> None:
    first = await publish(house, DENY)
    ada = await by_two(house)
    keep = house.hub.policies.keep
    gone = await keep.remove(ada.credential, "main", version=first.version, fresh=await ada.fresh())
    off = await keep.want_second_person(ada.credential, wanted=False, fresh=await ada.fresh())
    assert isinstance(gone, PolicyDraft)
    assert off is not None
    assert (await decided(house, gone, house.owner)).state == "in_force"
    assert (await decided(house, off, house.owner)).state == "in_force"
    assert (await house.hub.policies.read(house.operator), await keep.takes_second_person(house.operator)) == (
        [],
        False,
    )
    assert [entry["detail"]["wanted"] for entry in await house.events("org.second_person_changed")] == [True, False]


async def test_labels_by_which_other_policies_hold_take_a_second_person_and_nothing_newer_is_lost(
    house: StaffedHub,
) -> None:
    ada, label = await by_two(house), house.hub.policies.label_agents
    drafts = [
        await label(house.operator, house.bot.agent_id, teams=[team], project=None, environment=None)
        for team in ("web", "ops")
    ]
    for draft in drafts:
        assert isinstance(draft, PolicyDraft)
        await ada.answer(str(draft.escalation_id))
    card = await house.hub.present(ada.credential, str(drafts[0].escalation_id))  # type: ignore[union-attr] -- as above
    assert card.action["action_type"] == "hub.policy.label"
    assert "is in the teams web" in card.action["payload"]["changes"]["other_changes"][0]
    await house.hub.carry_out_drafts()
    ended = [await standing(house, draft) for draft in drafts if isinstance(draft, PolicyDraft)]
    assert [each.state for each in ended] == ["in_force", "stale"]
    assert (await label.read(house.operator, house.bot.agent_id)).teams == ("web",)


async def test_a_proposer_who_may_not_publish_by_then_has_proposed_nothing(house: StaffedHub) -> None:
    ada = await by_two(house)
    draft = await asked(house, ada, ASK)
    await house.owner.answer(str(draft.escalation_id))
    await house.change("UPDATE memberships SET roles = 'approver' WHERE person_id = :id", id=ada.person_id)
    assert (await carried_out(house, draft)).cause == "proposer_gone"
