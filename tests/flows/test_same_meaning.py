"""What an approval means is one table, and every composition of the hub is held to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from approvals_hub.cli.demo_phone import Refused
from approvals_hub_client import AsyncHub, NotApproved
from approvals_hub_client.authorizing import PeopleAsked
from approvals_hub_client.canonical import unb64u
from approvals_hub_client.errors import Conflict
from approvals_hub_client.errors import Refused as RefusedAgent
from approvals_hub_client.question import Approved, Question
from tests.flows.composition import COMPOSITIONS, Composition, composed
from tests.flows.further_key import further_passkey

ASK = "version: 1\ndefault: require_approval\nrules: []\n"
DENY = "version: 1\ndefault: deny\nrules: []\n"
LIMITED = """
version: 1
default: deny
rules:
  - {id: pay, effect: allow, action: payment.execute, spend: {limit: 10000, currency: EUR, window: day, per: agent}}
"""
SOON = 10.0


@pytest.fixture(params=COMPOSITIONS)
def place(request: pytest.FixtureRequest) -> tuple[Path | str, int]:
    """A fresh database, and how many processes share it."""
    found: Path | str = request.getfixturevalue("sqlite_path" if request.param == "sqlite" else "postgres_uri")
    return found, COMPOSITIONS[request.param]


@pytest.fixture
async def here(place: tuple[Path | str, int], tmp_path: Path) -> AsyncIterator[Composition]:
    async with composed(place[0], tmp_path, processes=place[1]) as composition:
        # What is denied here is asked again at once by the next row.
        await composition.world.hub.set_limits(composition.world.operator, {"back_off": False})
        yield composition


async def asked(agent: AsyncHub, number: int = 1, **asking: object) -> Question:
    return await agent.ask("db.drop", {"n": number}, relying_party="db.example.com", **asking)  # type: ignore[arg-type]  # any of them


async def approved(here: Composition, agent: AsyncHub) -> Approved:
    """Asked, answered at the other process, and collected."""
    question = await asked(agent)
    await (await here.phone()).answer(question.escalation_id, "approve")
    return await agent.wait(question, within=SOON)


async def ended(agent: AsyncHub, question: Question) -> str:
    """How the question ended, as its agent is told."""
    with pytest.raises(NotApproved) as told:
        await agent.wait(question, within=SOON)
    return str(told.value.outcome)


async def an_approval_lets_the_agent_do_it_once(here: Composition) -> str:
    agent = await here.agent()
    approval = await approved(here, agent)
    return ", ".join([await here.redeems(agent, approval), await here.redeems(agent, approval)])


async def an_approval_is_for_that_action_alone(here: Composition) -> str:
    agent = await here.agent()
    approval = await approved(here, agent)
    other = {**approval.question.action, "payload": {"n": 2}}
    return ", ".join([await here.redeems(agent, approval, action=other), await here.redeems(agent, approval)])


async def an_approval_is_for_that_executor_alone(here: Composition) -> str:
    agent = await here.agent()
    return await here.redeems(agent, await approved(here, agent), audience="other.example.com")


async def an_approval_is_signed_for_by_the_agent_that_asked(here: Composition) -> str:
    agent, thief = await here.agent(), await here.agent("thief")
    approval = await approved(here, agent)
    return await here.redeems(agent, approval, pop=thief.hand_over(approval)["pop"])


async def a_denial_ends_it(here: Composition) -> str:
    agent, phone = await here.agent(), await here.phone()
    question = await asked(agent)
    said = [await here.answers(phone, question.escalation_id, each) for each in ("deny", "approve")]
    return ", ".join([*said, await ended(agent, question)])


async def not_me_stops_the_agent_and_what_it_holds(here: Composition) -> str:
    agent, phone = await here.agent(), await here.phone()
    held, question = await approved(here, agent), await asked(agent, 2)
    await phone.answer(question.escalation_id, "not_me")
    with pytest.raises(RefusedAgent) as paused:
        await asked(agent, 3)
    return f"{paused.value.code}, {await here.redeems(agent, held)}"


async def silence_is_no_approval(here: Composition) -> str:
    agent, phone = await here.agent(), await here.phone()
    question = await asked(agent, expires_in=10)
    statement = await phone.look(question.escalation_id)
    here.world.time.pass_seconds(11)
    try:
        late = (await phone.send(question.escalation_id, statement, "approve"))["status"]
    except Refused as refused:
        late = f"{refused.status} {refused.problem['code']}"
    await here.world.hub.advance()
    return f"{late}, {await ended(agent, question)}"


async def an_agent_takes_its_question_back(here: Composition) -> str:
    agent, phone = await here.agent(), await here.phone()
    question = await asked(agent)
    await agent.withdraw(question)
    return f"{await here.answers(phone, question.escalation_id, 'approve')}, {await ended(agent, question)}"


async def an_approval_is_recalled(here: Composition) -> str:
    agent, phone = await here.agent(), await here.phone()
    approval = await approved(here, agent)
    await phone.call("POST", f"/v1/escalations/{approval.question.escalation_id}/revocation", {})
    return await here.redeems(agent, approval)


async def an_approval_takes_as_many_people_as_it_says(here: Composition) -> str:
    agent, bo = await here.agent(), await here.phone(here.colleague)
    question = await asked(agent, requirement={"approvals": 2})
    first = (await here.world.owner.answer(question.escalation_id, "approve"))["status"]
    second = (await bo.answer(question.escalation_id, "approve"))["status"]
    return f"{first}, {second}, {await here.redeems(agent, await agent.wait(question, within=SOON))}"


async def a_revision_needs_its_own_approval(here: Composition) -> str:
    agent, phone = await here.agent(), await here.phone()
    held = await approved(here, agent)
    revised = await agent.revise(held.question, {"n": 2})
    before = await here.redeems(agent, held)
    await phone.answer(revised.escalation_id, "approve")
    return f"{before}, {await here.redeems(agent, await agent.wait(revised, within=SOON))}"


async def people_are_asked_by_the_call_that_policies_answer(here: Composition) -> str:
    agent, phone = await here.agent(), await here.phone()
    version = await here.publish(ASK)
    with pytest.raises(PeopleAsked) as asks:
        await agent.authorize("db.drop", {"n": 1}, relying_party="db.example.com")
    await phone.answer(asks.value.question.escalation_id, "approve")
    approval = await agent.wait(asks.value.question, within=SOON)
    done = await agent.spend(approval)
    with pytest.raises(PeopleAsked) as again:
        await agent.authorize("db.drop", {"n": 2}, relying_party="db.example.com")
    await phone.answer(again.value.question.escalation_id, "approve")
    late = await agent.wait(again.value.question, within=SOON)
    await here.publish(DENY, version=version)
    with pytest.raises(Conflict) as denied:
        await agent.spend(late)
    await here.world.hub.policies.keep.remove(here.world.operator, "main", version=version + 1)
    return f"{asks.value.authorization.decision}, {done.decision} {done.code}, {denied.value.code}"


async def above_a_limit_a_plain_approval_is_not_enough_and_one_with_a_step_up_is(here: Composition) -> str:
    agent, phone, key = await here.agent(), await here.phone(), await further_passkey(here.world)
    version = await here.publish(LIMITED)
    pay = {"amount_minor": 6000, "currency": "EUR"}
    below = await agent.authorize("payment.execute", {**pay, "n": 1}, relying_party="bank.example.com")
    with pytest.raises(PeopleAsked) as asks:
        await agent.authorize("payment.execute", {**pay, "n": 2}, relying_party="bank.example.com")
    above, name = asks.value.authorization, asks.value.question.escalation_id
    plain = await here.answers(phone, name, "approve")
    status = (await agent.question(name)).status
    statement = await phone.look(name)
    begun = await phone.begin_step_up(name, statement, "webauthn")
    challenge = unb64u(begun["shown"]["options"]["challenge"])
    await phone.call("POST", f"/v1/step-ups/{begun['step_up_id']}", {"answer": key.get(challenge)})
    await phone.send(name, statement, "approve", step_up=[begun["step_up_id"]])
    proof = (await agent.spend(await agent.wait(asks.value.question, within=SOON))).proof or {}
    [by] = proof["approvers"]
    await here.world.hub.policies.keep.remove(here.world.operator, "main", version=version)
    factor = f"{proof['acr']} {' '.join(proof['amr'])}, {by['step_up'][0]['method']}"
    return f"{below.decision}; {above.decision} {above.code}; {plain}, {status}; {factor}"


async def everybody_is_stopped_at_once(here: Composition) -> str:
    agent, phone, world = await here.agent(), await here.phone(), here.world
    held, question = await approved(here, agent), await asked(agent, 2)
    await phone.call("POST", f"/v1/orgs/{world.org_id}/stop", {})
    return f"{await here.redeems(agent, held)}, {(await agent.question(question.escalation_id)).status}"


MEANING: dict[Callable[[Composition], Awaitable[str]], str] = {
    an_approval_lets_the_agent_do_it_once: "done, 409 already_redeemed",
    an_approval_is_for_that_action_alone: "422 action_mismatch, done",
    an_approval_is_for_that_executor_alone: "422 audience_mismatch",
    an_approval_is_signed_for_by_the_agent_that_asked: "401 invalid_pop",
    a_denial_ends_it: "deny, 409 escalation_ended, denied",
    not_me_stops_the_agent_and_what_it_holds: "agent_paused, 409 token_revoked",
    silence_is_no_approval: "409 escalation_ended, expired_seen",
    an_agent_takes_its_question_back: "409 escalation_ended, withdrawn",
    an_approval_is_recalled: "409 token_revoked",
    an_approval_takes_as_many_people_as_it_says: "open, approved, done",
    a_revision_needs_its_own_approval: "409 token_revoked, done",
    people_are_asked_by_the_call_that_policies_answer: "REQUIRE_APPROVAL, ALLOW approved, policy_denies",
    above_a_limit_a_plain_approval_is_not_enough_and_one_with_a_step_up_is: (
        "ALLOW; REQUIRE_STEP_UP limit; 403 assurance_too_low, open; SUBSTANTIAL mfa pop user, passkey"
    ),
    everybody_is_stopped_at_once: "409 token_revoked, denied",
}
"""What happens, and what comes of it; the last one ends the organisation's day."""


async def test_an_approval_means_the_same_in_every_composition(here: Composition) -> None:
    found = {meaning.__name__: await asyncio.wait_for(meaning(here), 60) for meaning in MEANING}
    assert found == {meaning.__name__: expected for meaning, expected in MEANING.items()}
