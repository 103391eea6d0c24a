"""Spending an approval through the client: once, and only one that holds."""

from __future__ import annotations

import pytest

from approvals_hub_client import AsyncHub, Credential
from approvals_hub_client.errors import (
    Conflict,
    Refused,
)
from tests.fakes.line import Line
from tests.unit.desk import Desk

PAYLOAD = {"amount_minor": 125000, "currency": "SEK"}


async def test_a_redemption_is_proven(desk: Desk, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await desk.end(question.escalation_id, "approved")
    redemption = await hub.redeem(await hub.wait(question))
    assert redemption.proof["action_hash"] == question.action_hash
    assert not redemption.repeated


async def test_a_second_redemption_is_refused(desk: Desk, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await desk.end(question.escalation_id, "approved")
    approved = await hub.wait(question)
    await hub.redeem(approved)
    with pytest.raises(Conflict) as refusal:
        await hub.redeem(approved)
    assert refusal.value.code == "already_redeemed"


async def test_a_token_that_ran_out_is_fetched_again(desk: Desk, line: Line, credential: Credential) -> None:
    async with AsyncHub(credential, clock=desk.world.time.clock().now) as hub:
        question = await hub.ask("payment.execute", PAYLOAD)
        await desk.end(question.escalation_id, "approved")
        approved = await hub.wait(question)
        desk.world.time.pass_seconds(61)
        assert (await hub.redeem(approved)).jti == approved.claims["jti"]
    assert line.calls.count(("POST", "/v1/tokens/redeem")) == 2


async def test_a_token_revoked_after_collection_redeems_nothing(desk: Desk, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await desk.end(question.escalation_id, "approved")
    approved = await hub.wait(question)
    await desk.recall(question.escalation_id)
    with pytest.raises(Refused):
        await hub.redeem(approved)


async def test_a_lost_redemption_answer_is_fetched_again_and_marked(desk: Desk, line: Line, hub: AsyncHub) -> None:
    question = await hub.ask("payment.execute", PAYLOAD)
    await desk.end(question.escalation_id, "approved")
    approved = await hub.wait(question)
    line.drop_after = 1
    assert (await hub.redeem(approved)).repeated
