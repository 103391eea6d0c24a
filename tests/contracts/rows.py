"""One well-formed request for every row of the route table, about something that is there."""

from __future__ import annotations

import os
from typing import Any

from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub_client.canonical import b64u, dumps
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.statement import intent_of, register_bytes, rotate_bytes, sign_in_bytes, signed_bytes
from tests.contracts.channel_rows import CHANNELS
from tests.contracts.ended_session_rows import ENDED_SESSIONS
from tests.contracts.evidence_rows import EVIDENCE
from tests.contracts.lost_keys_rows import LOST_KEYS
from tests.contracts.membership_rows import MEMBERSHIPS
from tests.contracts.notice_rows import NOTICES
from tests.contracts.openleash_rows import OPENLEASH
from tests.contracts.policy_rows import POLICIES
from tests.contracts.routing_rows import ROUTING
from tests.contracts.row import Asked, Row, about_a_question, plain
from tests.contracts.scene import Scene, code_of
from tests.contracts.trust_rows import TRUST

KEYED = {"POST /v1/escalations", "POST /v1/escalations/{id}/revisions"}
LAST = (
    "POST /v1/orgs/{org}/stop",
    "DELETE /v1/orgs/{org}/stop",
    "DELETE /v1/sessions",
    "DELETE /v1/sessions/{id}",
    "POST /v1/sign-out",
    "DELETE /v1/devices/{id}",
)
"""What ends things for the rows after it, in an order in which each still has something to end."""


async def register(scene: Scene) -> Asked:
    invited = await scene.world.hub.invite_agent(scene.world.operator, scene.world.org_id, name="new")
    key = Ed25519SigningKey()
    public = b64u(key.public.raw)
    proof = b64u(key.sign(register_bytes(invite=invited.token, public_key=public)))
    return "/v1/agents/register-with-invite", {"invite": invited.token, "public_key": public, "proof": proof}


async def rotate(scene: Scene) -> Asked:
    key = Ed25519SigningKey()
    public = b64u(key.public.raw)
    agent_id = (scene.agent or scene.bot).credential.agent_id
    proof = b64u(key.sign(rotate_bytes(agent_id=agent_id, public_key=public)))
    return "/v1/agent/keys", {"public_key": public, "proof": proof}


async def escalate(scene: Scene) -> Asked:
    return "/v1/escalations", {"action": scene.action()}


async def revise(scene: Scene) -> Asked:
    return f"/v1/escalations/{(await scene.question()).escalation_id}/revisions", {"action": scene.action()}


async def redeem(scene: Scene) -> Asked:
    return "/v1/tokens/redeem", scene.bot.hand_over(await scene.approved())


async def verify(scene: Scene) -> Asked:
    return "/v1/tokens/verify", {"token": (await scene.bot.redeem(await scene.approved())).proof_token}


async def report(scene: Scene) -> Asked:
    redeemed = await scene.bot.redeem(await scene.approved())
    return f"/v1/redemptions/{redeemed.jti}/report", {"status": "done", "proof_token": redeemed.proof_token}


async def accept(scene: Scene) -> Asked:
    return "/v1/invitations/accept", {"token": (await scene.world.invited("Guest")).token, "transport": "bearer"}


async def sign_in(scene: Scene) -> Asked:
    return "/v1/sessions", await _signed_in(scene, scene.ada)


async def enrol(scene: Scene) -> Asked:
    return "/v1/devices", await scene.new_device()


async def push_address(scene: Scene) -> Asked:
    address = {"fid": b64u(os.urandom(16))}
    return f"/v1/devices/{scene.device.device_id}/push", {"channel": "android", "address": address}


async def no_push_address(scene: Scene) -> Asked:
    return f"/v1/devices/{scene.device.device_id}/push", None


async def acknowledgement(scene: Scene) -> Asked:
    return f"/v1/tellings/{await scene.telling()}/receipts", {"kind": "delivered"}


async def device(scene: Scene) -> Asked:
    return f"/v1/devices/{scene.device.device_id}", None


async def rename_device(scene: Scene) -> Asked:
    return f"/v1/devices/{scene.device.device_id}/name", {"name": "another name"}


async def confirm(scene: Scene) -> Asked:
    pending = await scene.pending()
    return f"/v1/devices/{pending.device_id}/confirmation", {"digits": pending.digits, "fresh": await scene.fresh()}


async def view(scene: Scene) -> Asked:
    question = await scene.question()
    return f"/v1/escalations/{question.escalation_id}/views", {"device_id": scene.device.device_id}


async def decide(scene: Scene) -> Asked:
    # The paused agent has no open question, so that this one is about the usual agent's.
    question = await scene.bot.ask("db.drop", {"n": os.urandom(6).hex()}) if scene.asked else await scene.question()
    statement, phone = await scene.statement(question.escalation_id)
    statement = {**statement, "decision": "approve"}
    body = {"statement": b64u(dumps(statement)), "signature": b64u(phone.key.sign(signed_bytes(statement)))}
    return f"/v1/escalations/{question.escalation_id}/decisions", body


