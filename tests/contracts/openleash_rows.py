"""One well-formed request for every row that OpenLeash has."""

from __future__ import annotations

import os
from base64 import b64encode

from approvals_hub.agents.openleash_names import ForOpenLeash, spki
from approvals_hub_client.keys import Ed25519SigningKey
from tests.contracts.row import Asked, Row, plain
from tests.contracts.scene import Scene

REGISTER, REQUESTS = "/v1/agents/register-with-invite", "/v1/agent/approval-requests"


async def challenge(scene: Scene) -> Asked:
    body = {"agent_id": "mover", "agent_pubkey_b64": spki(Ed25519SigningKey().public)}
    return "/v1/agents/registration-challenge", body


async def register(scene: Scene) -> Asked:
    hub, key, name = scene.world.hub, Ed25519SigningKey(), f"m{os.urandom(6).hex()}"
    expecting = ForOpenLeash(public_key=spki(key.public))
    await hub.invite_agent(scene.world.operator, scene.world.org_id, name="new", openleash=expecting)
    made = hub.join_openleash.challenge(name, spki(key.public))
    body = {
        "challenge_id": made.challenge_id,
        "agent_id": name,
        "agent_pubkey_b64": spki(key.public),
        "signature_b64": b64encode(key.sign(made.challenge)).decode(),
        "owner_type": "org",
        "owner_id": scene.world.org_id,
    }
    return "/v1/agents/register", body


async def request(scene: Scene) -> Asked:
    """About a decision that the caller was told, where it is an agent."""
    action, decision_id = scene.action(), "dcn_0"
    if scene.agent is not None:
        body = action if scene.leashed is not None else {"action": action}
        told = await scene.send("POST", "/v1/authorize", body)
        decision_id = told.json().get("decision_id", decision_id)
    return REQUESTS, {"decision_id": decision_id, "action": action}


async def one(scene: Scene) -> Asked:
    return f"{REQUESTS}/{(await scene.question()).escalation_id}", None


async def verify(scene: Scene) -> Asked:
    return "/v1/verify-proof", {"token": (await scene.bot.redeem(await scene.approved())).proof_token}


OPENLEASH: dict[str, Row] = {
    f"GET {REGISTER}": plain(f"{REGISTER}?invite_id=ain_0&invite_token=inv_0"),
    "POST /v1/agents/registration-challenge": challenge,
    "POST /v1/agents/register": register,
    "GET /v1/agent/self": plain("/v1/agent/self"),
    f"POST {REQUESTS}": request,
    f"GET {REQUESTS}": plain(REQUESTS),
    f"GET {REQUESTS}/{{id}}": one,
    "POST /v1/verify-proof": verify,
}
