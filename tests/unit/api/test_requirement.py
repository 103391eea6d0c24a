"""The default requirement over HTTP."""

from __future__ import annotations

import pytest

from tests.unit.api.web_client import Web


def path(api: Web) -> str:
    return f"/v1/orgs/{api.house.org_id}/requirement"


async def test_the_requirement_is_replaced_whole(api: Web) -> None:
    await api.call("PUT", path(api), {"approvals": 2}, api.house.owner)
    body = {
        "risk": "critical",
        "most_risk": "low",
        "environment": "production",
        "fresh": await api.fresh(api.house.owner),
    }
    reply = await api.call("PUT", path(api), body, api.house.owner)
    assert reply.status == 200
    assert (reply.json["approvals"], reply.json["owner_counts"]) == (1, False)
    shown = await api.call("GET", path(api), who=api.house.owner)
    assert (shown.json["risk"], shown.json["environment"]) == ("critical", "production")
    assert shown.json["most_risk"] == "low"


async def test_a_session_alone_does_not_let_owners_approve_what_their_own_agents_ask(api: Web) -> None:
    reply = await api.call("PUT", path(api), {"owner_counts": True}, api.house.owner)
    assert (reply.status, reply.code, reply.json["field"]) == (403, "fresh_factor_needed", "$.fresh")


@pytest.mark.parametrize(
    "body",
    [
        {"approvals": 0},
        {"approvals": 21},
        {"most_risk": "high"},
        {"min_assurance": "NONE"},
        {"people": ["per_1"]},
        {"expires_in": "900"},
    ],
)
async def test_a_requirement_that_makes_no_sense_is_refused(api: Web, body: dict[str, object]) -> None:
    reply = await api.call("PUT", path(api), body, api.house.owner)
    assert reply.status == 422
    assert (await api.call("GET", path(api), who=api.house.owner)).json["approvals"] == 1
