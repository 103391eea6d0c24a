"""Policies over HTTP."""

from __future__ import annotations

import pytest

from tests.unit.api.web_client import Web
from tests.unit.policies.kept_policies import ASK, DENY, rules


def path(api: Web, rest: str = "") -> str:
    return f"/v1/orgs/{api.house.org_id}/policies{rest}"


async def test_a_policy_is_published_shown_listed_and_removed(api: Web) -> None:
    owner = api.house.owner
    body = {"yaml": ASK, "source": "1a2b", "binding": {"tier": "group", "bound_to": "web", "rank": 3}}
    made = await api.call("PUT", path(api, "/main"), {**body, "fresh": await api.fresh(owner)}, owner)
    assert (made.status, made.json["version"], made.json["yaml"], made.json["source"]) == (200, 1, ASK, "1a2b")
    assert made.json["binding"] == body["binding"]
    assert (made.json["published_by"], made.json["published_by_name"]) == (owner.person_id, "Owner")
    assert (await api.call("GET", path(api, "/main"), who=owner)).json == made.json
    assert (await api.call("GET", path(api), who=owner)).json["items"] == [made.json]
    changed = {"yaml": DENY, "version": 1, "fresh": await api.fresh(owner)}
    assert (await api.call("PUT", path(api, "/main"), changed, owner)).json["binding"] == body["binding"]
    versions = (await api.call("GET", path(api, "/main/versions"), who=owner)).json["items"]
    assert [(each["version"], each["yaml"]) for each in versions] == [(2, DENY), (1, ASK)]
    gone = await api.call("DELETE", path(api, "/main"), {"version": 2, "fresh": await api.fresh(owner)}, owner)
    assert gone.status == 200
    assert (await api.call("GET", path(api, "/main"), who=owner)).code == "policy_unknown"


async def test_what_is_wrong_is_said_with_line_and_column_all_at_once(api: Web) -> None:
    owner = api.house.owner
    text = "version: 1\ndefault: denny\nrules:\n  - {id: a, effect: alow, action: '*'}\n"
    reply = await api.call("PUT", path(api, "/main"), {"yaml": text}, owner)
    assert (reply.status, reply.code, reply.json["line"]) == (422, "policy_invalid", 2)
    assert [each["line"] for each in reply.json["errors"]] == [2, 4]


async def test_a_stolen_session_without_a_factor_changes_nothing(api: Web) -> None:
    reply = await api.call("PUT", path(api, "/main"), {"yaml": ASK}, api.house.owner)
    assert reply.status == 403
    assert (await api.call("GET", path(api), who=api.house.owner)).json["items"] == []


async def test_an_action_is_explained_by_what_is_in_force_and_by_what_is_not_saved(api: Web) -> None:
    house = api.house
    await house.hub.policies.keep.publish(house.operator, "main", DENY)
    body = {"agent_id": house.bot.agent_id, "action": house.bot.action()}
    stands = await api.call("POST", path(api, "/explain"), body, house.owner)
    assert stands.json["decision"]["decision"] == "DENY"
    text = rules("id: drop, effect: allow, action: 'db.*', approval: {number_match: 2}")
    tried = await api.call("POST", path(api, "/explain"), {**body, "yaml": text, "name": "main"}, house.owner)
    assert (tried.json["decision"]["decision"], tried.json["trace"][0]["why"]) == (
        "REQUIRE_APPROVAL",
        "it matches, and decides",
    )


@pytest.mark.parametrize("action", [{}, {"action_type": "x"}, {"action_id": 1}])
async def test_what_is_no_action_is_refused_with_its_field(api: Web, action: dict[str, object]) -> None:
    body = {"agent_id": api.house.bot.agent_id, "action": action}
    reply = await api.call("POST", path(api, "/explain"), body, api.house.owner)
    assert (reply.status, reply.code) == (422, "invalid_action")


async def test_what_is_said_of_an_agent_is_replaced_whole(api: Web) -> None:
    owner = api.house.owner
    place = f"/v1/orgs/{api.house.org_id}/agents/{api.house.bot.agent_id}/labels"
    body = {"teams": ["web"], "environment": "prod", "fresh": await api.fresh(owner)}
    made = await api.call("PUT", place, body, owner)
    assert (made.status, made.json) == (200, {"teams": ["web"], "project": None, "environment": "prod"})
    assert (await api.call("GET", place, who=owner)).json == made.json


async def test_an_agent_is_told_by_which_rule_it_was_denied(api: Web) -> None:
    house = api.house
    made = await house.hub.policies.keep.publish(house.operator, "main", DENY)
    reply = await api.escalate()
    assert (reply.status, reply.code, reply.json["policy_id"]) == (403, "policy_denies", made.policy_id)


async def test_a_text_is_looked_through_before_it_is_published(api: Web) -> None:
    owner = api.house.owner
    wrong = await api.call("POST", path(api, "/main/lint"), {"yaml": "version: 1\ndefalt: deny\nrules: []\n"}, owner)
    assert [(each["line"], each["column"]) for each in wrong.json["errors"]] == [(1, 1), (2, 1)]
    assert (wrong.json["difference"], wrong.json["refused"]) == (None, None)
    text = "version: 1\ndefault: deny\nrules:\n  - {id: a, effect: allow, action: pay, approval: {route: none}}\n"
    right = await api.call("POST", path(api, "/main/lint"), {"yaml": text, "binding": {"tier": "owner"}}, owner)
    assert (right.json["errors"], "no route" in right.json["refused"]["detail"]) == ([], True)
    assert "pay: allowed once people have approved" in right.json["difference"]["asked"][0]
    assert (await api.call("GET", path(api, ""), who=owner)).json["items"] == []
