"""Groups, routes and schedules over HTTP."""

from __future__ import annotations

import pytest

from approvals_hub.core.strict_yaml import MAX_BYTES
from tests.unit.api.web_client import Web
from tests.unit.routing.plans import LADDER, ladder


def path(api: Web, rest: str) -> str:
    return f"/v1/orgs/{api.house.org_id}/{rest}"


async def test_a_plan_is_written_shown_listed_and_deleted(api: Web) -> None:
    owner = api.house.owner
    text = f"group: ops\nmembers: [{owner.person_id}]\n"
    made = await api.call("PUT", path(api, "groups/ops"), {"yaml": text}, owner)
    assert (made.status, made.json["version"], made.json["yaml"]) == (200, 1, text)
    shown = await api.call("GET", path(api, "groups/ops"), who=owner)
    assert [each["person_id"] for each in shown.json["people"]] == [owner.person_id]
    assert len((await api.call("GET", path(api, "groups"), who=owner)).json["items"]) == 1
    body = {"version": 1, "fresh": await api.fresh(owner)}
    assert (await api.call("DELETE", path(api, "groups/ops"), body, owner)).status == 200
    assert (await api.call("GET", path(api, "groups/ops"), who=owner)).code == "group_unknown"


async def test_a_lost_update_is_told_with_the_version_that_stands(api: Web) -> None:
    owner = api.house.owner
    await ladder(api.house, owner.person_id)
    body = {"yaml": LADDER.replace("deny", "expire"), "version": 0}
    reply = await api.call("PUT", path(api, "routes/ladder"), body, owner)
    assert (reply.status, reply.code, reply.json["version"]) == (409, "version_changed", 1)


async def test_what_is_used_says_by_what(api: Web) -> None:
    owner = api.house.owner
    await ladder(api.house, owner.person_id)
    body = {"version": 1, "fresh": await api.fresh(owner)}
    reply = await api.call("DELETE", path(api, "schedules/nights"), body, owner)
    assert (reply.status, reply.code, reply.json["used_by"]) == (409, "schedule_in_use", ["route:ladder"])


BAD = {
    "unknown key": (LADDER.replace("then: deny", "than: deny"), 9, 1),
    "duplicate": (LADDER + "then: deny\n", 10, 1),
    "anchor": (LADDER.replace("[push]", "&a [push]", 1), 4, 15),
    "alias": (LADDER.replace("[push]", "*a", 1), 4, 15),
    "tag": (LADDER.replace("[ops]", "!!seq [ops]"), 6, 13),
    "YAML 1.1 boolean": (LADDER.replace("[ops]", "[no]"), 6, 14),
    "a tab": (LADDER.replace("then: deny", "then:\tdeny"), 9, 6),
    "unknown group": (LADDER.replace("[ops]", "[opps]"), 6, 14),
    "unknown schedule": (LADDER.replace("[nights]", "[night]"), 3, 17),
    "another name": (LADDER.replace("route: ladder", "route: leader"), 1, 8),
    "too large": (LADDER + "# é" + "x" * (MAX_BYTES - len(LADDER) - 3), 1, 1),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_text_is_a_problem_that_names_its_place_and_a_next_step(api: Web, name: str) -> None:
    await ladder(api.house, api.house.owner.person_id)
    text, line, column = BAD[name]
    reply = await api.call("PUT", path(api, "routes/ladder"), {"yaml": text, "version": 1}, api.house.owner)
    assert (reply.status, reply.code, reply.json["line"], reply.json["column"]) == (422, "route_invalid", line, column)
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.json["field"].startswith("$")
    assert reply.json["next_step"]


async def test_a_route_is_tried_before_it_is_saved(api: Web) -> None:
    owner = api.house.owner
    await ladder(api.house, owner.person_id)
    body = {"yaml": LADDER.replace("2m", "1m"), "at": "2026-12-24T08:00:00Z"}
    reply = await api.call("POST", path(api, "routes/ladder/preview"), body, owner)
    assert reply.status == 200
    assert [(each["at"], each["level"], each["channel"]) for each in reply.json["told"]] == [
        ("2026-12-24T08:00:00.000Z", 1, "push"),
        ("2026-12-24T08:01:00.000Z", 2, "push"),
    ]
    assert (reply.json["outcome"], reply.json["ends_at"]) == ("denied", "2026-12-24T08:04:00.000Z")


async def test_the_default_route_is_set_with_a_key(api: Web) -> None:
    owner = api.house.owner
    await ladder(api.house, owner.person_id)
    assert (await api.call("PUT", path(api, "default-route"), {"route": "ladder"}, owner)).code == "fresh_factor_needed"
    body = {"route": "ladder", "fresh": await api.fresh(owner)}
    assert (await api.call("PUT", path(api, "default-route"), body, owner)).json == {"route": "ladder"}
    assert (await api.call("GET", path(api, "default-route"), who=owner)).json == {"route": "ladder"}


async def test_a_time_that_is_none_is_refused(api: Web) -> None:
    await ladder(api.house, api.house.owner.person_id)
    reply = await api.call("POST", path(api, "routes/ladder/preview"), {"at": "noon"}, api.house.owner)
    assert (reply.status, reply.json["field"]) == (422, "$.at")
