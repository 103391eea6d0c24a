"""How OpenLeash agents join over HTTP, and what an invitation's link says to whoever opens it."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

import pytest

from approvals_hub.agents.invite import Invited
from approvals_hub.agents.openleash_names import ForOpenLeash
from approvals_hub_client.keys import Ed25519SigningKey
from tests.unit.api.web_client import Web
from tests.unit.openleash_bot import public

REGISTER = "/v1/agents/register-with-invite"
HOOK = {"webhook_url": "https://a.example/h", "webhook_secret": "hook-5ecret", "webhook_auth_token": "hook-t0ken"}


async def invite(api: Web, **expecting: str) -> Invited:
    house = api.house
    return await house.hub.invite_agent(house.operator, house.org_id, name="S", openleash=ForOpenLeash(**expecting))


def form(invited: Invited, key: Ed25519SigningKey, **more: Any) -> dict[str, Any]:
    members = {"invite_id": invited.invite_id, "invite_token": invited.token, "agent_id": "shopper"}
    return {**members, "agent_pubkey_b64": public(key), **HOOK, **more}


async def test_an_invitation_is_used_at_the_path_that_our_own_agents_use(api: Web) -> None:
    invited, key = await invite(api), Ed25519SigningKey()
    reply = await api.call("POST", REGISTER, form(invited, key))
    assert (reply.status, reply.json["agent_id"], reply.json["status"]) == (201, "shopper", "ACTIVE")
    assert reply.json["owner_id"] == api.house.owner.person_id
    again = await api.call("POST", REGISTER, form(invited, Ed25519SigningKey()))
    assert (again.status, again.json["error"]["code"]) == (401, "INVALID_INVITE_TOKEN")


async def test_secrets_of_a_webhook_are_told_to_nobody_and_lie_nowhere_in_the_clear(api: Web) -> None:
    reply = await api.call("POST", REGISTER, form(await invite(api), Ed25519SigningKey()))
    assert reply.json["webhook"] == "kept"
    bad = await api.call("POST", REGISTER, form(await invite(api), Ed25519SigningKey(), agent_id="b", webhook_url="x"))
    assert bad.json["webhook"] == "not_kept"
    kept = [reply.raw.decode()]
    for table in ("agents", "agent_callbacks", "agent_invites", "openleash_webhooks"):
        kept += [repr(dict(row)) for row in await api.house.rows(f"SELECT * FROM {table}")]
    assert not any("hook-" in text for text in kept)


async def test_a_link_explains_itself_and_never_says_whether_it_is_good_nor_what_is_in_it(api: Web) -> None:
    invited = await invite(api)
    path = invited.openleash_link("")
    good = await api.send("GET", path)
    made_up = await api.send("GET", f"{REGISTER}?invite_id=ain_0&invite_token=inv_0")
    assert (good.status, good.raw) == (200, made_up.raw)
    assert invited.token not in good.raw.decode()
    assert good.json["endpoints"]["authorize"] == "https://hub.example/v1/authorize"
    assert len(good.json["steps"]) >= 6
    assert (await api.send("GET", REGISTER)).json["error"]["code"] == "INVALID_REQUEST"


async def test_a_key_that_is_expected_joins_by_a_challenge(api: Web) -> None:
    key = Ed25519SigningKey()
    await invite(api, public_key=public(key))
    whom = {"agent_id": "mover", "agent_pubkey_b64": public(key), "owner_type": None, "owner_id": None}
    made = (await api.call("POST", "/v1/agents/registration-challenge", whom)).json
    signature = b64encode(key.sign(b64decode(made["challenge_b64"]))).decode()
    body = {
        **whom,
        "challenge_id": made["challenge_id"],
        "signature_b64": signature,
        "owner_type": "user",
        "owner_id": api.house.owner.person_id,
        **HOOK,
    }
    refused = await api.call("POST", "/v1/agents/register", {**body, "owner_id": "somebody"})
    assert (refused.status, refused.json["error"]["code"]) == (403, "OWNER_NOT_ASKED")
    reply = await api.call("POST", "/v1/agents/register", body)
    assert (reply.status, reply.json["agent_id"]) == (201, "mover")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"agent_pubkey_b64": "AAAA"}, 422, "INVALID_KEY"),
        ({"agent_id": "agt_1"}, 422, "AGENT_NAME_INVALID"),
        ({"agent_id": 7}, 422, "INVALID_REQUEST"),
        ({"invite_token": "inv_x"}, 401, "INVALID_INVITE_TOKEN"),
        ({"more": 1}, 422, "INVALID_REQUEST"),
    ],
)
async def test_what_is_wrong_is_named_in_the_codes_that_their_clients_know(
    api: Web, change: dict[str, Any], status: int, code: str
) -> None:
    reply = await api.call("POST", REGISTER, form(await invite(api), Ed25519SigningKey(), **change))
    assert (reply.status, reply.json["error"]["code"]) == (status, code)
    assert reply.json["code"] == reply.json["code"].lower()


async def test_a_body_that_is_no_json_is_refused_as_ever(api: Web) -> None:
    for raw in (b"", b"{", b"[]", json.dumps({"invite_token": 1}).encode()):
        reply = await api.send("POST", REGISTER, raw, {"Content-Type": "application/json"})
        assert reply.status in (400, 422)


async def test_a_person_invites_an_openleash_agent_and_is_shown_its_link_once(api: Web) -> None:
    path, who = f"/v1/orgs/{api.house.org_id}/agent-invites", api.house.owner
    plain = (await api.call("POST", path, {"name": "bot"}, who)).json
    assert plain["openleash_url"] is None
    reply = await api.call("POST", path, {"name": "bot", "openleash": {"agent_id": "shopper"}}, who)
    invited = Invited(reply.json["invite_id"], reply.json["invite"], 0)
    assert reply.json["openleash_url"] == invited.openleash_link("https://hub.example")
    wrong = await api.call("POST", path, {"name": "bot", "openleash": {"owner_id": who.person_id}}, who)
    assert (wrong.status, wrong.code, wrong.json["field"]) == (422, "known_owner_invalid", "$.openleash.owner_id")