async def offered(scene: Scene) -> Asked:
    question = await scene.question()
    return f"/v1/escalations/{question.escalation_id}/step-ups?device_id={scene.device.device_id}", None


async def begin_step_up(scene: Scene) -> Asked:
    await scene.linked()
    question = await scene.bot.ask("db.drop", {"n": os.urandom(6).hex()}) if scene.asked else await scene.question()
    statement, _ = await scene.statement(question.escalation_id)
    intent = b64u(dumps(intent_of({**statement, "decision": "approve"})))
    return f"/v1/escalations/{question.escalation_id}/step-ups", {"method": "totp", "intent": intent}


async def running_step_up(scene: Scene) -> Asked:
    return f"/v1/step-ups/{(await scene.linking())['step_up_id']}", None


async def complete_step_up(scene: Scene) -> Asked:
    begun = await scene.linking()
    return f"/v1/step-ups/{begun['step_up_id']}", {"answer": code_of(scene.world, begun)}


async def link(scene: Scene) -> Asked:
    await scene.unlinked()
    return "/v1/factors", {"method": "totp", "fresh": await scene.fresh()}


async def unlink(scene: Scene) -> Asked:
    return f"/v1/factors/{(await scene.linked())['factor_id']}", {"fresh": await scene.fresh()}


async def refresh(scene: Scene) -> Asked:
    body = {**await _signed_in(scene, scene.ada), "transport": "native"}
    session = (await scene.ada.call("POST", "/v1/sessions", body, anonymous=True))["session"]
    return "/v1/sessions/refresh", {"refresh_token": session["refresh_token"]}


async def recall(scene: Scene) -> Asked:
    return f"/v1/escalations/{(await scene.approved()).question.escalation_id}/revocation", {}


async def receipt(scene: Scene) -> Asked:
    await scene.approved()
    return f"/v1/decisions/{(await scene.ada.call('GET', '/v1/decisions'))['items'][0]['decision_id']}", None


async def pause(scene: Scene) -> Asked:
    agent = await scene.world.agent("victim", owner_id=scene.dev.person_id)
    return f"/v1/orgs/{scene.world.org_id}/agents/{agent.credential.agent_id}/state", {"state": "paused"}


async def disable(scene: Scene) -> Asked:
    person = await scene.world.invited("Victim")
    return f"/v1/orgs/{scene.world.org_id}/members/{person.person_id}/state", {"state": "disabled"}


async def expect_number(scene: Scene) -> Asked:
    path = f"/v1/orgs/{scene.world.org_id}/members/{scene.ada.person_id}/factors/bankid"
    return path, {"number": "900101-1239", "fresh": await scene.fresh()}


async def resume(scene: Scene) -> Asked:
    await scene.world.owner.call("POST", f"/v1/orgs/{scene.world.org_id}/stop", {})
    return f"/v1/orgs/{scene.world.org_id}/stop", {"fresh": await scene.fresh()}


async def ask_less(scene: Scene) -> Asked:
    return f"/v1/orgs/{scene.world.org_id}/requirement", {"owner_counts": True, "fresh": await scene.fresh()}


async def revoke_device(scene: Scene) -> Asked:
    # The row before has signed the caller out.
    if scene.caller == "enrolment" and scene.phone is not None:
        await scene.phone.accept((await scene.world.invited("New")).token)
    elif scene.phone is not None:
        await scene.phone.sign_in()
    body = {"fresh": await scene.fresh()} if scene.is_member else None
    return f"/v1/devices/{scene.device.device_id}", body


async def _signed_in(scene: Scene, phone: SoftwarePhone) -> dict[str, Any]:
    issued = await phone.call("POST", "/v1/challenges", {"purpose": "sign_in"}, anonymous=True)
    message = sign_in_bytes(challenge=issued["challenge"], device_id=phone.device_id, audience=scene.world.base_url)
    return {
        "challenge_id": issued["challenge_id"],
        "device_id": phone.device_id,
        "signature": b64u(phone.key.sign(message)),
        "transport": "bearer",
    }


