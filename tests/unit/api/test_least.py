"""How little is said to a person, over HTTP."""

from __future__ import annotations

from tests.unit.api.web_client import Web


async def test_it_is_set_and_shown_without_a_fresh_factor(api: Web) -> None:
    owner = api.house.owner
    assert (await api.call("GET", "/v1/disclosure", who=owner)).json == {"least": False}
    assert (await api.call("PUT", "/v1/disclosure", {"least": True}, owner)).json == {"least": True}
    assert (await api.call("GET", "/v1/disclosure", who=owner)).json == {"least": True}


async def test_what_is_neither_yes_nor_no_is_refused(api: Web) -> None:
    given = await api.call("PUT", "/v1/disclosure", {"least": "yes"}, api.house.owner)
    assert (given.status, given.json["field"]) == (422, "$.least")
