"""The generic function behind every route."""

from __future__ import annotations

import pytest

from tests.unit.api.web_client import Web

SAME = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}


@pytest.mark.parametrize("part", ["a%00b", "a%2Fb", "..%2F..", "%F0%9F%98%80", "x" * 81, "%0a", "a'b"])
async def test_an_id_that_can_be_none_is_not_looked_for(api: Web, part: str) -> None:
    reply = await api.call("GET", f"/v1/devices/{part}", who=api.house.owner)
    assert reply.status == 404


async def test_a_body_without_required_members_may_be_left_out(api: Web) -> None:
    reply = await api.call("POST", "/v1/sign-out", who=api.house.owner)
    assert reply.status == 200


async def test_a_session_cookie_is_for_this_host_and_no_script(api: Web) -> None:
    token = await api.token(api.house.owner)
    cookie = {"Cookie": f"__Host-approvals-hub={token}", **SAME}
    reply = await api.send("POST", "/v1/sign-out", b"{}", cookie)
    given = reply.headers["Set-Cookie"]
    assert given.startswith("__Host-approvals-hub=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict", "Max-Age=0"} <= set(given.split("; "))
    assert "Domain" not in given


async def test_a_stolen_session_that_tries_what_its_roles_do_not_allow_leaves_an_entry(api: Web) -> None:
    house = api.house
    ada = await house.person()
    reply = await api.call("POST", f"/v1/orgs/{house.org_id}/stop", {}, ada)
    [event] = await house.events("request.refused")
    assert (reply.status, event["actor_id"], event["decision"]) == (403, ada.person_id, "role_missing")
    assert event["detail"] == {"request": "POST /v1/orgs/{org}/stop"}


async def test_what_may_not_be_read_and_what_a_paused_agent_tries_for_ever_fills_no_log(api: Web) -> None:
    house = api.house
    ada = await house.person()
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "paused")
    assert (await api.call("GET", f"/v1/orgs/{house.org_id}/members", who=ada)).code == "role_missing"
    assert (await api.escalate()).code == "agent_paused"
    assert await house.events("request.refused") == []
