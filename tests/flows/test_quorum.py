"""Several people answer one question over HTTP: groups, vetoes, stages and time locks, on each engine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from approvals_hub.cli.demo_phone import Refused, SoftwarePhone
from approvals_hub.core.clock import MINUTE
from approvals_hub_client import AsyncHub
from approvals_hub_client.question import Question
from tests.flows.world import World

ADMINS: dict[str, Any] = {"of": ["role:admin"]}


async def require(world: World, **members: Any) -> None:
    """Make this the requirement from now on, as on the hub's own computer."""
    await world.hub.set_requirement(world.operator, members)


async def ask(bot: AsyncHub, **more: Any) -> Question:
    """Open a question; each has an id of its own."""
    return await bot.ask("db.drop_table", {"table": "customers"}, relying_party="db.example.com", **more)


async def status(world: World, question: Question) -> str:
    """How it stands, as the owner reads it."""
    given = await world.send("GET", f"/v1/escalations/{question.escalation_id}", by=world.owner)
    assert given.status == 200
    return str(given.json()["status"])


async def waits_for(person: SoftwarePhone, question: Question) -> bool:
    """Whether it is in somebody's inbox."""
    return question.escalation_id in [item["escalation_id"] for item in (await person.inbox())["items"]]


async def answers(person: SoftwarePhone, question: Question, decision: str = "approve") -> str:
    """Look, sign and send; the status that the receipt shows."""
    return str((await person.answer(question.escalation_id, decision))["status"])


async def refusal(work: Awaitable[Any]) -> tuple[int, str]:
    """The status and the code of a refusal, which says what to do next."""
    with pytest.raises(Refused) as refused:
        await work
    assert refused.value.problem["next_step"]
    return refused.value.status, str(refused.value.problem["code"])


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
    await require(world, quorum={"of": ["role:approver"], "approvals": 2}, veto=["role:owner"])
    question = await ask(await world.agent())
    assert await answers(ada, question, "deny") == "open"
    assert await answers(bo, question, "deny") == "denied"


async def test_an_approval_that_is_taken_back_voids_the_token_though_others_would_be_enough(world: World) -> None:
    ada, bo, _ = [await world.person(name) for name in ("Ada", "Bo", "Cy")]
    await require(world, quorum={"of": ["role:approver"], "approvals": 2}, veto=["role:owner"])
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


async def test_people_of_a_later_stage_are_asked_when_the_earlier_one_is_complete(world: World) -> None:
    ada, bo, cy = await world.person("Ada"), await world.person("Bo"), await world.person("Cy", "admin")
    await require(world, quorum={"stages": [{"of": ["role:approver"], "approvals": 2}, ADMINS]}, veto=["role:owner"])
    question = await ask(await world.agent())
    assert (await waits_for(ada, question), await waits_for(cy, question)) == (True, False)
    await answers(ada, question)
    assert not await waits_for(cy, question)
    version = (await cy.inbox())["version"]
    woken = asyncio.create_task(cy.inbox(wait=30, since=version))
    await answers(bo, question)
    items = (await asyncio.wait_for(woken, 10))["items"]
    assert [item["escalation_id"] for item in items] == [question.escalation_id]
    assert await answers(cy, question) == "approved"


@pytest.mark.parametrize("decision", ["approve", "deny", "not_me"])
async def test_an_approver_outside_the_stage_is_refused_whatever_they_sign(world: World, decision: str) -> None:
    ada, cy = await world.person("Ada"), await world.person("Cy", "admin")
    await require(world, quorum={"stages": [{"of": ["role:approver"]}, ADMINS]}, veto=["role:owner"])
    question = await ask(await world.agent())
    assert await refusal(cy.look(question.escalation_id)) == (409, "stage_not_open")
    # They may read it, to be ready; and a statement that they write themselves is refused as well.
    read = await cy.call("GET", f"/v1/escalations/{question.escalation_id}/presentation")
    assert (read["may_answer"], read["mine"]) == (False, None)
    theirs = await ada.look(question.escalation_id)
    forged = {**theirs, "approver_id": cy.person_id, "device_id": cy.device_id}
    assert await refusal(cy.send(question.escalation_id, forged, decision)) == (409, "stage_not_open")
    assert await status(world, question) == "open"


