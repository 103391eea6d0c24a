"""The delivery log over HTTP. With attempts in it: tests/flows/test_own_channels.py."""

from __future__ import annotations

import pytest

from tests.unit.api.web_client import Web


async def test_an_empty_log_is_an_empty_page(api: Web) -> None:
    path = f"/v1/orgs/{api.house.org_id}/deliveries"
    query = "?escalation=esc_1&person=per_1&channel=ops&status=later&since=2026-01-01T00:00:00Z&limit=5"
    assert (await api.call("GET", path + query, who=api.house.owner)).json == {"items": [], "next": None}


@pytest.mark.parametrize("query", ["?status=lost", "?since=noon", "?channel=a%20b", "?limit=0", "?colour=red"])
async def test_a_filter_that_is_none_is_refused(api: Web, query: str) -> None:
    reply = await api.call("GET", f"/v1/orgs/{api.house.org_id}/deliveries{query}", who=api.house.owner)
    assert reply.status == 422
    assert reply.json["field"].startswith("$.")


async def test_an_attempt_that_is_not_in_the_log_is_not_sent_again(api: Web) -> None:
    path = f"/v1/orgs/{api.house.org_id}/deliveries/dlv_{'0' * 24}/retry"
    reply = await api.call("POST", path, who=api.house.owner)
    assert (reply.status, reply.json["code"]) == (404, "delivery_unknown")
