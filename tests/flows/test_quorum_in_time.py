"""People are asked one after another, and approvals wait for their time: over HTTP, on each engine."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.clock import MINUTE
from tests.flows.several import ADMINS, answers, ask, lines_of, refusal, require, status, waits_for
from tests.flows.world import World


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
