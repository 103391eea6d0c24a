"""A question that asks for more than a device's signature, over real HTTP: from asking to the token's claims."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import pytest

from approvals_hub.cli.demo_phone import Refused, SoftwarePhone
from approvals_hub_client import AsyncHub
from approvals_hub_client.canonical import b64u, dumps
from approvals_hub_client.question import Approved
from approvals_hub_client.statement import signed_bytes
from tests.flows.world import World

PAYLOAD = {"amount_minor": 8500, "currency": "USD", "to": "seller@example.com"}


async def require(world: World, **changes: Any) -> None:
    """Make this what the organisation's questions ask for."""
    given = await world.send("PUT", f"/v1/orgs/{world.org_id}/requirement", by=world.owner, body=changes)
    assert given.status == 200, given


async def waiting_question(
    world: World, agent: AsyncHub, of: SoftwarePhone | None = None
) -> tuple[asyncio.Future[Approved], str]:
    """An agent asks and waits; the id of what it asked, as `of` sees it, who is the owner unless said."""
    asking = asyncio.ensure_future(agent.approval("payment.execute", PAYLOAD, relying_party="bank.example.com"))
    asked = of or world.owner
    inbox = await asked.inbox()
    while not inbox["items"]:
        inbox = await asked.inbox(wait=5, since=inbox["version"])
    return asking, inbox["items"][0]["escalation_id"]


async def gives_up(asking: asyncio.Future[Approved]) -> None:
    """The agent stops asking, and has withdrawn its question."""
    asking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking


def app_of(world: World, key: str) -> Any:
    """The person's authenticator app: a code for the hub's present time."""
    return lambda: world.time.code(key)


