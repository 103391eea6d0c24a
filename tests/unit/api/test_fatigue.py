"""Limits and approvers' numbers over HTTP."""

from __future__ import annotations

import pytest

from tests.unit.api.web_client import Web


def path(api: Web, name: str) -> str:
    return f"/v1/orgs/{api.house.org_id}/{name}"


async def test_limits_are_shown_and_made_less_at_once(api: Web) -> None:
    body = {"agent": {"burst": 2, "hourly": 60}}
    reply = await api.call("PUT", path(api, "limits"), body, api.house.owner)
    assert (reply.status, reply.json["agent"]) == (200, body["agent"])
    assert (await api.call("GET", path(api, "limits"), who=api.house.owner)).json == reply.json


async def test_a_session_alone_does_not_let_agents_ask_more(api: Web) -> None:
    body = {"person": {"burst": 1_000_000, "hourly": 1_000_000}}
    reply = await api.call("PUT", path(api, "limits"), body, api.house.owner)
    assert (reply.status, reply.code, reply.json["field"]) == (403, "fresh_factor_needed", "$.fresh")
    fresh = await api.fresh(api.house.owner)
    assert (await api.call("PUT", path(api, "limits"), {**body, "fresh": fresh}, api.house.owner)).status == 200


@pytest.mark.parametrize("bucket", [{"burst": 0, "hourly": 1}, {"burst": 1}, {"burst": 1, "hourly": 1_000_001}, 5])
async def test_limits_that_make_no_sense_are_refused(api: Web, bucket: object) -> None:
    assert (await api.call("PUT", path(api, "limits"), {"pair": bucket}, api.house.owner)).status == 422


async def test_approvers_are_shown_a_page_at_a_time(api: Web) -> None:
    ada = await api.house.person("Ada")
    first = await api.call("GET", path(api, "approvers") + "?limit=1&days=7", who=api.house.owner)
    assert (first.status, len(first.json["items"])) == (200, 1)
    second = await api.call("GET", f"{path(api, 'approvers')}?cursor={first.json['next']}", who=api.house.owner)
    names = {one["name"] for one in first.json["items"] + second.json["items"]}
    assert "Ada" in names
    mine = await api.call("GET", path(api, "approvers"), who=ada)
    assert [one["person_id"] for one in mine.json["items"]] == [ada.person_id]


async def test_a_time_that_is_not_looked_back_is_refused(api: Web) -> None:
    assert (await api.call("GET", path(api, "approvers") + "?days=91", who=api.house.owner)).status == 422
