"""One call before any risky action: it returns when the action may be done, and raises otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from approvals_hub_client import (
    AsyncHub,
    Credential,
    Denied,
    Hub,
    NotAllowed,
    PeopleAsked,
    StillOpen,
    verify_proof_offline,
)
from approvals_hub_client.errors import BadAnswer, Refused
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.paseto import PROOF
from tests.fakes.line import Line
from tests.unit.desk import Desk

POLICY = """
version: 1
default: deny
rules:
  - {id: small, effect: allow, action: pay, constraints: {amount_max: 100}, proof: {required: true}}
  - {id: quiet, effect: allow, action: read}
  - {id: deposit, effect: allow, action: rent, obligations: [{type: DEPOSIT}]}
  - {id: large, effect: allow, action: pay, approval: {quorum: 1}}
"""
SMALL: dict[str, Any] = {"amount_minor": 100}
LARGE: dict[str, Any] = {"amount_minor": 101}


@pytest.fixture
async def hub(desk: Desk, credential: Credential) -> Any:
    """The agent's client, where these policies hold."""
    await desk.world.hub.policies.keep.publish(desk.world.operator, "main", POLICY)
    async with AsyncHub(credential) as client:
        yield client


async def test_what_policies_allow_returns_with_a_proof_and_what_they_deny_raises(desk: Desk, hub: AsyncHub) -> None:
    allowed = await hub.authorize("pay", SMALL, relying_party="shop.example", trace=True)
    assert (allowed.allowed, allowed.code, allowed.trust_profile, allowed.repeated) == (True, "rule", "LOW", False)
    assert allowed.decided_by is not None
    assert allowed.trace is not None
    assert (allowed.decided_by["rule_id"], allowed.trace[-1]["rule_id"]) == ("small", "small")
    keys = await hub.public_keys()
    assert verify_proof_offline(str(allowed.proof_token), keys, "shop.example", allowed.action) == allowed.proof
    plain = await hub.authorize("read", {})
    assert (plain.allowed, plain.proof_token, plain.proof, plain.trace) == (True, None, None, None)
    for kind, decision in (("erase", "DENY"), ("rent", "REQUIRE_DEPOSIT")):
        with pytest.raises(NotAllowed) as refused:
            await hub.authorize(kind, {}, wait=True)
        assert refused.value.authorization.decision == decision
        assert not refused.value.retryable


async def test_people_are_asked_waited_for_and_their_approval_spent_in_one_call(desk: Desk, hub: AsyncHub) -> None:
    call = asyncio.create_task(hub.authorize("pay", LARGE, wait=True, relying_party="shop.example"))
    escalation_id = await desk.answer_next("approved")
    allowed = await call
    assert (allowed.allowed, allowed.code) == (True, "approved")
    assert allowed.proof is not None
    assert (allowed.proof["escalation_id"], allowed.proof["aud"]) == (escalation_id, "shop.example")
    call = asyncio.create_task(hub.authorize("pay", LARGE, wait=True))
    await desk.answer_next("denied")
    with pytest.raises(Denied):
        await call


async def test_without_waiting_people_are_asked_and_the_question_goes_on_from_there(desk: Desk, hub: AsyncHub) -> None:
    with pytest.raises(PeopleAsked) as asked:
        await hub.authorize("pay", LARGE, justification="the team needs it")
    question = asked.value.question
    assert (question.is_open, isinstance(asked.value, StillOpen)) == (True, True)
    await desk.end(question.escalation_id, "approved")
    approved = await hub.wait(question)
    spent = await hub.spend(approved)
    again = await hub.spend(approved)
    assert (spent.allowed, spent.repeated, again.repeated, again.proof_token) == (True, False, True, spent.proof_token)


async def test_who_stops_waiting_takes_the_question_back(desk: Desk, line: Line, hub: AsyncHub) -> None:
    call = asyncio.create_task(hub.authorize("pay", LARGE, wait=True))
    escalation_id = await desk.waiting()
    await line.called("GET", f"/v1/escalations/{escalation_id}")
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert (await hub.question(escalation_id)).status == "withdrawn"


async def test_a_token_that_ran_out_is_fetched_again_and_what_is_denied_by_now_is_not_spent(
    desk: Desk, hub: AsyncHub
) -> None:
    async with AsyncHub(hub.credential, clock=desk.world.time.clock().now) as late:
        with pytest.raises(PeopleAsked) as asked:
            await late.authorize("pay", LARGE)
        await desk.end(asked.value.question.escalation_id, "approved")
        approved = await late.wait(asked.value.question)
        desk.world.time.pass_seconds(61)
        assert (await late.spend(approved)).allowed
        with pytest.raises(PeopleAsked) as asked:
            await late.authorize("pay", LARGE)
        await desk.end(asked.value.question.escalation_id, "approved")
        approved = await late.wait(asked.value.question)
        await desk.world.hub.policies.keep.publish(
            desk.world.operator, "main", "version: 1\ndefault: deny\nrules: []\n", version=1
        )
        with pytest.raises(Refused) as refused:
            await late.spend(approved)
        assert refused.value.code == "policy_denies"


async def test_the_blocking_client_authorizes_too(desk: Desk, hub: AsyncHub) -> None:
    def agent() -> tuple[bool, bool]:
        with Hub(hub.credential) as blocking:
            return blocking.authorize("pay", SMALL).allowed, blocking.authorize("pay", LARGE, wait=True).allowed

    async with asyncio.TaskGroup() as group:
        group.create_task(desk.answer_next("approved"))
        assert await asyncio.to_thread(agent) == (True, True)


def forged(**changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The answer with other members."""
    return lambda answer: {**answer, **changes} if "decision_id" in answer else answer


async def test_an_answer_about_something_else_allows_nothing(desk: Desk, line: Line, hub: AsyncHub) -> None:
    other = await hub.authorize("pay", SMALL, relying_party="shop.example")
    lies: list[Callable[[dict[str, Any]], dict[str, Any]]] = [
        forged(decision="ALLOWED", result="ALLOWED"),
        forged(result="DENY"),
        forged(decision=True, result=True),
        forged(action_id="another"),
        forged(action_hash="sha256:" + "0" * 64),
        forged(salt="AAAAAAAAAAAAAAAAAAAAAA"),
        forged(proof_token=other.proof_token),
        forged(proof_token="v4.public.AAAA"),
        forged(proof_token=7),
        forged(decision_id="dcn_another"),
        forged(obligations=None),
        forged(escalation={"escalation_id": "esc_1"}),
        forged(proof_token=desk.signed(str(other.proof_token), PROOF, by=Ed25519SigningKey())),
        lambda answer: {} if "decision_id" in answer else answer,
    ]
    for lie in lies:
        line.alter = lie
        with pytest.raises(BadAnswer):
            await hub.authorize("pay", SMALL, relying_party="shop.example")
