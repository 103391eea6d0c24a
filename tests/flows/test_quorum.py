"""Several people answer one question over HTTP: groups, separation of duties and vetoes, on each engine."""

from __future__ import annotations

import pytest

from tests.flows.several import ADMINS, answers, ask, refusal, require, waits_for
from tests.flows.world import World


async def test_one_admin_and_two_others_approve_in_any_order(world: World) -> None:
    ada, bo, cy = await world.person("Ada", "admin"), await world.person("Bo"), await world.person("Cy")
    await require(world, quorum={"all": [ADMINS, {"of": ["role:approver"], "approvals": 2}]})
    bot = await world.agent()
    question = await ask(bot)
    assert [await answers(one, question) for one in (bo, ada, cy)] == ["open", "open", "approved"]
    approved = await bot.wait(question, within=10)
    claims = (await bot.redeem(approved)).proof
    assert {one["person_id"] for one in claims["approvers"]} == {ada.person_id, bo.person_id, cy.person_id}


async def test_whoever_stands_in_two_groups_counts_in_one_of_them(world: World) -> None:
    ada, bo = await world.person("Ada", "admin", "approver"), await world.person("Bo")
    await require(world, quorum={"all": [ADMINS, {"of": ["role:approver"]}]})
    question = await ask(await world.agent())
    assert await answers(ada, question) == "open"
    assert await answers(bo, question) == "approved"


async def test_two_devices_of_one_person_are_one_person(world: World) -> None:
    ada, bo = await world.person("Ada"), await world.person("Bo")
    await require(world, quorum={"of": [ada.person_id, bo.person_id], "approvals": 2})
    question = await ask(await world.agent())
    assert await answers(ada, question) == "open"
    again = await ada.answer(question.escalation_id, "approve")
    assert (again["repeated"], again["status"]) == (True, "open")
    assert await answers(bo, question) == "approved"


async def test_all_approvers_of_one_question_sign_the_same_presentation_and_requirement(world: World) -> None:
    people = [await world.person(name) for name in ("Ada", "Bo")]
    await require(world, quorum={"stages": [{"of": [one.person_id]} for one in people]}, veto=["role:owner"])
    question = await ask(await world.agent())
    signed = []
    for one in people:
        statement = await one.look(question.escalation_id)
        signed.append({statement[name] for name in ("presentation_hash", "requirement_hash", "action_hash")})
        await one.send(question.escalation_id, statement, "approve")
    assert signed[0] == signed[1]


async def test_the_agents_owner_does_not_count_even_where_the_rule_names_them(world: World) -> None:
    ada, bo = await world.person("Ada", "admin"), await world.person("Bo", "admin")
    await require(world, quorum={"of": [ada.person_id, bo.person_id]}, veto=["role:owner"])
    hers = await world.agent("hers", owner_id=ada.person_id)
    question = await ask(hers)
    assert await refusal(ada.look(question.escalation_id)) == (403, "not_eligible")
    assert await answers(bo, question) == "approved"


async def test_an_owner_named_alone_leaves_a_question_that_nobody_could_approve(world: World) -> None:
    ada = await world.person("Ada", "admin")
    await world.person("Bo", "admin")
    await require(world, quorum={"of": [ada.person_id]})
    with pytest.raises(Exception, match="no_approvers"):
        await ask(await world.agent("hers", owner_id=ada.person_id))


async def test_a_question_whose_people_have_keys_but_in_the_wrong_groups_is_not_opened(world: World) -> None:
    await world.person("Ada", "admin", "approver")
    await require(world, quorum={"all": [ADMINS, {"of": ["role:approver"]}]})  # one person, two seats
    bot = await world.agent()
    with pytest.raises(Exception, match="in the groups and the order"):
        await ask(bot)
    await world.person("Bo")
    assert (await ask(bot)).status == "open"


async def test_somebody_who_came_to_a_role_after_the_opening_does_not_answer_it(world: World) -> None:
    await world.person("Ada", "admin")
    await require(world, quorum=ADMINS)
    question = await ask(await world.agent())
    late = await world.person("Late", "admin")
    assert not await waits_for(late, question)
    assert await refusal(late.look(question.escalation_id)) == (403, "not_eligible")


