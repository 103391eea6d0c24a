"""Drafts of policies over HTTP, and publishing by two."""

from __future__ import annotations

from typing import Any

from tests.unit.api.web_client import Web
from tests.unit.changes.drafted import propose
from tests.unit.policies.kept_policies import ALLOW, ASK, DENY
from tests.unit.routing.plans import group

MINE = "/v1/agent/policy-drafts"


def place(api: Web, rest: str = "policy-drafts") -> str:
    return f"/v1/orgs/{api.house.org_id}/{rest}"


async def test_a_draft_is_proposed_shown_listed_and_withdrawn(api: Web) -> None:
    owner, bot = api.house.owner, api.house.bot
    draft = (await propose(api.house, ASK, why="because", rank=7)).id
    listed = await api.call("GET", f"{place(api)}?state=open&limit=1", who=owner)
    assert [each["draft_id"] for each in listed.json["items"]] == [draft]
    one = (await api.call("GET", f"{place(api)}/{draft}", who=owner)).json
    assert (one["yaml"], one["why"], one["state"], one["change"]) == (ASK, "because", "open", "publish")
    assert one["binding"] == {"tier": "agent", "bound_to": bot.agent_id, "rank": 7}
    assert one["proposed_by"] == {"type": "agent", "id": bot.agent_id, "name": "bot"}
    gone = await api.call("DELETE", f"{place(api)}/{draft}", who=owner)
    assert (gone.status, gone.json["state"]) == (200, "withdrawn")
    assert (await api.call("GET", f"{place(api)}/pdr_x", who=owner)).code == "policy_draft_unknown"


async def test_an_agent_proposes_over_http_and_is_told_what_is_wrong_with_line_and_column(api: Web) -> None:
    body: dict[str, Any] = {"yaml": ALLOW, "name": "mine", "version": 0, "why": "because"}
    made = await api.call("POST", MINE, body, api.house.bot)
    assert (made.status, made.json["state"], made.json["replaces_version"]) == (201, "open", 0)
    wrong = await api.call("POST", MINE, {"yaml": "version: 1\ndefault: alow\nrules: []\n"}, api.house.bot)
    assert (wrong.status, wrong.code, wrong.json["line"]) == (422, "policy_invalid", 2)
    [mine] = (await api.call("GET", MINE, who=api.house.bot)).json["items"]
    assert mine == made.json
    one = (await api.call("GET", f"{MINE}/{mine['draft_id']}", who=api.house.bot)).json
    assert (one["yaml"], one["why"]) == (ALLOW, "because")
    assert (await api.call("DELETE", f"{MINE}/{mine['draft_id']}", who=api.house.bot)).json["state"] == "withdrawn"


async def test_with_a_second_person_wanted_publishing_answers_202_with_the_draft(api: Web) -> None:
    house, path = api.house, place(api, "policy-publishing")
    ada = await house.person("Ada", "admin")
    await house.hub.policies.keep.publish(house.operator, "main", DENY)
    on = await api.call("PUT", path, {"second_person": True, "fresh": await api.fresh(ada)}, ada)
    assert (on.status, on.json) == (200, {"second_person": True})
    main = place(api, "policies/main")
    asked = await api.call("PUT", main, {"yaml": ASK, "version": 1, "fresh": await api.fresh(ada)}, ada)
    assert (asked.status, asked.json["change"], asked.json["state"]) == (202, "publish", "open")
    gone = await api.call("DELETE", main, {"version": 1, "fresh": await api.fresh(ada)}, ada)
    off = await api.call("PUT", path, {"second_person": False, "fresh": await api.fresh(ada)}, ada)
    assert [(each.status, each.json["change"]) for each in (gone, off)] == [(202, "remove"), (202, "one_person")]
    assert (await api.call("GET", path, who=ada)).json == {"second_person": True}
    assert (await api.call("GET", main, who=ada)).json["yaml"] == DENY
    await house.owner.answer(asked.json["escalation_id"])
    await house.hub.carry_out_drafts()
    assert (await api.call("GET", main, who=ada)).json["yaml"] == ASK


async def test_who_must_answer_is_not_changed_by_one_person_over_http_either(api: Web) -> None:
    house = api.house
    ada = await house.person("Ada", "admin")
    await group(house, ada.person_id)
    await house.hub.set_requirement(house.operator, {"quorum": {"of": ["group:ops"]}, "approvals": 1})
    await house.hub.policies.keep.want_second_person(house.operator, wanted=True)
    text = f"group: ops\nmembers: [{ada.person_id}, {house.owner.person_id}]\n"
    for rest, body in (
        ("groups/ops", {"yaml": text, "version": 1}),
        ("requirement", {"approvals": 1}),
    ):
        stale = await api.call("PUT", place(api, rest), body, ada)
        assert (stale.status, stale.code) == (403, "fresh_factor_needed")
        asked = await api.call("PUT", place(api, rest), {**body, "fresh": await api.fresh(ada)}, ada)
        change = rest.partition("s/")[0]
        assert (asked.status, asked.json["change"], asked.json["state"]) == (202, change, "open")
    assert (await api.call("GET", place(api, "groups/ops"), who=ada)).json["version"] == 1
