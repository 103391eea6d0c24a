"""Who may speak for whom: signatures, API keys, sessions, and pages of other sites."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.request_signature import sign
from tests.unit.api.web_client import Reply, Web, serving
from tests.unit.hub_fixture import PUBLIC_URL, StaffedHub

AGENT = "/v1/agent"


async def test_a_signed_request_is_its_agents(api: Web) -> None:
    reply = await api.call("GET", AGENT, who=api.house.bot)
    assert (reply.status, reply.json["agent_id"], reply.json["trust"]) == (200, api.house.bot.agent_id, "signed")


async def test_an_api_key_is_its_agents_at_lower_trust(api: Web) -> None:
    script = await api.house.api_key_agent()
    reply = await api.call("GET", AGENT, who=script)
    assert (reply.json["agent_id"], reply.json["trust"]) == (script.agent_id, "api_key")


async def test_an_unknown_api_key_is_nobodys(api: Web) -> None:
    reply = await api.send("GET", AGENT, headers={"Authorization": "Bearer ahk_guessed"})
    assert (reply.status, reply.code) == (401, "agent_unknown")
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_process_on_the_hubs_own_computer_is_not_trusted_because_it_comes_from_loopback(api: Web) -> None:
    org = f"/v1/orgs/{api.house.org_id}"
    claims = ({}, {"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}, {"X-Real-IP": "::1"})
    for claimed in claims:
        for method, path in (("GET", AGENT), ("GET", f"{org}/agents"), ("POST", f"{org}/stop"), ("GET", "/v1/inbox")):
            reply = await api.send(method, path, headers=claimed)
            assert (reply.status, reply.code.endswith("_missing")) == (401, True)


async def test_a_replayed_request_is_refused(api: Web) -> None:
    headers = api.signature(api.house.bot, "GET", AGENT)
    assert (await api.send("GET", AGENT, headers=headers)).status == 200
    assert (await api.send("GET", AGENT, headers=headers)).code == "nonce_replayed"


async def test_a_signature_for_another_path_is_refused(api: Web) -> None:
    headers = api.signature(api.house.bot, "GET", AGENT)
    assert (await api.send("GET", "/v1/escalations", headers=headers)).code == "invalid_signature"


async def test_a_signature_for_another_method_is_refused(api: Web) -> None:
    headers = api.signature(api.house.bot, "GET", "/v1/escalations/esc_1")
    assert (await api.send("DELETE", "/v1/escalations/esc_1", headers=headers)).code == "invalid_signature"


async def test_a_query_added_on_the_way_breaks_the_signature(api: Web) -> None:
    headers = api.signature(api.house.bot, "GET", "/v1/escalations")
    assert (await api.send("GET", "/v1/escalations?limit=200", headers=headers)).code == "invalid_signature"


async def test_a_body_changed_on_the_way_is_refused(api: Web) -> None:
    sent = {"Content-Type": "application/json", "Idempotency-Key": "k1"}
    headers = sent | api.signature(api.house.bot, "POST", "/v1/escalations", b'{"action":{}}', sent)
    reply = await api.send("POST", "/v1/escalations", b'{"action":{"x":1}}', headers)
    assert (reply.status, reply.code) == (401, "signature_digest")


async def test_an_idempotency_key_changed_on_the_way_is_refused(api: Web) -> None:
    sent = {"Content-Type": "application/json", "Idempotency-Key": "k1"}
    headers = sent | api.signature(api.house.bot, "POST", "/v1/escalations", b"{}", sent) | {"Idempotency-Key": "k2"}
    assert (await api.send("POST", "/v1/escalations", b"{}", headers)).code == "invalid_signature"


async def test_a_header_that_was_stripped_of_its_cover_is_refused(api: Web) -> None:
    headers = {**api.signature(api.house.bot, "GET", AGENT), "If-None-Match": '"1"'}
    assert (await api.send("GET", AGENT, headers=headers)).code == "signature_not_covered"


async def test_the_host_that_a_request_names_does_not_change_what_was_signed(api: Web) -> None:
    bot = api.house.bot
    headers = sign(
        bot.key,
        bot.key_id,
        "GET",
        f"https://evil.example{AGENT}",
        headers={},
        body=b"",
        created=api.house.time.now // 1000,
    )
    assert (await api.send("GET", AGENT, headers=headers)).code == "invalid_signature"


async def test_a_signature_of_another_key_is_refused(api: Web) -> None:
    bot = api.house.bot
    bot.key = Ed25519SigningKey()
    assert (await api.call("GET", AGENT, who=bot)).code == "invalid_signature"


async def test_a_key_that_nobody_registered_is_refused(api: Web) -> None:
    bot = api.house.bot
    bot.key_id = "key_none"
    assert (await api.call("GET", AGENT, who=bot)).code == "agent_unknown"


@pytest.mark.parametrize("seconds", [-121, 121])
async def test_a_signature_outside_its_window_is_refused_with_the_hubs_time(api: Web, seconds: int) -> None:
    created = api.house.time.now // 1000 + seconds
    reply = await api.send("GET", AGENT, headers=api.signature(api.house.bot, "GET", AGENT, created=created))
    assert (reply.status, reply.code) == (401, "signature_outside_window")
    assert reply.json["now"].endswith("Z")


async def test_a_session_is_its_persons(api: Web) -> None:
    reply = await api.call("GET", "/v1/session", who=api.house.owner)
    assert reply.json["person"]["person_id"] == api.house.owner.person_id


async def test_an_unknown_session_is_nobodys(api: Web) -> None:
    reply = await api.send("GET", "/v1/session", headers={"Authorization": "Bearer ses_guessed"})
    assert (reply.status, reply.code) == (401, "session_unknown")


async def test_an_agent_is_no_person(api: Web) -> None:
    assert (await api.call("GET", "/v1/session", who=api.house.bot)).code == "session_missing"


async def test_a_person_is_no_agent(api: Web) -> None:
    assert (await api.call("GET", AGENT, who=api.house.owner)).code == "credentials_missing"


async def test_another_organisation_does_not_exist(api: Web) -> None:
    reply = await api.call("GET", "/v1/orgs/org_other/members", who=api.house.owner)
    assert (reply.status, reply.code) == (404, "org_unknown")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": PUBLIC_URL}, 200),
        ({}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": PUBLIC_URL}, 403),
        ({"Origin": "https://hub.example.evil.example"}, 403),
        ({"Origin": "http://hub.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
async def test_a_cookie_changes_something_for_the_hubs_own_page_alone(
    api: Web, headers: dict[str, str], status: int
) -> None:
    token = await api.token(api.house.owner)
    cookie = {"Cookie": f"__Host-approvals-hub={token}", "Content-Type": "application/json", **headers}
    reply = await api.send("POST", "/v1/sign-out", b"{}", cookie)
    assert reply.status == status


async def test_a_cookie_reads_from_anywhere_that_sends_it(api: Web) -> None:
    cookie = {"Cookie": f"__Host-approvals-hub={await api.token(api.house.owner)}"}
    assert (await api.send("GET", "/v1/session", headers=cookie)).status == 200


async def test_a_page_of_another_site_signs_nobody_in(api: Web) -> None:
    headers = {"Content-Type": "application/json", "Origin": "https://evil.example"}
    reply = await api.send("POST", "/v1/challenges", b'{"purpose":"sign_in"}', headers)
    assert (reply.status, reply.code) == (403, "cross_site")


async def test_whoever_tries_too_often_from_one_address_waits(house: StaffedHub) -> None:
    proxy = (ip_network("127.0.0.1"),)
    async with serving(house, openings_per_minute=2, trusted_proxies=proxy) as api:

        async def attempt(address: str) -> Reply:
            headers = {"X-Forwarded-For": address}
            return await api.call("POST", "/v1/invitations/accept", {"token": "inv_guess"}, headers=headers)

        replies = [await attempt("2001:db8::1"), await attempt("2001:db8::2"), await attempt("2001:db8::3")]
        other = await attempt("2001:db8:0:1::1")
    assert [reply.status for reply in replies] == [401, 401, 429]
    assert (replies[2].code, replies[2].headers["Retry-After"], other.status) == ("too_many_attempts", "30", 401)


async def test_half_a_signature_is_not_made_good_by_a_session(api: Web) -> None:
    headers = {"Authorization": f"Bearer {await api.token(api.house.owner)}", "Signature": "sig1=:AAAA:"}
    assert (await api.send("GET", "/v1/escalations", headers=headers)).code == "signature_missing"
