"""An agent with the published OpenLeash client, from its invitation to a proof that is verified offline."""

from __future__ import annotations

from typing import Any

import openleash
import pytest

from approvals_hub.agents.openleash_names import ForOpenLeash
from approvals_hub_client.canonical import dumps, sha256_text, unb64u
from tests.flows.further_key import further_passkey
from tests.flows.openleash_agent import WEBHOOK, OpenLeashAgent, joined, sign_challenge
from tests.flows.world import World

POLICY = """
version: 1
default: deny
rules:
  - {id: small, effect: allow, action: purchase, constraints: {amount_max: 5000}, proof: {required: true}}
  - {id: large, effect: allow, action: purchase, obligations: [{type: HUMAN_APPROVAL}]}
  - {id: health, effect: allow, action: booking.health, requirements: {min_assurance_level: SUBSTANTIAL}}
"""


async def publish(world: World, text: str = POLICY) -> None:
    await world.hub.policies.keep.publish(world.operator, "main", text)


async def keys(world: World) -> list[dict[str, Any]]:
    return list((await world.send("GET", "/v1/public-keys")).json()["keys"])


def hash_of(action: dict[str, Any]) -> str:
    return sha256_text(dumps(action)).removeprefix("sha256:")


async def test_an_openleash_agent_goes_from_its_invitation_to_a_proof_that_is_verified_offline(world: World) -> None:
    await publish(world)
    agent = await joined(world)
    me = await agent.itself()
    assert (me["agent_id"], me["agent_principal_id"], me["status"]) == (
        "shopper",
        agent.registered["agent_principal_id"],
        "ACTIVE",
    )
    # Allowed, with a proof.
    action = agent.action()
    allowed = await agent.authorize(action)
    assert (allowed["result"], allowed["matched_rule_id"], allowed["action_hash"]) == (
        "ALLOW",
        "small",
        hash_of(action),
    )
    said = openleash.verify_proof_offline(token=allowed["proof_token"], public_keys=await keys(world))
    assert (said["valid"], said["claims"]["agent_id"]) == (True, me["agent_principal_id"])
    assert (await agent.authorize(action))["repeated"]
    # Denied.
    denied = await agent.authorize(agent.action("email.send"))
    assert (denied["result"], denied["proof_token"], denied["obligations"]) == ("DENY", None, [])
    # Approved by a person, with the key of their device.
    action = agent.action(amount_minor=900_000, currency="USD")
    asks = await agent.authorize(action)
    assert (asks["result"], [each["type"] for each in asks["obligations"]]) == ("REQUIRE_APPROVAL", ["HUMAN_APPROVAL"])
    assert (await world.owner.inbox())["items"] == []
    request = await agent.ask(asks, action, justification="A laptop broke", context={"ticket": 7})
    assert (request["status"], request["approval_token"]) == ("PENDING", None)
    shown = await world.owner.call("GET", f"/v1/escalations/{request['escalation_id']}/presentation")
    assert shown["presentation"]["justification"]["text"] == 'A laptop broke {"ticket":7}'
    assert "salt" not in shown["action"]
    await world.owner.answer(request["approval_request_id"], "approve")
    approved = await agent.poll(request)
    assert (approved["status"], approved["action_hash"]) == ("APPROVED", hash_of(action))
    done = await agent.authorize({**action, "approval_token": approved["approval_token"]})
    assert (done["result"], done["matched_rule_id"]) == ("ALLOW", "large")
    claims = openleash.verify_proof_offline(token=done["proof_token"], public_keys=await keys(world))["claims"]
    assert (claims["action_hash"], claims["aud"]) == ("sha256:" + hash_of(action), "shop.example")
    assert claims["approvers"][0]["person_id"] == world.owner.person_id
    for expected, valid in ((hash_of(action), True), (claims["action_hash"], True), (hash_of(agent.action()), False)):
        online = await openleash.verify_proof_online(
            openleash_url=world.base_url,
            token=done["proof_token"],
            expected_action_hash=expected,
            expected_agent_id="shopper",
        )
        assert online["valid"] is valid, online
    # Denied by a person, who says why.
    action = agent.action(amount_minor=900_001, currency="USD")
    request = await agent.ask(await agent.authorize(action), action)
    await world.owner.answer(request["approval_request_id"], "deny", reason_code="not_now")
    refused = await agent.poll(request)
    assert (refused["status"], refused["denial_reason"], refused["approval_token"]) == ("DENIED", "not_now", None)
    for status, count in (("APPROVED", 1), ("DENIED", 1), ("PENDING", 0), ("EXPIRED", 0)):
        path = f"/v1/agent/approval-requests?status={status}"
        listed = (await agent.send("GET", path, agent.signed("GET", path))).json()["approval_requests"]
        assert [each["status"] for each in listed] == [status] * count


