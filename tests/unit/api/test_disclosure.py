"""How much may be said outside, over HTTP."""

from __future__ import annotations

from tests.unit.api.web_client import Web


async def test_a_session_alone_has_nothing_more_said(api: Web) -> None:
    path, owner = f"/v1/orgs/{api.house.org_id}/disclosure", api.house.owner
    least = {"push": "minimal", "mail": "minimal", "chat": "minimal", "webhook": "minimal"}
    assert (await api.call("GET", path, who=owner)).json == least
    reply = await api.call("PUT", path, {"chat": "summary"}, owner)
    assert (reply.status, reply.code, reply.json["field"]) == (403, "fresh_factor_needed", "$.fresh")
    fresh = await api.fresh(owner)
    reply = await api.call("PUT", path, {"chat": "summary", "fresh": fresh}, owner)
    assert (reply.status, reply.json) == (200, {**least, "chat": "summary"})
    assert (await api.call("PUT", path, {}, owner)).json == least
    for wrong in ({"mail": "sealed"}, {"sms": "summary"}, {"push": None}):
        assert (await api.call("PUT", path, wrong, owner)).status == 422
