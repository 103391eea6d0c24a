"""Governing over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.api.web_client import Web
from tests.unit.hub_fixture import PUBLIC_URL


def org(api: Web, path: str) -> str:
    return f"/v1/orgs/{api.house.org_id}/{path}"


async def test_an_invitation_of_an_agent_is_shown_once(api: Web) -> None:
    reply = await api.call("POST", org(api, "agent-invites"), {"name": "ci", "role": "ci"}, api.house.owner)
    assert (reply.status, reply.json["invite"][:4], reply.json["url"]) == (201, "inv_", PUBLIC_URL)


async def test_an_agent_with_an_api_key_is_made_and_listed_without_it(api: Web) -> None:
    made = (await api.call("POST", org(api, "agents"), {"name": "script"}, api.house.owner)).json
    reply = await api.call("GET", org(api, "agents"), who=api.house.owner)
    assert made["agent_id"] in [agent["agent_id"] for agent in reply.json["items"]]
    assert made["api_key"].encode() not in reply.raw


async def test_pausing_needs_no_ceremony_and_resuming_needs_the_key(api: Web) -> None:
    path = org(api, f"agents/{api.house.bot.agent_id}/state")
    assert (await api.call("PUT", path, {"state": "paused"}, api.house.owner)).json["state"] == "paused"
    refused = await api.call("PUT", path, {"state": "active"}, api.house.owner)
    assert (refused.status, refused.code, refused.json["field"]) == (403, "fresh_factor_needed", "$.fresh")
    body = {"state": "active", "fresh": await api.fresh(api.house.owner)}
    assert (await api.call("PUT", path, body, api.house.owner)).json["state"] == "active"


async def test_a_stop_ends_every_question_and_a_resume_needs_the_key(api: Web) -> None:
    await api.escalate()
    stopped = await api.call("POST", org(api, "stop"), {}, api.house.owner)
    assert (stopped.json["stopped"], stopped.json["ended"]) == (True, 1)
    assert (await api.escalate()).code == "org_stopped"
    assert (await api.call("DELETE", org(api, "stop"), {}, api.house.owner)).code == "fresh_factor_needed"
    body = {"fresh": await api.fresh(api.house.owner)}
    assert (await api.call("DELETE", org(api, "stop"), body, api.house.owner)).json["stopped"] is False
    assert (await api.escalate()).status == 201


async def test_a_person_is_invited_listed_and_disabled(api: Web) -> None:
    invited = (await api.call("POST", org(api, "member-invites"), {"name": "Ada"}, api.house.owner)).json
    assert invited["url"] == f"{PUBLIC_URL}/app/enrol#{invited['token']}"
    members = (await api.call("GET", org(api, "members"), who=api.house.owner)).json["items"]
    assert {"person_id": invited["person_id"], "keys": 0}.items() <= members[1].items()
    path = org(api, f"members/{invited['person_id']}/state")
    reply = await api.call("PUT", path, {"state": "disabled"}, api.house.owner)
    assert reply.json == {"person_id": invited["person_id"], "state": "disabled"}


async def test_the_last_owner_cannot_be_disabled(api: Web) -> None:
    path = org(api, f"members/{api.house.owner.person_id}/state")
    reply = await api.call("PUT", path, {"state": "disabled"}, api.house.owner)
    assert (reply.status, reply.code) == (409, "last_owner")


async def test_an_answer_of_not_me_is_a_notice_to_admins(api: Web) -> None:
    opened = (await api.escalate()).json
    await api.house.owner.answer(opened["escalation_id"], "not_me")
    items = (await api.call("GET", org(api, "notices"), who=api.house.owner)).json["items"]
    assert [item["subject_id"] for item in items] == [api.house.bot.agent_id]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "agents", None),
        ("GET", "members", None),
        ("GET", "notices", None),
        ("GET", "pending-devices", None),
        ("POST", "agents", {"name": "mine"}),
        ("POST", "agent-invites", {"name": "mine"}),
        ("POST", "member-invites", {"name": "Eve", "roles": ["owner"]}),
        ("POST", "stop", {}),
        ("DELETE", "stop", {}),
    ],
)
async def test_an_approver_governs_nothing(api: Web, method: str, path: str, body: Any) -> None:
    ada = await api.house.person()
    reply = await api.call(method, org(api, path), body, ada)
    assert (reply.status, reply.code) == (403, "role_missing")


async def test_roles_are_a_closed_list(api: Web) -> None:
    body = {"name": "Eve", "roles": ["root"]}
    assert (await api.call("POST", org(api, "member-invites"), body, api.house.owner)).json["field"] == "$.roles[0]"
