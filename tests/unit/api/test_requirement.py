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


async def test_a_requirement_that_only_a_code_to_copy_satisfies_is_refused_and_one_of_before_locks_nobody_out(
    api: Web,
) -> None:
    reply = await api.call("PUT", path(api), {"methods": ["totp"]}, api.house.owner)
    assert (reply.status, reply.code, reply.json["field"]) == (422, "requirement_invalid", "$.methods")
    assert "passkey or an eID" in reply.json["next_step"]
    await api.house.require(methods=("totp",))
    shown = (await api.call("GET", path(api), who=api.house.owner)).json
    assert [each["code"] for each in shown["warnings"]] == ["codes_alone"]
    assert (await api.call("PUT", path(api), shown, api.house.owner)).status == 200
    assert (await api.call("PUT", path(api), {**shown, "approvals": 2}, api.house.owner)).status == 422
    mended = {"methods": ["totp", "passkey"], "fresh": await api.fresh(api.house.owner)}
    reply = await api.call("PUT", path(api), mended, api.house.owner)
    assert (reply.status, reply.json["warnings"]) == (200, [])


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


RULE = {
    "stages": [{"of": ["role:approver"], "approvals": 2}, {"any": [{"of": ["role:admin"]}, {"of": ["role:owner"]}]}]
}


async def test_a_rule_is_set_and_shown_as_it_was_written_with_what_was_left_out(api: Web) -> None:
    body = {"quorum": RULE, "veto": ["role:owner"], "wait": 60, "fresh": await api.fresh(api.house.owner)}
    reply = await api.call("PUT", path(api), body, api.house.owner)
    assert reply.status == 200
    first, second = reply.json["quorum"]["stages"]
    assert first == {"of": ["role:approver"], "approvals": 2}
    assert second["any"][0] == {"of": ["role:admin"], "approvals": 1}
    shown = (await api.call("GET", path(api), who=api.house.owner)).json
    assert (shown["quorum"], shown["veto"], shown["wait"]) == (reply.json["quorum"], ["role:owner"], 60)


async def test_what_is_shown_can_be_sent_back(api: Web) -> None:
    body = {"quorum": RULE, "veto": ["role:owner"], "fresh": await api.fresh(api.house.owner)}
    shown = (await api.call("PUT", path(api), body, api.house.owner)).json
    again = await api.call("PUT", path(api), shown, api.house.owner)
    assert (again.status, again.json) == (200, shown)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"quorum": {}}, "$.quorum"),
        ({"quorum": {"of": []}}, "$.quorum.of"),
        ({"quorum": {"all": []}}, "$.quorum.all"),
        ({"quorum": {"of": ["role:admin"], "any": [{"of": ["role:admin"]}]}}, "$.quorum"),
        ({"quorum": {"all": [{"of": ["role:admin"], "approvals": 0}]}}, "$.quorum.all[0].approvals"),
        ({"quorum": {"all": [{"of": ["per_a"], "approvals": 2}]}}, "$.quorum.all[0].approvals"),
        ({"quorum": {"any": [{"of": ["role:admin"]}, {"of": ["boss"]}]}}, "$.quorum.any[1].of[0]"),
        ({"quorum": {"of": ["role:admin", "per_nobody"]}}, "$.quorum.of[1]"),
        ({"quorum": {"of": ["role:admin"], "people": ["per_me"]}}, "$.quorum.people"),
        ({"veto": []}, "$.veto"),
        ({"veto": ["group:nobody"]}, "$.veto[0]"),
        ({"wait": 895}, "$.wait"),
        ({"wait": -1}, "$.wait"),
        ({"approvals": 2, "quorum": {"of": ["role:admin"]}}, "$.approvals"),
    ],
)
async def test_a_rule_that_makes_no_sense_is_refused_at_its_place_with_what_to_do(
    api: Web, body: dict[str, object], field: str
) -> None:
    reply = await api.call("PUT", path(api), body, api.house.owner)
    assert (reply.status, reply.json["field"]) == (422, field)
    assert reply.json["next_step"]
    assert (await api.call("GET", path(api), who=api.house.owner)).json["quorum"] is None
