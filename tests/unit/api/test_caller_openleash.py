"""Signed as OpenLeash signs, over HTTP: what a request says is what was signed, once, and soon."""

from __future__ import annotations

from pathlib import Path

import pytest

from approvals_hub.app import OpenHub
from approvals_hub_client.canonical import b64u, dumps
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.statement import rotate_bytes
from tests.unit.api.web_client import Reply, Web, serving
from tests.unit.hub_fixture import staffed_hub
from tests.unit.openleash_bot import OpenLeashBot, openleash_bot
from tests.unit.policies.kept_policies import ALLOW, publish

SELF, AUTHORIZE = "/v1/agent/self", "/v1/authorize"


@pytest.fixture
async def bot(api: Web) -> OpenLeashBot:
    """An agent that joined with an invitation."""
    return await openleash_bot(api.house)


def codes(reply: Reply) -> tuple[int, str, str]:
    """The status, our code and theirs."""
    return reply.status, str(reply.json["code"]), str(reply.json["error"]["code"])


async def test_a_signed_request_is_its_agents_and_is_marked_as_what_it_is(api: Web, bot: OpenLeashBot) -> None:
    for hashed in (b"{}", b""):
        reply = await bot.call(api, "GET", "/v1/agent", hashed=hashed)
        assert (reply.json["agent_id"], reply.json["trust"]) == (bot.agent_id, "openleash")
    await publish(api.house, ALLOW)
    await bot.call(api, "POST", AUTHORIZE, bot.action())
    [entry] = await api.house.events("action.authorized")
    assert (entry["trust"], entry["signature_valid"]) == ("openleash", True)


async def test_a_replayed_request_is_refused(api: Web, bot: OpenLeashBot) -> None:
    headers = bot.headers("GET", SELF)
    assert (await api.send("GET", SELF, headers=headers)).status == 200
    assert codes(await api.send("GET", SELF, headers=headers)) == (401, "nonce_replayed", "NONCE_REPLAY")
    # The same nonce, signed anew by the same key.
    again = bot.headers("GET", SELF, nonce=headers["X-Nonce"])
    assert (await api.send("GET", SELF, headers=again)).code == "nonce_replayed"


async def test_whoever_has_no_key_uses_up_no_nonce(api: Web, bot: OpenLeashBot) -> None:
    headers = bot.headers("GET", SELF)
    forged = headers | {"X-Signature": bot.headers("GET", "/v1/agent")["X-Signature"]}
    assert (await api.send("GET", SELF, headers=forged)).code == "invalid_signature"
    assert (await api.send("GET", SELF, headers=headers)).status == 200


@pytest.mark.parametrize("ago", [-121_000, 121_000])
async def test_a_signature_outside_its_window_is_refused_with_the_hubs_time(
    api: Web, bot: OpenLeashBot, ago: int
) -> None:
    reply = await bot.call(api, "GET", SELF, ago=ago)
    assert codes(reply) == (401, "signature_outside_window", "TIMESTAMP_SKEW")
    assert reply.json["now"].endswith("Z")


async def test_a_query_left_out_of_the_signature_is_refused(api: Web, bot: OpenLeashBot) -> None:
    for path in ("/v1/escalations?limit=1", "/v1/agent/approval-requests?status=PENDING"):
        assert (await bot.call(api, "GET", path)).status == 200
        unsigned = bot.headers("GET", path.partition("?")[0])
        assert (await api.send("GET", path, headers=unsigned)).code == "invalid_signature"
    added = bot.headers("GET", SELF)
    assert (await api.send("GET", f"{SELF}?x=1", headers=added)).code == "invalid_signature"


async def test_another_method_or_path_than_the_signed_one_is_refused(api: Web, bot: OpenLeashBot) -> None:
    for method, path in (("GET", "/v1/agent"), ("DELETE", "/v1/escalations/esc_1")):
        assert (await api.send(method, path, headers=bot.headers("GET", SELF))).code == "invalid_signature"


async def test_the_hash_of_a_body_that_is_not_there_is_checked_too(api: Web, bot: OpenLeashBot) -> None:
    reply = await bot.call(api, "GET", SELF, hashed=b'{"a":1}')
    assert codes(reply) == (401, "signature_digest", "BODY_HASH_MISMATCH")
    with_body = bot.headers("GET", SELF, b"{}") | {"Content-Type": "application/json"}
    assert (await api.send("GET", SELF, b"{}", with_body)).code == "body_not_expected"


async def test_a_body_changed_on_the_way_is_refused(api: Web, bot: OpenLeashBot) -> None:
    raw = dumps(bot.action())
    headers = bot.headers("POST", AUTHORIZE, raw) | {"Content-Type": "application/json"}
    changed = raw.replace(b"4200", b"9200")
    assert codes(await api.send("POST", AUTHORIZE, changed, headers))[2] == "BODY_HASH_MISMATCH"
    # An empty one passes for `{}` nowhere but where there is none.
    emptied = bot.headers("POST", AUTHORIZE, b"") | {"Content-Type": "application/json"}
    assert (await api.send("POST", AUTHORIZE, b" ", emptied)).code == "signature_digest"