async def test_a_step_up_is_the_persons_and_nothing_that_the_agent_says_of_itself(world: World) -> None:
    await publish(world)
    agent, key = await joined(world), await further_passkey(world)
    action = agent.action("booking.health", assurance_level="HIGH")
    asks = await agent.authorize(action)
    assert (asks["result"], asks["obligations"][0]["type"]) == ("REQUIRE_STEP_UP", "STEP_UP_AUTH")
    name = (await agent.ask(asks, action))["approval_request_id"]
    statement = await world.owner.look(name)
    begun = await world.owner.begin_step_up(name, statement, "webauthn")
    answer = {"answer": key.get(unb64u(begun["shown"]["options"]["challenge"]))}
    await world.owner.call("POST", f"/v1/step-ups/{begun['step_up_id']}", answer)
    await world.owner.send(name, statement, "approve", step_up=[begun["step_up_id"]])
    token = (await agent.read({"approval_request_id": name}))["approval_token"]
    done = await agent.authorize({**action, "approval_token": token})
    claims = openleash.verify_proof_offline(token=done["proof_token"], public_keys=await keys(world))["claims"]
    assert (done["result"], claims["acr"]) == ("ALLOW", "SUBSTANTIAL")


async def test_an_agent_keeps_its_key_its_name_and_its_owners_former_id(world: World) -> None:
    await publish(world)
    pair, former = openleash.generate_ed25519_keypair(), "6fa459ea-ee8a-4ca4-894e-db77e160355e"
    whom = {"agent_id": "mover", "agent_pubkey_b64": pair["public_key_b64"]}
    challenge = await openleash.registration_challenge(
        openleash_url=world.base_url, **whom, owner_type="user", owner_id=former
    )
    signature = sign_challenge(pair["private_key_b64"], challenge)

    async def register(owner_id: str = former, signature: str = signature) -> dict[str, Any]:
        return await openleash.register_agent(
            openleash_url=world.base_url,
            challenge_id=challenge["challenge_id"],
            **whom,
            signature_b64=signature,
            owner_type="user",
            owner_id=owner_id,
            **WEBHOOK,
        )

    # Nobody has asked the owner yet.
    with pytest.raises(RuntimeError, match="OWNER_NOT_ASKED"):
        await register()
    expecting = ForOpenLeash(agent_id="mover", public_key=pair["public_key_b64"], owner_id=former)
    await world.hub.invite_agent(world.operator, world.org_id, name="Mover", openleash=expecting)
    with pytest.raises(RuntimeError, match="OWNER_NOT_ASKED"):
        await register("6fa459ea-ee8a-4ca4-894e-db77e160355f")
    with pytest.raises(RuntimeError, match="INVALID_SIGNATURE"):
        await register(signature=sign_challenge(openleash.generate_ed25519_keypair()["private_key_b64"], challenge))
    made = await register()
    assert await register() == made
    agent = OpenLeashAgent(world, "mover", pair["private_key_b64"], {**made, "owner_id": former})
    assert (await agent.authorize(agent.action()))["result"] == "ALLOW"


async def test_a_draft_of_an_agent_is_in_force_once_people_have_approved_it_and_never_before(world: World) -> None:
    await publish(world)
    agent = await joined(world)
    text = "version: 1\ndefault: passthrough\nrules:\n  - {id: mail, effect: allow, action: email.send}\n"
    made = await agent.draft(text, justification="Every one of them was approved")
    assert (made["status"], made["resulting_policy_id"]) == ("PENDING", None)
    assert (await agent.draft(text))["policy_draft_id"] == made["policy_draft_id"]
    assert (await agent.authorize(agent.action("email.send")))["result"] == "DENY"
    await world.owner.answer(made["escalation_id"], "approve")
    await world.hub.carry_out_drafts()
    whole = await agent.read_draft(made)
    assert (whole["status"], whole["policy_yaml"]) == ("APPROVED", text)
    assert whole["applies_to_agent_principal_id"] == agent.registered["agent_principal_id"]
    assert whole["resulting_policy_id"] in [each.name for each in await world.hub.policies.read(world.operator)]
    assert (await agent.authorize(agent.action("email.send")))["result"] == "ALLOW"
    refused = await agent.draft(text.replace("email", "phone"))
    await world.owner.answer(refused["escalation_id"], "deny")
    await world.hub.carry_out_drafts()
    for status, ids in (
        (None, [refused["policy_draft_id"], made["policy_draft_id"]]),
        ("PENDING", []),
        ("APPROVED", [made["policy_draft_id"]]),
        ("DENIED", [refused["policy_draft_id"]]),
    ):
        assert [each["policy_draft_id"] for each in await agent.drafts(status)] == ids
    # Its documents leave the query out of the signature of this one listing, its client does not: both are read.
    path = "/v1/agent/policy-drafts?status=APPROVED"
    short = await agent.send("GET", path, agent.signed("GET", path.partition("?")[0]))
    assert len(short.json()["policy_drafts"]) == 1
    for wrong, code in (
        ({"applies_to_agent_principal_id": None}, "INVALID_AGENT"),
        ({"applies_to_agent_principal_id": "another"}, "INVALID_AGENT"),
        ({"policy_yaml": "version: 1\nrules: [{}]\n"}, "INVALID_POLICY"),
    ):
        with pytest.raises(RuntimeError, match=code):
            await agent.draft(**{"policy_yaml": text, **wrong})