ROWS: dict[str, Row] = {
    "GET /.well-known/approvals-hub": plain("/.well-known/approvals-hub"),
    "GET /llms.txt": plain("/llms.txt"),
    "GET /skill.md": plain("/skill.md"),
    "GET /v1/public-keys": plain("/v1/public-keys"),
    "GET /healthz/live": plain("/healthz/live"),
    "GET /healthz/ready": plain("/healthz/ready"),
    "POST /v1/agents/register-with-invite": register,
    "GET /v1/agent": plain("/v1/agent"),
    "POST /v1/agent/keys": rotate,
    "GET /v1/agent/stream": plain("/v1/agent/stream"),
    "POST /v1/escalations": escalate,
    "GET /v1/escalations": plain("/v1/escalations"),
    "GET /v1/escalations/{id}": about_a_question(""),
    "DELETE /v1/escalations/{id}": about_a_question(""),
    "POST /v1/escalations/{id}/revisions": revise,
    "POST /v1/escalations/{id}/extensions": about_a_question("/extensions", {"expires_in": 1000}),
    "POST /v1/tokens/redeem": redeem,
    "POST /v1/tokens/verify": verify,
    "POST /v1/redemptions/{jti}/report": report,
    "POST /v1/invitations/accept": accept,
    "POST /v1/challenges": plain("/v1/challenges", {"purpose": "fresh"}),
    "POST /v1/sessions": sign_in,
    "POST /v1/sessions/refresh": refresh,
    "POST /v1/sign-in-links": plain("/v1/sign-in-links", {"email": "ada@example.com"}),
    "POST /v1/sessions/by-link": plain("/v1/sessions/by-link", {"token": "lnk_0"}),
    "GET /v1/sign-in-ways": plain("/v1/sign-in-ways"),
    "POST /v1/sign-ins": plain("/v1/sign-ins", {"method": "company"}),
    "GET /v1/sign-ins/{id}": plain("/v1/sign-ins/sgn_0"),
    "POST /v1/sign-ins/{id}": plain("/v1/sign-ins/sgn_0", {"secret": "sgn_0"}),
    "DELETE /v1/sign-ins/{id}": plain("/v1/sign-ins/sgn_0", {"secret": "sgn_0"}),
    "GET /v1/session": plain("/v1/session"),
    "GET /v1/sessions": plain("/v1/sessions"),
    "POST /v1/sign-out": plain("/v1/sign-out", {}),
    "POST /v1/devices": enrol,
    "GET /v1/devices": plain("/v1/devices"),
    "GET /v1/devices/{id}": device,
    "PUT /v1/devices/{id}/name": rename_device,
    "GET /v1/push-channels": plain("/v1/push-channels"),
    "PUT /v1/devices/{id}/push": push_address,
    "DELETE /v1/devices/{id}/push": no_push_address,
    "POST /v1/tellings/{id}/receipts": acknowledgement,
    "DELETE /v1/devices/{id}": revoke_device,
    "POST /v1/devices/{id}/confirmation": confirm,
    **LOST_KEYS,
    **OPENLEASH,
    "GET /v1/inbox": plain("/v1/inbox"),
    "GET /v1/escalations/{id}/presentation": about_a_question("/presentation"),
    "POST /v1/escalations/{id}/views": view,
    "GET /v1/escalations/{id}/step-ups": offered,
    "POST /v1/escalations/{id}/step-ups": begin_step_up,
    "GET /v1/step-ups/{id}": running_step_up,
    "POST /v1/step-ups/{id}": complete_step_up,
    "DELETE /v1/step-ups/{id}": running_step_up,
    "GET /v1/factors": plain("/v1/factors"),
    "POST /v1/factors": link,
    "DELETE /v1/factors/{id}": unlink,
    "POST /v1/escalations/{id}/decisions": decide,
    "POST /v1/escalations/{id}/revocation": recall,
    "GET /v1/decisions": plain("/v1/decisions"),
    "GET /v1/decisions/{id}": receipt,
    "GET /v1/orgs/{org}/agents": plain("/v1/orgs/{org}/agents"),
    "POST /v1/orgs/{org}/agents": plain("/v1/orgs/{org}/agents", {"name": "script"}),
    "POST /v1/orgs/{org}/agent-invites": plain("/v1/orgs/{org}/agent-invites", {"name": "bot"}),
    "PUT /v1/orgs/{org}/agents/{agent}/state": pause,
    "GET /v1/orgs/{org}/members": plain("/v1/orgs/{org}/members"),
    "POST /v1/orgs/{org}/member-invites": plain("/v1/orgs/{org}/member-invites", {"name": "Eve"}),
    "PUT /v1/orgs/{org}/members/{person}/state": disable,
    "PUT /v1/orgs/{org}/members/{person}/factors/{method}": expect_number,
    **(NOTICES | MEMBERSHIPS | ENDED_SESSIONS),
    "GET /v1/orgs/{org}/requirement": plain("/v1/orgs/{org}/requirement"),
    "PUT /v1/orgs/{org}/requirement": ask_less,
    "POST /v1/orgs/{org}/stop": plain("/v1/orgs/{org}/stop", {}),
    "DELETE /v1/orgs/{org}/stop": resume,
    **(ROUTING | CHANNELS | TRUST | POLICIES | EVIDENCE),
}
