"""Agents over HTTP."""

from __future__ import annotations

from typing import Any

from approvals_hub.hub import Hub
from approvals_hub_client.canonical import b64u
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.statement import register_bytes, rotate_bytes
from tests.unit.api.web_client import Reply, Web
from tests.unit.hub_fixture import PUBLIC_URL, Bot

REGISTER = "/v1/agents/register-with-invite"


async def invite(api: Web) -> str:
    hub: Hub = api.house.hub
    return (await hub.invite_agent(api.house.operator, api.house.org_id, name="new")).token


def registration(token: str, key: Ed25519SigningKey, **changes: Any) -> dict[str, Any]:
    public = b64u(key.public.raw)
    proof = b64u(key.sign(register_bytes(invite=token, public_key=public)))
    return {"invite": token, "public_key": public, "proof": proof, **changes}


async def test_an_invited_agent_is_told_who_it_is_and_how_to_talk(api: Web) -> None:
    key = Ed25519SigningKey()
    reply = await api.call("POST", REGISTER, registration(await invite(api), key))
    told = reply.json
    assert (reply.status, told["name"], told["audience"]) == (201, "new", PUBLIC_URL)
    assert told["hub"]["signing"]["window_seconds"] == 120
    bot = Bot(api.house, told["agent_id"], told["key_id"], key)
    assert (await api.call("GET", "/v1/agent", who=bot)).json["agent_id"] == told["agent_id"]


async def test_a_used_invitation_is_refused_like_one_that_never_was(api: Web) -> None:
    token = await invite(api)
    await api.call("POST", REGISTER, registration(token, Ed25519SigningKey()))
    used = await api.call("POST", REGISTER, registration(token, Ed25519SigningKey()))
    guessed = await api.call("POST", REGISTER, registration("inv_guessed", Ed25519SigningKey()))
    assert (used.status, used.json["detail"]) == (guessed.status, guessed.json["detail"]) == (401, used.json["detail"])


async def test_a_key_that_the_sender_does_not_hold_is_refused(api: Web) -> None:
    token, other = await invite(api), Ed25519SigningKey()
    body = registration(token, Ed25519SigningKey(), public_key=b64u(other.public.raw))
    reply = await api.call("POST", REGISTER, body)
    assert (reply.status, reply.code, reply.json["field"]) == (422, "proof_invalid", "$.proof")


async def test_a_small_order_key_is_refused(api: Web) -> None:
    body = registration(await invite(api), Ed25519SigningKey(), public_key=b64u(bytes([1]) + bytes(31)))
    assert (await api.call("POST", REGISTER, body)).code == "public_key_invalid"


async def rotated(api: Web, bot: Bot, new: Ed25519SigningKey, **changes: Any) -> Reply:
    public = b64u(new.public.raw)
    proof = b64u(new.sign(rotate_bytes(agent_id=bot.agent_id, public_key=public)))
    return await api.call("POST", "/v1/agent/keys", {"public_key": public, "proof": proof, **changes}, bot)


async def test_a_new_key_signs_and_the_old_one_goes_on_for_a_while(api: Web) -> None:
    bot, new = api.house.bot, Ed25519SigningKey()
    told = (await rotated(api, bot, new, overlap_seconds=60)).json
    young = Bot(api.house, bot.agent_id, told["key_id"], new)
    assert (await api.call("GET", "/v1/agent", who=young)).status == 200
    assert (await api.call("GET", "/v1/agent", who=bot)).status == 200
    api.house.time.now += 60_000
    assert (await api.call("GET", "/v1/agent", who=bot)).code == "key_expired"


async def test_an_api_key_brings_in_no_signing_key(api: Web) -> None:
    script = await api.house.api_key_agent()
    reply = await rotated(api, script, Ed25519SigningKey())
    assert (reply.status, reply.code) == (403, "signature_needed")


async def test_a_paused_agent_may_look_and_not_ask(api: Web) -> None:
    hub, bot = api.house.hub, api.house.bot
    await hub.govern.set_agent_state(api.house.operator, api.house.org_id, bot.agent_id, "paused")
    assert (await api.call("GET", "/v1/agent", who=bot)).json["state"] == "paused"
    assert (await api.escalate()).code == "agent_paused"


async def test_a_revoked_agent_is_nobody(api: Web) -> None:
    hub, bot = api.house.hub, api.house.bot
    await hub.govern.set_agent_state(api.house.operator, api.house.org_id, bot.agent_id, "revoked")
    reply = await api.call("GET", "/v1/agent", who=bot)
    assert (reply.status, reply.code) in {(401, "agent_revoked"), (401, "key_expired")}
