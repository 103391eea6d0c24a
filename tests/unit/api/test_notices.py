"""Notices over HTTP."""

from __future__ import annotations

from tests.unit.api.web_client import Web


async def test_a_line_is_new_until_its_reader_says_that_they_read_it(api: Web) -> None:
    base, owner, admin = f"/v1/orgs/{api.house.org_id}/notices", api.house.owner, await api.house.person("Dan", "admin")
    await api.house.hub.govern.set_agent_state(api.house.operator, api.house.org_id, api.house.bot.agent_id, "paused")
    [line] = (await api.call("GET", base, who=owner)).json["items"]
    assert (line["kind"], line["subject_name"], line["by_name"], line["unread"]) == ("agent_paused", "bot", None, True)
    reply = await api.call("PUT", f"{base}/read", {"up_to": line["notice_id"]}, owner)
    assert (reply.status, reply.json) == (200, {"up_to": line["notice_id"]})
    unread = [(await api.call("GET", base, who=who)).json["items"][0]["unread"] for who in (owner, admin)]
    assert unread == [False, True]


async def test_every_line_is_reached_by_pages_before_all_count_as_read(api: Web) -> None:
    base, house = f"/v1/orgs/{api.house.org_id}/notices", api.house
    for agent in (house.bot, await house.agent("b"), await house.agent("c")):
        await house.hub.govern.set_agent_state(house.operator, house.org_id, agent.agent_id, "paused")
    shown, cursor = [], ""
    while cursor is not None:
        reply = (await api.call("GET", f"{base}?limit=2{cursor and '&cursor=' + cursor}", who=house.owner)).json
        shown += [(line["subject_name"], line["unread"]) for line in reply["items"]]
        cursor = reply["next"]
    assert shown == [("c", True), ("b", True), ("bot", True)]


async def test_a_line_that_is_none_marks_nothing(api: Web) -> None:
    path = f"/v1/orgs/{api.house.org_id}/notices/read"
    reply = await api.call("PUT", path, {"up_to": "not_zzz"}, api.house.owner)
    assert (reply.status, reply.code) == (404, "notice_unknown")


async def test_expected_eids_are_listed_without_their_numbers(api: Web) -> None:
    await api.house.change(
        "INSERT INTO expected_factors (id, org_id, person_id, method, subject_hash, created_at, created_by, expires_at)"
        " VALUES ('exf_1', :org, :id, 'bankid', :hash, 1, 'x', 2)",
        org=api.house.org_id,
        id=api.house.owner.person_id,
        hash=bytes(32),
    )
    [one] = (await api.call("GET", f"/v1/orgs/{api.house.org_id}/expected-factors", who=api.house.owner)).json["items"]
    assert (one["factor_id"], one["state"], one["method"]) == ("exf_1", "over", "bankid")
    assert "subject_hash" not in one
