"""An agent asks more of people than its organisation does, over HTTP, on each engine."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub_client.errors import Refused
from approvals_hub_client.question import Question, new_action
from tests.flows.several import answers, ask, require
from tests.flows.world import World


async def test_a_request_asks_for_one_more_person_and_a_wait(world: World) -> None:
    ada, bo = await world.person("Ada"), await world.person("Bo")
    bot = await world.agent()
    question = await ask(bot, requirement={"approvals": 2, "wait": 20})
    assert [await answers(one, question) for one in (ada, bo)] == ["open", "open"]
    world.time.pass_seconds(21)
    assert await world.hub.complete() == 1
    assert (await bot.wait(question, within=10)).question.status == "approved"


@pytest.mark.parametrize(
    "requirement", [{"approvals": 1}, {"quorum": {"of": ["role:admin"], "approvals": 2}}, {"min_assurance": "LOW"}]
)
async def test_an_agent_that_asks_for_less_or_chooses_who_sees_it_is_refused(
    world: World, requirement: dict[str, Any]
) -> None:
    await world.person("Ada", "admin")
    await world.person("Bo", "admin")
    await require(world, approvals=2, min_assurance="SUBSTANTIAL")
    with pytest.raises(Refused) as refused:
        await ask(await world.agent(), requirement=requirement)
    assert (refused.value.code, refused.value.problem["field"]) == ("requirement_loosened", "$.requirement")
    assert refused.value.problem["next_step"]


async def test_a_rule_of_a_request_that_nobody_could_meet_opens_nothing(world: World) -> None:
    await world.person("Ada")
    with pytest.raises(Refused, match="no_approvers"):
        await ask(await world.agent(), requirement={"approvals": 2})


async def test_the_same_action_with_more_asked_of_it_is_not_answered_with_the_open_question_that_asks_less(
    world: World,
) -> None:
    await world.person("Ada")
    await world.person("Bo")
    bot = await world.agent()
    action = new_action("db.drop", {}, credential=bot.credential, now=bot.transport.clock())

    async def send(key: str, **more: Any) -> Question:
        body = {"action": action, **more}
        view = await bot.transport.call("POST", "/v1/escalations", body=body, idempotency_key=key)
        return Question.read(view, action, bot.credential.agent_id)

    first = await send("first")
    with pytest.raises(Refused) as refused:
        await send("second", requirement={"approvals": 2})
    assert refused.value.code == "open_with_less"
    assert (await send("third", requirement={"approvals": 1})).escalation_id == first.escalation_id
