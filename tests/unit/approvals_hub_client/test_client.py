"""Asking and waiting: only an approval that holds returns."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from approvals_hub_client import AsyncHub, Credential
from approvals_hub_client.canonical import loads
from approvals_hub_client.errors import (
    BadAnswer,
    BadCredential,
    Conflict,
    Denied,
    Expired,
    NotApproved,
    NotAuthorised,
    NotMe,
    Refused,
    Spent,
    StillOpen,
    Superseded,
    Undeliverable,
    Unreachable,
    Withdrawn,
)
from approvals_hub_client.keys import Ed25519SigningKey
from tests.fakes.hub import FakeHub

PAYLOAD = {"amount_minor": 125000, "currency": "SEK"}


async def test_an_approval_returns_a_token_for_this_very_action(fake: FakeHub, hub: AsyncHub) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(fake.answer_all("approved"))
        approved = await hub.approval("payment.execute", PAYLOAD, relying_party="bank.example.com")
    assert approved.question.audience == "bank.example.com"
    assert approved.claims["action_hash"] == approved.question.action_hash
    assert approved.question.action["payload"] == PAYLOAD


async def test_a_question_says_what_was_asked_and_shows_the_match_code(fake: FakeHub, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD, justification="Invoice 7", expires_in=60, subject="per_1")
    sent = loads(fake.bodies[-1])
    assert (sent["justification"], sent["expires_in"]) == ("Invoice 7", 60)
    assert sent["action"]["subject"] == {"principal_id": "per_1"}
    assert (question.match_code, question.is_open) == ("42", True)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("denied", Denied),
        ("not_me", NotMe),
        ("expired_seen", Expired),
        ("expired_unseen", Expired),
        ("undeliverable", Undeliverable),
        ("withdrawn", Withdrawn),
        ("superseded", Superseded),
        ("APPROVED", NotApproved),
        ("allowed", NotApproved),
        ("", NotApproved),
    ],
)
async def test_no_other_end_returns(fake: FakeHub, hub: AsyncHub, status: str, kind: type[NotApproved]) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await fake.end(question.escalation_id, status, approval_token="v4.public.x", token_state="ready")
    with pytest.raises(kind) as refusal:
        await hub.wait(question)
    assert type(refusal.value) is kind


async def test_a_denial_tells_who_and_why_as_data(fake: FakeHub, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await fake.end(question.escalation_id, "denied", by="per_2", reason={"code": "wrong_target", "text": "not him"})
    with pytest.raises(Denied) as refusal:
        await hub.wait(question)
    assert (refusal.value.by, refusal.value.reason_code, refusal.value.reason) == ("per_2", "wrong_target", "not him")


@pytest.mark.parametrize("state", ["redeemed", "revoked", "expired", None])
async def test_an_approval_whose_token_is_gone_does_not_return(fake: FakeHub, hub: AsyncHub, state: str | None) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await fake.end(question.escalation_id, "approved", token_state=state)
    with pytest.raises(Spent):
        await hub.wait(question)


@pytest.mark.parametrize(
    "attack",
    [
        {"sub": "agt_2"},
        {"aud": "evil.example.com"},
        {"iss": "https://evil.example.com"},
        {"action_hash": "sha256:" + "0" * 64},
        {"escalation_id": "esc_other"},
        {"purpose": "proof"},
        {"exp": "2020-01-01T00:00:00.000Z"},
        {"kid": "other"},
    ],
    ids=lambda attack: next(iter(attack)),
)
async def test_a_token_for_something_else_is_not_an_approval(
    fake: FakeHub, hub: AsyncHub, attack: dict[str, Any]
) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await fake.end(question.escalation_id, "approved")
    wrong = fake.token(fake.views[question.escalation_id], **attack)
    fake.alter = lambda answer: {**answer, "approval_token": wrong} if answer.get("approval_token") else answer
    with pytest.raises(BadAnswer):
        await hub.wait(question)


async def test_a_token_signed_by_another_key_is_not_an_approval(fake: FakeHub, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await fake.end(question.escalation_id, "approved")
    real, fake.key = fake.key, Ed25519SigningKey()
    forged = fake.token(fake.views[question.escalation_id])
    fake.key = real
    fake.alter = lambda answer: {**answer, "approval_token": forged} if answer.get("approval_token") else answer
    with pytest.raises(BadAnswer):
        await hub.wait(question)


async def test_an_approval_of_a_compromised_key_does_not_count(fake: FakeHub, hub: AsyncHub) -> None:
    fake.compromised = "2026-01-01T00:00:00.000Z"
    question = await hub.ask("payment.execute", PAYLOAD)
    await fake.end(question.escalation_id, "approved")
    with pytest.raises(BadAnswer):
        await hub.wait(question)


@pytest.mark.parametrize(
    "attack",
    [
        {"action_hash": "sha256:" + "0" * 64},
        {"salt": "BBBBBBBBBBBBBBBBBBBBBB"},
        {"agent_id": "agt_2"},
        {"version": None, "expires_at": 5},
    ],
    ids=lambda attack: next(iter(attack)),
)
async def test_an_answer_about_another_action_is_refused(fake: FakeHub, hub: AsyncHub, attack: dict[str, Any]) -> None:
    fake.alter = lambda answer: {**answer, **attack}
    with pytest.raises(BadAnswer):
        await hub.ask("payment.execute", PAYLOAD)


async def test_a_lost_answer_is_fetched_again_without_asking_twice(fake: FakeHub, hub: AsyncHub) -> None:
    fake.drop_after = 2
    question = await hub.ask("payment.execute", PAYLOAD)
    assert list(fake.views) == [question.escalation_id]
    assert len(fake.calls) == 3


async def test_waiting_goes_on_after_lost_connections(fake: FakeHub, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    fake.drop_before = 2
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(hub.wait(question))
        await fake.called("GET", f"/v1/escalations/{question.escalation_id}", times=3)
        await fake.end(question.escalation_id, "approved")
    assert waiting.result().token


async def test_waiting_is_resumed_from_another_process(fake: FakeHub, hub: AsyncHub, credential: Credential) -> None:
    asked = await hub.ask("payment.execute", PAYLOAD)
    await fake.end(asked.escalation_id, "approved")
    async with AsyncHub(credential) as other:
        question = await other.question(asked.escalation_id, asked.action)
        assert (await other.wait(question)).question.action_hash == asked.action_hash


async def test_waiting_too_long_says_that_the_question_is_still_open(hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    with pytest.raises(StillOpen):
        await hub.wait(question, within=0.3)


async def test_a_hub_that_answers_polls_at_once_is_not_hammered(fake: FakeHub, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    fake.views[question.escalation_id]["version"] = 2
    fake.alter = lambda answer: {**answer, "version": 1}
    with pytest.raises(StillOpen):
        await hub.wait(question, within=1.5)
    assert len(fake.calls) <= 4


async def test_giving_up_withdraws_the_question(fake: FakeHub, hub: AsyncHub) -> None:
    with pytest.raises(StillOpen):
        await hub.approval("payment.execute", PAYLOAD, within=0.2)
    assert fake.views["esc_1"]["status"] == "withdrawn"


async def test_a_cancelled_wait_withdraws_the_question(fake: FakeHub, hub: AsyncHub) -> None:
    waiting = asyncio.ensure_future(hub.approval("payment.execute", PAYLOAD))
    await fake.called("GET", "/v1/escalations/esc_1")
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert fake.views["esc_1"]["status"] == "withdrawn"


async def test_a_question_can_be_taken_back(fake: FakeHub, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    assert (await hub.withdraw(question)).status == "withdrawn"
    assert (await hub.withdraw(question)).status == "withdrawn"


async def test_taking_back_after_a_denial_is_a_conflict(fake: FakeHub, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await fake.end(question.escalation_id, "denied")
    with pytest.raises(Conflict):
        await hub.withdraw(question)


async def test_a_revision_is_a_new_question_about_the_edited_action(fake: FakeHub, hub: AsyncHub) -> None:
    first = await hub.ask("payment.execute", PAYLOAD, relying_party="bank.example.com")
    second = await hub.revise(first, {"amount_minor": 1}, justification="smaller")
    assert (second.revision, second.audience) == (2, "bank.example.com")
    assert second.action["payload"] == {"amount_minor": 1}
    with pytest.raises(Superseded):
        await hub.wait(await hub.question(first.escalation_id, first.action))


async def test_more_time_moves_the_end(fake: FakeHub, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD, expires_in=60)
    assert (await hub.extend(question, 600)).expires_at > question.expires_at


async def test_a_redemption_is_proven(fake: FakeHub, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await fake.end(question.escalation_id, "approved")
    redemption = await hub.redeem(await hub.wait(question))
    assert redemption.proof["action_hash"] == question.action_hash
    assert not redemption.repeated


async def test_a_second_redemption_is_refused(fake: FakeHub, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await fake.end(question.escalation_id, "approved")
    approved = await hub.wait(question)
    await hub.redeem(approved)
    with pytest.raises(Conflict) as refusal:
        await hub.redeem(approved)
    assert refusal.value.code == "already_redeemed"


async def test_a_token_that_ran_out_is_fetched_again(fake: FakeHub, hub: AsyncHub) -> None:
    fake.token_life = -1
    question = await hub.ask("payment.execute", PAYLOAD)
    await fake.end(question.escalation_id, "approved")
    approved = await hub.wait(question)
    fake.token_life = 60_000
    assert (await hub.redeem(approved)).jti == approved.claims["jti"]


async def test_a_token_revoked_after_collection_redeems_nothing(fake: FakeHub, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await fake.end(question.escalation_id, "approved")
    approved = await hub.wait(question)
    fake.views[question.escalation_id]["token_state"] = "revoked"
    with pytest.raises(Refused):
        await hub.redeem(approved)


async def test_a_lost_redemption_answer_is_fetched_again_and_marked(fake: FakeHub, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await fake.end(question.escalation_id, "approved")
    approved = await hub.wait(question)
    fake.drop_after = 1
    assert (await hub.redeem(approved)).repeated


async def test_an_agent_with_an_api_key_asks_too(fake: FakeHub) -> None:
    credential = Credential(fake.url, "", "agt_1", "org_1", "key_9", api_key="ahk_good")
    async with AsyncHub(credential) as hub:
        assert (await hub.ask("payment.execute", PAYLOAD)).is_open


async def test_a_caller_the_hub_does_not_know_is_told_at_once(fake: FakeHub, credential: Credential) -> None:
    stranger = Credential(fake.url, "", "agt_1", "org_1", "key_1", Ed25519SigningKey().seed)
    async with AsyncHub(stranger) as hub:
        with pytest.raises(NotAuthorised):
            await hub.ask("payment.execute", PAYLOAD)
    assert len(fake.calls) == 1


async def test_a_hub_that_is_gone_is_unreachable(fake: FakeHub, hub: AsyncHub) -> None:
    fake.drop_before = 1000
    with pytest.raises(Unreachable):
        await hub.ask("payment.execute", PAYLOAD, within=0.5)


def test_an_agent_that_is_not_registered_has_no_client() -> None:
    with pytest.raises(BadCredential):
        AsyncHub(Credential("https://hub.example.com", seed=bytes(32)))
