"""A delegate over real HTTP: from the absence and the waiting inbox, over a step-up, to the proof that names both."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.cli.demo_phone import Refused
from approvals_hub.core.clock import HOUR, to_text
from approvals_hub_client.proof import verify_proof_offline
from tests.flows.several import require
from tests.flows.test_step_up import link_totp, waiting_question
from tests.flows.world import World


async def test_a_delegate_proves_who_they_are_and_approves_and_the_proof_says_for_whom(world: World) -> None:
    ada, bo, cy = [await world.person(name) for name in ("Ada", "Bo", "Cy")]
    code = await link_totp(world, bo)
    await require(world, quorum={"of": [ada.person_id]}, methods=("passkey", "totp"))
    now = world.hub.clock.now()
    absence = {"from": to_text(now), "until": to_text(now + HOUR), "delegate": bo.person_id}
    made = await ada.call("POST", "/v1/absences", {**absence, "fresh": await ada.fresh()})
    agent = await world.agent()
    asking, name = await waiting_question(world, agent, of=bo)  # whose inbox waits, and wakes
    [line] = (await bo.inbox())["items"]
    whom = {"person_id": ada.person_id, "name": "Ada", "through": [], "until": made["until"]}
    assert line["stands_in"] == [whom]
    card = await bo.call("GET", f"/v1/escalations/{name}/presentation")
    assert (card["may_approve"], card["stands_in"]) == (True, [whom])
    for person in (cy, world.owner):
        assert (await person.inbox())["items"] == []
    with pytest.raises(Refused) as refused:
        await cy.answer(name, "approve")
    assert (refused.value.status, refused.value.problem["code"]) == (404, "escalation_unknown")
    statement = await bo.look(name)
    begun = await bo.begin_step_up(name, statement, "totp")
    await bo.call("POST", f"/v1/step-ups/{begun['step_up_id']}", {"answer": {"code": code()}})
    receipt = await bo.send(name, statement, "approve", step_up=[begun["step_up_id"]])
    assert (receipt["outcome"], receipt["stands_in"]) == ("approved", [whom])
    redemption = await agent.redeem(await asyncio.wait_for(asking, 10))
    published = (await world.send("GET", "/v1/public-keys")).json()
    proven = verify_proof_offline(redemption.proof_token, published, "bank.example.com", now=world.hub.clock.now())
    [approver] = proven["approvers"]
    assert (approver["person_id"], approver["stands_in"]) == (
        bo.person_id,
        [{"person_id": ada.person_id, "through": [], "absences": [made["absence_id"]], "until": made["until"]}],
    )
    assert (await bo.call("GET", "/v1/decisions"))["items"][0]["stands_in"] == [whom]
    # The one who is away may end it, and nobody stands in any more.
    await ada.call("DELETE", f"/v1/absences/{made['absence_id']}")
    second = await agent.ask("payment.execute", {"amount_minor": 1}, relying_party="bank.example.com")
    assert (await bo.inbox())["items"] == []
    with pytest.raises(Refused):
        await bo.look(second.escalation_id)
