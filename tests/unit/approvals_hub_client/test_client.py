"""Asking and waiting: only an approval that holds returns."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub_client import AsyncHub, Credential
from approvals_hub_client.canonical import loads
from approvals_hub_client.errors import (
    BadCredential,
    Conflict,
    Denied,
    Expired,
    NotApproved,
    NotMe,
    Spent,
    StillOpen,
    Superseded,
    Withdrawn,
)
from tests.fakes.line import Line
from tests.unit.desk import Desk

PAYLOAD = {"amount_minor": 125000, "currency": "SEK"}


async def test_an_approval_returns_a_token_for_this_very_action(desk: Desk, hub: AsyncHub) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(desk.answer_next("approved"))
        approved = await hub.approval("payment.execute", PAYLOAD, relying_party="bank.example.com")
    assert approved.question.audience == "bank.example.com"
    assert approved.claims["action_hash"] == approved.question.action_hash
    assert approved.question.action["payload"] == PAYLOAD


async def test_a_question_says_what_was_asked_and_shows_the_match_code(desk: Desk, line: Line, hub: AsyncHub) -> None:
    owner = desk.world.owner.person_id
    line.alter = lambda answer: {**answer, "match_code": "42"}  # this hub gives none yet
    question = await hub.ask("payment.execute", PAYLOAD, justification="Invoice 7", expires_in=60, subject=owner)
    sent = loads(line.bodies[-1])
    assert (sent["justification"], sent["expires_in"]) == ("Invoice 7", 60)
    assert sent["action"]["subject"] == {"principal_id": owner}
    assert (question.match_code, question.is_open) == ("42", True)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("denied", Denied),
        ("not_me", NotMe),
        ("expired_seen", Expired),
        ("expired_unseen", Expired),
        ("withdrawn", Withdrawn),
    ],
)
async def test_no_other_end_returns(desk: Desk, hub: AsyncHub, status: str, kind: type[NotApproved]) -> None:
    question = await hub.ask("payment.execute", PAYLOAD, expires_in=10)
    await desk.end(question.escalation_id, status)
    with pytest.raises(kind) as refusal:
        await hub.wait(question)
    assert type(refusal.value) is kind


async def test_a_denial_tells_who_and_why_as_data(desk: Desk, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await desk.end(question.escalation_id, "denied", code="wrong_target", reason="not him")
    with pytest.raises(Denied) as refusal:
        await hub.wait(question)
    assert refusal.value.by == desk.world.owner.person_id
    assert (refusal.value.reason_code, refusal.value.reason) == ("wrong_target", "not him")


@pytest.mark.parametrize("state", ["redeemed", "revoked", "expired"])
async def test_an_approval_whose_token_is_gone_does_not_return(
    desk: Desk, hub: AsyncHub, credential: Credential, state: str
) -> None:
    await desk.require(approval_valid_for=5)
    question = await hub.ask("payment.execute", PAYLOAD)
    await desk.end(question.escalation_id, "approved")
    if state == "redeemed":
        async with AsyncHub(credential) as other:
            await other.redeem(await other.wait(question))
    elif state == "revoked":
        await desk.recall(question.escalation_id)
    else:
        desk.world.time.pass_seconds(5)
    with pytest.raises(Spent) as refusal:
        await hub.wait(question)
    assert refusal.value.token_state == state


async def test_waiting_is_resumed_from_another_process(desk: Desk, hub: AsyncHub, credential: Credential) -> None:
    asked = await hub.ask("payment.execute", PAYLOAD)
    await desk.end(asked.escalation_id, "approved")
    async with AsyncHub(credential) as other:
        question = await other.question(asked.escalation_id, asked.action)
        assert (await other.wait(question)).question.action_hash == asked.action_hash


async def test_waiting_too_long_says_that_the_question_is_still_open(hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    with pytest.raises(StillOpen):
        await hub.wait(question, within=0.3)


async def test_giving_up_withdraws_the_question(desk: Desk, line: Line, hub: AsyncHub) -> None:
    with pytest.raises(StillOpen):
        await hub.approval("payment.execute", PAYLOAD, within=0.2)
    assert line.calls[-1][0] == "DELETE"
    assert (await desk.question(line.calls[-1][1].rpartition("/")[2])).state == "withdrawn"


async def test_a_cancelled_wait_withdraws_the_question(desk: Desk, line: Line, hub: AsyncHub) -> None:
    waiting = asyncio.ensure_future(hub.approval("payment.execute", PAYLOAD))
    escalation_id = await desk.waiting()
    await line.called("GET", f"/v1/escalations/{escalation_id}")
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await desk.question(escalation_id)).state == "withdrawn"


async def test_a_question_can_be_taken_back(hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    assert (await hub.withdraw(question)).status == "withdrawn"
    assert (await hub.withdraw(question)).status == "withdrawn"


async def test_taking_back_after_a_denial_is_a_conflict(desk: Desk, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await desk.end(question.escalation_id, "denied")
    with pytest.raises(Conflict):
        await hub.withdraw(question)


async def test_a_revision_is_a_new_question_about_the_edited_action(hub: AsyncHub) -> None:
    first = await hub.ask("payment.execute", PAYLOAD, relying_party="bank.example.com")
    second = await hub.revise(first, {"amount_minor": 1}, justification="smaller")
    assert (second.revision, second.audience) == (2, "bank.example.com")
    assert second.action["payload"] == {"amount_minor": 1}
    with pytest.raises(Superseded):
        await hub.wait(await hub.question(first.escalation_id, first.action))


async def test_more_time_moves_the_end(hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD, expires_in=60)
    assert (await hub.extend(question, 600)).expires_at > question.expires_at


async def test_an_agent_with_an_api_key_asks_too(desk: Desk) -> None:
    async with AsyncHub(await desk.api_key()) as hub:
        assert (await hub.ask("payment.execute", PAYLOAD)).is_open


def test_an_agent_that_is_not_registered_has_no_client() -> None:
    with pytest.raises(BadCredential):
        AsyncHub(Credential("https://hub.example.com", seed=bytes(32)))