async def test_a_stage_that_lost_somebody_is_completed_again_before_the_question_is_approved(world: World) -> None:
    ada, bo, cy = await world.person("Ada"), await world.person("Bo"), await world.person("Cy", "admin")
    await require(world, quorum={"stages": [{"of": ["role:approver"]}, ADMINS]}, veto=["role:owner"])
    question = await ask(await world.agent())
    await answers(ada, question)
    await world.hub.govern.set_person_state(world.operator, world.org_id, ada.person_id, "disabled")
    assert await answers(cy, question) == "open"
    assert await answers(bo, question) == "approved"


async def test_a_person_who_is_enabled_again_finds_no_question_whose_stage_has_not_begun(world: World) -> None:
    ada, cy = await world.person("Ada"), await world.person("Cy", "admin")
    await world.person("Di", "admin")
    await require(world, quorum={"stages": [{"of": ["role:approver"]}, ADMINS]}, veto=["role:owner"])
    question = await ask(await world.agent())
    for state in ("disabled", "active"):
        await world.hub.govern.set_person_state(world.operator, world.org_id, cy.person_id, state)
    assert await lines_of(world, cy) == 0
    await answers(ada, question)
    assert await lines_of(world, cy) == 1


async def lines_of(world: World, person: SoftwarePhone) -> int:
    """How many questions their inbox holds: whose keys are revoked reads it with none."""
    found = "SELECT escalation_id FROM inbox WHERE person_id = :id"
    return len(await world.hub.db.read(lambda tx: tx.rows(found, id=person.person_id)))


async def test_a_time_lock_holds_an_approval_until_its_time(world: World) -> None:
    ada = await world.person("Ada")
    await require(world, wait=20)
    bot = await world.agent()
    question = await ask(bot)
    assert await answers(ada, question) == "open"
    shown = (await world.send("GET", f"/v1/escalations/{question.escalation_id}", by=world.owner)).json()
    assert shown["effective_at"] > shown["now"]
    assert await world.hub.complete() == 0
    world.time.pass_seconds(21)
    waits = asyncio.create_task(bot.wait(question, within=20))
    assert await world.hub.complete() == 1
    assert await world.hub.complete() == 0
    approved = await waits
    claims = (await bot.redeem(approved)).proof
    assert [one["person_id"] for one in claims["approvers"]] == [ada.person_id]


@pytest.mark.parametrize("decision", ["deny", "not_me"])
async def test_an_approval_is_taken_back_while_it_waits(world: World, decision: str) -> None:
    ada = await world.person("Ada")
    await require(world, wait=300)
    question = await ask(await world.agent())
    await answers(ada, question)
    assert await answers(ada, question, decision) == {"deny": "denied"}.get(decision, decision)
    world.time.pass_seconds(301)
    assert await world.hub.complete() == 0


async def test_a_veto_during_the_wait_ends_what_had_all_its_votes(world: World) -> None:
    ada, guard = await world.person("Ada", "admin"), await world.person("Guard")
    await require(world, quorum=ADMINS, veto=[guard.person_id], wait=300)
    question = await ask(await world.agent())
    assert await answers(ada, question) == "open"
    assert await answers(guard, question, "deny") == "denied"


async def test_who_leaves_during_the_wait_is_not_counted_at_its_end(world: World) -> None:
    ada, bo = await world.person("Ada"), await world.person("Bo")
    await require(world, wait=300)
    question = await ask(await world.agent())
    await answers(ada, question)
    await world.hub.govern.set_person_state(world.operator, world.org_id, ada.person_id, "disabled")
    world.time.pass_seconds(301)
    assert await world.hub.complete() == 0
    shown = (await world.send("GET", f"/v1/escalations/{question.escalation_id}", by=world.owner)).json()
    assert (shown["status"], shown["effective_at"]) == ("open", None)
    assert await answers(bo, question) == "approved"  # the lock is over, and the last vote completes it


async def test_a_hub_that_is_down_until_the_end_of_the_question_approves_nothing(world: World) -> None:
    ada = await world.person("Ada")
    await require(world, wait=300, expires_in=600)
    question = await ask(await world.agent(), expires_in=600)
    await answers(ada, question)
    world.time.ahead += 10 * MINUTE
    assert await world.hub.complete() == 0
    await world.hub.advance()
    assert await status(world, question) == "expired_seen"


async def test_a_question_that_would_end_before_its_lock_does_is_not_opened(world: World) -> None:
    await world.person("Ada")
    await require(world, wait=300)
    with pytest.raises(Exception, match="from 310 to"):
        await ask(await world.agent(), expires_in=300)
