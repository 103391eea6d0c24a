"""Channels over HTTP. To the bytes at each vendor: tests/flows/test_own_channels.py."""

from __future__ import annotations

from tests.unit.api.web_client import Web

# Nobody is called: the guard refuses this computer's own addresses.
ROOM = {"url": "https://localhost:9/services/T0/B0/canary-hook", "hosts": ["localhost:9"]}


def path(api: Web, rest: str = "") -> str:
    return f"/v1/orgs/{api.house.org_id}/channels{rest}"


async def test_a_channel_is_set_up_shown_tried_and_deleted(api: Web) -> None:
    owner = api.house.owner
    body = {"kind": "slack", "settings": ROOM, "language": "sv", "fresh": await api.fresh(owner)}
    made = await api.call("PUT", path(api, "/ops"), body, owner)
    assert (made.status, made.json["version"], made.json["language"]) == (200, 1, "sv")
    assert (made.json["settings"], made.json["has_secret"]) == ({"hosts": ["localhost:9"]}, True)
    assert made.json["health"]["hour"] == {"attempts": 0, "failed": 0, "error_rate": None}
    assert (await api.call("GET", path(api, "/ops"), who=owner)).json == made.json
    assert (await api.call("GET", path(api), who=owner)).json["items"] == [made.json]
    tried = await api.call("POST", path(api, "/ops/test"), None, owner)
    assert (tried.status, tried.json["status"]) == (200, "permanent")
    assert "canary-hook" not in repr([made.json, tried.json])
    gone = await api.call("DELETE", path(api, "/ops"), {"version": 1, "fresh": await api.fresh(owner)}, owner)
    assert gone.json["name"] == "ops"
    assert (await api.call("GET", path(api, "/ops"), who=owner)).code == "channel_unknown"


async def test_values_that_are_not_saved_are_tried(api: Web) -> None:
    tried = await api.call("POST", path(api, "/test"), {"kind": "slack", "settings": ROOM}, api.house.owner)
    assert (tried.status, tried.json["status"]) == (200, "permanent")
    assert (await api.call("GET", path(api), who=api.house.owner)).json["items"] == []


async def test_whom_too_few_channels_reach_is_listed(api: Web) -> None:
    reply = await api.call("GET", f"/v1/orgs/{api.house.org_id}/channel-warnings", who=api.house.owner)
    assert [(each["code"], each["whom"]) for each in reply.json["items"]] == [("few_channels", "approvers")]


async def test_what_is_no_channel_at_all_is_refused_with_its_place(api: Web) -> None:
    owner = api.house.owner
    for body, field in (
        ({"kind": "slack"}, "$.settings"),
        ({"kind": "Slack", "settings": {}}, "$.kind"),
        ({"kind": "slack", "settings": {}}, "$.settings.url"),
        ({"kind": "slack", "settings": {"url": "x" * 3000}}, "$.settings.url"),
        ({"kind": "slack", "settings": {}, "colour": "red"}, "$.colour"),
    ):
        reply = await api.call("PUT", path(api, "/ops"), body, owner)
        assert (reply.status, reply.json["field"]) == (422, field), reply.json
