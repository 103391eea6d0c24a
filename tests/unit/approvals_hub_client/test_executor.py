"""An executor that is not the agent: it redeems what it was handed, for what it will do itself."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub_client import AsyncExecutor, AsyncHub, BadProof, Proven, Transport
from approvals_hub_client.errors import BadAnswer, Refused
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.paseto import APPROVAL, PROOF, key_id
from approvals_hub_client.times import to_text
from tests.fakes.line import Line
from tests.unit.desk import Desk

NAME = "bank.example.com"


async def _handed(desk: Desk, hub: AsyncHub) -> dict[str, Any]:
    question = await hub.ask("payment.execute", {"amount_minor": 1}, relying_party=NAME)
    await desk.end(question.escalation_id, "approved")
    return hub.hand_over(await hub.wait(question))


async def test_what_was_handed_over_is_redeemed_and_reported(desk: Desk, line: Line, hub: AsyncHub) -> None:
    handed = await _handed(desk, hub)
    async with Transport(desk.url, None) as transport:
        executor = AsyncExecutor(transport, NAME)
        redemption = await executor.redeem(handed, handed["action"])
        await executor.report(redemption, "done", "x" * 2000)
    [report] = line.sent("/report")
    assert (report["status"], len(report["detail"])) == ("done", 1000)


async def test_an_approval_for_another_executor_is_refused_before_the_hub_hears_of_it(
    desk: Desk, line: Line, hub: AsyncHub
) -> None:
    handed = await _handed(desk, hub)
    async with Transport(desk.url, None) as transport:
        with pytest.raises(BadAnswer):
            await AsyncExecutor(transport, "shop.example.com").redeem(handed)
    assert ("POST", "/v1/tokens/redeem") not in line.calls


async def test_an_approval_for_another_action_than_the_executor_s_is_refused(desk: Desk, hub: AsyncHub) -> None:
    handed = await _handed(desk, hub)
    mine = {**handed["action"], "payload": {"amount_minor": 1_000_000}}
    async with Transport(desk.url, None) as transport:
        with pytest.raises(Refused) as refusal:
            await AsyncExecutor(transport, NAME).redeem(handed, mine)
    assert refusal.value.code == "action_mismatch"


async def test_a_stolen_hand_over_with_another_idempotency_key_is_refused(desk: Desk, hub: AsyncHub) -> None:
    handed = {**await _handed(desk, hub), "idempotency_key": "mine"}
    async with Transport(desk.url, None) as transport:
        with pytest.raises(Refused) as refusal:
            await AsyncExecutor(transport, NAME).redeem(handed)
    assert refusal.value.code == "invalid_pop"


@pytest.mark.parametrize(
    "attack", [{"proof_token": "v4.public.x"}, {"proof_token": None}, {"jti": 5, "redeemed_at": ""}]
)
async def test_an_answer_without_a_good_proof_is_no_redemption(
    desk: Desk, line: Line, hub: AsyncHub, attack: dict[str, Any]
) -> None:
    handed = await _handed(desk, hub)
    line.alter = lambda answer: {**answer, **attack} if "proof_token" in answer else answer
    async with Transport(desk.url, None) as transport:
        with pytest.raises(BadAnswer):
            await AsyncExecutor(transport, NAME).redeem(handed)


async def test_a_proof_for_another_action_is_no_redemption(desk: Desk, line: Line, hub: AsyncHub) -> None:
    handed = await _handed(desk, hub)

    def another(answer: dict[str, Any]) -> dict[str, Any]:
        if "proof_token" not in answer:
            return answer
        proof = desk.signed(answer["proof_token"], PROOF, action_hash="sha256:" + "0" * 64)
        return {**answer, "proof_token": proof}

    line.alter = another
    async with Transport(desk.url, None) as transport:
        with pytest.raises(BadAnswer):
            await AsyncExecutor(transport, NAME).redeem(handed)


async def test_the_hub_says_what_a_proof_says(desk: Desk, hub: AsyncHub) -> None:
    redemption = await AsyncExecutor(hub.transport, NAME).redeem(await _handed(desk, hub))
    claims = await hub.executor.verify_proof(redemption.proof_token, NAME)
    assert claims["decision"] == "ALLOW"
    assert await hub.executor.verify_proof(redemption.proof_token, NAME, proven=Proven("LOW")) == claims
    with pytest.raises(BadProof) as refusal:
        await hub.executor.verify_proof(redemption.proof_token, NAME, proven=Proven("HIGH"))
    assert refusal.value.reason == "acr"


async def test_the_hub_s_no_about_a_proof_is_an_exception(desk: Desk, hub: AsyncHub) -> None:
    redemption = await AsyncExecutor(hub.transport, NAME).redeem(await _handed(desk, hub))
    with pytest.raises(BadProof) as refusal:
        await hub.executor.verify_proof(redemption.proof_token, "shop.example.com")
    assert refusal.value.reason == "audience"


async def test_an_invented_key_id_does_not_make_the_client_hammer_the_hub(
    desk: Desk, line: Line, hub: AsyncHub
) -> None:
    question = await hub.ask("payment.execute", {})
    await desk.end(question.escalation_id, "approved")
    stranger = Ed25519SigningKey()
    forged = desk.signed(await desk.given(question.escalation_id), APPROVAL, by=stranger, kid=key_id(stranger.public))
    line.forget()
    line.alter = lambda answer: {**answer, "approval_token": forged} if answer.get("approval_token") else answer
    for _ in range(5):
        with pytest.raises(BadAnswer):
            await hub.wait(question)
    assert line.calls.count(("GET", "/v1/public-keys")) == 1


async def test_a_rotated_key_is_fetched_when_it_is_first_met(desk: Desk, hub: AsyncHub) -> None:
    hub.executor._keys._fetched = -100.0
    hub.executor._keys._published = {"keys": [{"kid": "k4.pid.old", "public_key": "AA", "valid_until": to_text(0)}]}
    question = await hub.ask("payment.execute", {})
    await desk.end(question.escalation_id, "approved")
    assert await hub.wait(question)


async def test_an_executor_whose_name_was_forgotten_redeems_nothing_that_is_meant_for_others(hub: AsyncHub) -> None:
    with pytest.raises(ValueError, match="own name"):
        AsyncExecutor(hub.transport, "")