async def test_the_vote_of_somebody_who_left_meanwhile_does_not_count(world: World) -> None:
    ada, bo, cy = [await world.person(name) for name in ("Ada", "Bo", "Cy")]
    await require(world, quorum={"of": [one.person_id for one in (ada, bo, cy)], "approvals": 2})
    question = await ask(await world.agent())
    await answers(ada, question)
    await world.hub.govern.set_person_state(world.operator, world.org_id, ada.person_id, "disabled")
    assert await answers(bo, question) == "open"
    assert await answers(cy, question) == "approved"


async def test_a_token_is_void_once_the_group_of_somebody_who_left_lacks_one(world: World) -> None:
    ada, bo = await world.person("Ada", "admin"), await world.person("Bo")
    await require(world, quorum={"any": [{"all": [ADMINS, {"of": ["role:approver"]}]}]})
    bot = await world.agent()
    question = await ask(bot)
    await answers(ada, question)
    await answers(bo, question)
    approved = await bot.wait(question, within=10)
    await world.hub.govern.set_person_state(world.operator, world.org_id, bo.person_id, "disabled")
    with pytest.raises(Exception, match="approver_gone"):
        await bot.redeem(approved)


async def test_without_a_veto_others_may_outvote_a_denial_and_a_veto_ends_it(world: World) -> None:
    ada, bo, cy = [await world.person(name) for name in ("Ada", "Bo", "Cy")]
    await require(world, quorum={"of": ["role:approver"], "approvals": 2}, veto=["role:owner"], owner_counts=True)
    bot = await world.agent()
    first, second = await ask(bot), await ask(bot)
    assert await answers(ada, first, "deny") == "open"
    assert await refusal(ada.answer(first.escalation_id, "approve")) == (409, "already_answered")
    assert await answers(bo, first) == "open"
    assert await answers(cy, first) == "approved"
    await answers(ada, second)
    assert await answers(world.owner, second, "deny") == "denied"


async def test_a_denial_that_leaves_too_few_people_ends_the_question(world: World) -> None:
    ada, bo, _ = [await world.person(name) for name in ("Ada", "Bo", "Cy")]
    await require(world, quorum={"of": ["role:approver"], "approvals": 2}, veto=["role:owner"], owner_counts=True)
    question = await ask(await world.agent())
    assert await answers(ada, question, "deny") == "open"
    assert await answers(bo, question, "deny") == "denied"


async def test_a_veto_of_nobody_but_the_agents_owner_leaves_everybody_elses_denial_as_it_was(world: World) -> None:
    ada = await world.person("Ada")
    await world.person("Bo")
    await require(world, quorum={"of": ["role:approver"]}, veto=["role:owner"])
    assert await answers(ada, await ask(await world.agent()), "deny") == "denied"


async def test_an_approval_that_is_taken_back_voids_the_token_though_others_would_be_enough(world: World) -> None:
    ada, bo, _ = [await world.person(name) for name in ("Ada", "Bo", "Cy")]
    await require(world, quorum={"of": ["role:approver"], "approvals": 2}, veto=["role:owner"], owner_counts=True)
    bot = await world.agent()
    question = await ask(bot)
    await answers(ada, question)
    await answers(bo, question)
    approved = await bot.wait(question, within=10)
    await answers(ada, question, "deny")
    with pytest.raises(Exception, match="token_revoked"):
        await bot.redeem(approved)


async def test_whoever_has_a_veto_alone_is_asked_at_once_and_their_approval_is_refused(world: World) -> None:
    ada = await world.person("Ada", "admin")
    guard = await world.person("Guard")
    await require(world, quorum={"stages": [ADMINS]}, veto=[guard.person_id])
    question = await ask(await world.agent())
    assert await waits_for(guard, question)
    assert await refusal(guard.answer(question.escalation_id, "approve")) == (403, "veto_only")
    assert await answers(guard, question, "deny") == "denied"
    assert await refusal(ada.answer(question.escalation_id, "approve")) == (409, "escalation_ended")