async def test_a_request_passed_on_under_another_agents_name_is_nobodys(api: Web, bot: OpenLeashBot) -> None:
    other = await openleash_bot(api.house, "other")
    for name in (other.name, bot.agent_id, "nobody", bot.name.upper()):
        headers = bot.headers("GET", SELF) | {"X-Agent-Id": name}
        assert codes(await api.send("GET", SELF, headers=headers)) == (401, "invalid_signature", "INVALID_SIGNATURE")


async def test_an_agent_that_did_not_join_this_way_is_not_let_in_this_way(api: Web) -> None:
    own = api.house.bot
    for name in (own.agent_id, own.key_id, "bot"):
        forged = OpenLeashBot(api.house, name, own.agent_id, own.key_id, "", own.key)
        assert (await forged.call(api, "GET", SELF)).code == "invalid_signature"


async def test_an_idempotency_key_that_nothing_covers_is_refused(api: Web, bot: OpenLeashBot) -> None:
    for name in ("Idempotency-Key", "If-None-Match"):
        headers = bot.headers("GET", SELF) | {name: '"1"'}
        assert codes(await api.send("GET", SELF, headers=headers)) == (400, "header_not_signed", "INVALID_SIGNATURE")


async def test_a_missing_a_doubled_and_a_malformed_header_are_refused(api: Web, bot: OpenLeashBot) -> None:
    for name in ("X-Agent-Id", "X-Timestamp", "X-Nonce", "X-Body-Sha256"):
        headers = bot.headers("GET", SELF)
        del headers[name]
        assert codes(await api.send("GET", SELF, headers=headers))[2] == "MISSING_HEADERS"
    wrong = {
        "X-Agent-Id": "a b",
        "X-Timestamp": "yesterday",
        "X-Nonce": "x" * 129,
        "X-Body-Sha256": "A" * 64,
        "X-Signature": "A" * 87 + "=",
    }
    for name, value in wrong.items():
        headers = bot.headers("GET", SELF) | {name: value}
        assert (await api.send("GET", SELF, headers=headers)).code == "signature_malformed"
    # One signature, two texts.
    headers = bot.headers("GET", SELF)
    last = headers["X-Signature"][-3]
    spare = chr(ord(last) + 1)
    headers["X-Signature"] = headers["X-Signature"][:-3] + spare + "=="
    assert (await api.send("GET", SELF, headers=headers)).status in (400, 401)


async def test_a_session_or_an_api_key_beside_the_headers_changes_nothing(api: Web, bot: OpenLeashBot) -> None:
    script = await api.house.api_key_agent()
    headers = bot.headers("GET", SELF) | {"Authorization": f"Bearer {script.api_key}"}
    assert (await api.send("GET", SELF, headers=headers)).json["agent_principal_id"] == bot.agent_id
    wrong = headers | {"X-Signature": bot.headers("GET", SELF)["X-Signature"]}
    assert (await api.send("GET", SELF, headers=wrong)).code == "invalid_signature"


async def test_an_agents_signature_opens_nothing_that_is_a_persons(api: Web, bot: OpenLeashBot) -> None:
    for method, path in (("GET", "/v1/inbox"), ("POST", f"/v1/orgs/{api.house.org_id}/stop")):
        raw = b"{}" if method == "POST" else b""
        headers = bot.headers(method, path, raw) | {"Content-Type": "application/json"}
        assert (await api.send(method, path, raw, headers)).code == "session_missing"


async def test_a_key_brought_in_later_signs_beside_the_first_one_and_after_it(api: Web, bot: OpenLeashBot) -> None:
    new = Ed25519SigningKey()
    text = b64u(new.public.raw)
    proof = b64u(new.sign(rotate_bytes(agent_id=bot.agent_id, public_key=text)))
    body = {"public_key": text, "proof": proof, "overlap_seconds": 60}
    assert (await bot.call(api, "POST", "/v1/agent/keys", body)).status == 201
    after = OpenLeashBot(api.house, bot.name, bot.agent_id, "", "", new)
    for each in (bot, after):
        assert (await each.call(api, "GET", SELF)).status == 200
    api.house.time.now += 61_000
    assert codes(await bot.call(api, "GET", SELF)) == (401, "key_expired", "AGENT_INACTIVE")
    assert (await after.call(api, "GET", SELF)).status == 200


async def test_a_request_replayed_after_a_restart_or_at_another_process_is_refused(
    database_place: Path | str, tmp_path: Path
) -> None:
    async with staffed_hub(database_place, tmp_path) as house:
        bot = await openleash_bot(house)
        raw = dumps(bot.action())
        headers = bot.headers("POST", AUTHORIZE, raw) | {"Content-Type": "application/json"}
        async with serving(house) as first, OpenHub(house.place, house.time.clock) as opened_anew:
            assert (await first.send("POST", AUTHORIZE, raw, headers)).status == 200
            house.hub = opened_anew
            async with serving(house) as second:
                assert (await second.send("POST", AUTHORIZE, raw, headers)).code == "nonce_replayed"