async def link_totp(world: World, phone: SoftwarePhone) -> Any:
    """Tie an authenticator app to the person; what gives its codes."""
    begun = await phone.call("POST", "/v1/factors", {"method": "totp", "name": "app", "fresh": await phone.fresh()})
    world.time.pass_seconds(31 - world.hub.clock.now() // 1000 % 30)  # a code that has just begun lasts the test
    code = app_of(world, begun["shown"]["key"])
    done = await phone.call("POST", f"/v1/step-ups/{begun['step_up_id']}", {"answer": {"code": code()}})
    assert done["state"] == "proven"
    world.time.pass_seconds(30)
    return code


async def test_a_code_of_an_app_is_listed_in_the_signed_statement_and_named_in_the_token(world: World) -> None:
    code = await link_totp(world, world.owner)
    await require(world, methods=["passkey", "totp"])
    agent = await world.agent()
    asking, name = await waiting_question(world, agent)
    statement = await world.owner.look(name)
    begun = await world.owner.begin_step_up(name, statement, "totp")
    assert begun["state"] == "running"
    await world.owner.call("POST", f"/v1/step-ups/{begun['step_up_id']}", {"answer": {"code": code()}})
    receipt = await world.owner.send(name, statement, "approve", step_up=[begun["step_up_id"]])
    assert (receipt["acr"], receipt["amr"], receipt["methods"]) == ("LOW", ["otp", "pop"], ["device_key", "totp"])
    approved = await asyncio.wait_for(asking, 10)
    claims = (await agent.redeem(approved)).proof
    assert (claims["acr"], claims["amr"]) == ("LOW", ["otp", "pop"])
    assert claims["approvers"][0]["step_up"][0]["method"] == "totp"


async def test_a_signature_alone_is_refused_where_a_step_up_is_asked_for_and_the_question_stays_open(
    world: World,
) -> None:
    await require(world, methods=["passkey", "totp"])
    agent = await world.agent()
    asking, name = await waiting_question(world, agent)
    with pytest.raises(Refused) as refused:
        await world.owner.answer(name, "approve")
    assert (refused.value.status, refused.value.problem["code"]) == (403, "assurance_too_low")
    await world.owner.answer(name, "deny")
    with pytest.raises(Exception, match="denied"):
        await asyncio.wait_for(asking, 10)


async def test_a_proof_for_another_statement_spliced_into_this_one_is_refused(world: World) -> None:
    code = await link_totp(world, world.owner)
    await require(world, methods=["passkey", "totp"])
    agent = await world.agent()
    asking, name = await waiting_question(world, agent)
    first, second = await world.owner.look(name), await world.owner.look(name)
    begun = await world.owner.begin_step_up(name, first, "totp")
    await world.owner.call("POST", f"/v1/step-ups/{begun['step_up_id']}", {"answer": {"code": code()}})
    with pytest.raises(Refused) as refused:
        await world.owner.send(name, second, "approve", step_up=[begun["step_up_id"]])
    assert refused.value.problem["code"] == "step_up_other_intent"
    await world.owner.send(name, first, "approve", step_up=[begun["step_up_id"]])
    await asyncio.wait_for(asking, 10)


async def test_a_weaker_way_than_the_question_asks_for_is_a_refused_downgrade(world: World) -> None:
    await link_totp(world, world.owner)
    await require(world, min_assurance="SUBSTANTIAL")
    agent = await world.agent()
    asking, name = await waiting_question(world, agent)
    statement = await world.owner.look(name)
    with pytest.raises(Refused) as refused:
        await world.owner.begin_step_up(name, statement, "totp")
    assert (refused.value.status, refused.value.problem["code"]) == (403, "method_too_weak")
    await gives_up(asking)


async def test_a_level_that_the_client_claims_counts_for_nothing_and_is_recorded(world: World) -> None:
    code = await link_totp(world, world.owner)
    await require(world, methods=["passkey", "totp"])
    agent = await world.agent()
    asking, name = await waiting_question(world, agent)
    statement = await world.owner.look(name)
    begun = await world.owner.begin_step_up(name, statement, "totp", acr="HIGH", assurance_level=4)
    await world.owner.call("POST", f"/v1/step-ups/{begun['step_up_id']}", {"answer": {"code": code()}})
    receipt = await world.owner.send(name, statement, "approve", step_up=[begun["step_up_id"]])
    assert receipt["acr"] == "LOW"
    lines = [json.loads(line) for line in (await world.export()).splitlines()]
    [begun_entry] = [
        entry for line in lines if (entry := line.get("entry", {})) and entry.get("kind") == "step_up.begun"
    ]
    assert begun_entry["detail"]["claimed"] == ["acr", "assurance_level"]
    await asyncio.wait_for(asking, 10)


async def test_a_level_that_the_client_claims_beside_its_answer_is_in_no_token_and_recorded(world: World) -> None:
    agent = await world.agent()
    asking, name = await waiting_question(world, agent)
    complete = {**await world.owner.look(name), "decision": "approve"}
    body = {
        "statement": b64u(dumps(complete)),
        "signature": b64u(world.owner.key.sign(signed_bytes(complete))),
        "acr": "HIGH",
        "amr": ["hwk"],
        "assurance_level": 4,
    }
    receipt = await world.owner.call("POST", f"/v1/escalations/{name}/decisions", body)
    claims = (await agent.redeem(await asyncio.wait_for(asking, 10))).proof
    assert (receipt["acr"], claims["acr"], claims["amr"]) == ("LOW", "LOW", ["pop"])
    lines = [json.loads(line) for line in (await world.export()).splitlines()]
    [entry] = [found for line in lines if (found := line.get("entry", {})) and found.get("kind") == "decision.recorded"]
    assert entry["detail"]["claimed"] == ["acr", "amr", "assurance_level"]


async def test_a_way_that_can_be_linked_is_listed_so_until_it_is_linked(world: World) -> None:
    before = await world.owner.call("GET", "/v1/factors")
    assert (before["items"], before["linkable"]) == ([], [{"method": "totp", "name": "totp"}])
    await link_totp(world, world.owner)
    after = await world.owner.call("GET", "/v1/factors")
    assert ([factor["method"] for factor in after["items"]], after["linkable"]) == (["totp"], [])


async def test_a_bare_device_key_approves_nothing_critical_over_the_interface_and_a_code_of_an_app_beside_it_does(
    world: World,
) -> None:
    code = await link_totp(world, world.owner)
    await require(world, risk="critical", min_assurance="LOW")
    agent = await world.agent()
    asking, name = await waiting_question(world, agent)
    offered = await world.owner.call("GET", f"/v1/escalations/{name}/step-ups?device_id={world.owner.device_id}")
    assert (offered["needed"], "totp" in {way["method"] for way in offered["ways"]}) == (True, True)
    with pytest.raises(Refused) as refused:
        await world.owner.answer(name, "approve")
    assert (refused.value.status, refused.value.problem["code"]) == (403, "assurance_too_low")
    statement = await world.owner.look(name)
    begun = await world.owner.begin_step_up(name, statement, "totp")
    await world.owner.call("POST", f"/v1/step-ups/{begun['step_up_id']}", {"answer": {"code": code()}})
    await world.owner.send(name, statement, "approve", step_up=[begun["step_up_id"]])
    assert (await agent.redeem(await asyncio.wait_for(asking, 10))).proof["acr"] == "LOW"


async def test_a_critical_question_of_people_who_can_prove_nothing_more_waits_and_takes_their_denial(
    world: World,
) -> None:
    await require(world, risk="critical")
    agent = await world.agent()
    asking, name = await waiting_question(world, agent)
    with pytest.raises(Refused):
        await world.owner.answer(name, "approve")
    await world.owner.answer(name, "deny")
    with pytest.raises(Exception, match="denied"):
        await asyncio.wait_for(asking, 10)
