"""Quiet hours over HTTP."""

from __future__ import annotations

from tests.unit.api.web_client import Web


async def test_quiet_hours_are_set_shown_and_taken_away(api: Web) -> None:
    owner = api.house.owner
    spans = [{"days": ["monday", "sunday"], "from": "22:00", "to": "07:00"}]
    body = {"zone": "Europe/Stockholm", "spans": spans, "fresh": await api.fresh(owner)}
    made = await api.call("PUT", "/v1/quiet-hours", body, owner)
    assert (made.status, made.json) == (200, {"zone": "Europe/Stockholm", "spans": spans})
    assert (await api.call("GET", "/v1/quiet-hours", who=owner)).json == made.json
    gone = await api.call("PUT", "/v1/quiet-hours", {"zone": "UTC", "spans": []}, owner)
    assert gone.json == {"zone": None, "spans": []}


async def test_a_time_that_is_none_is_refused(api: Web) -> None:
    body = {"zone": "UTC", "spans": [{"days": ["monday"], "from": "24:00", "to": "07:00"}]}
    assert (await api.call("PUT", "/v1/quiet-hours", body, api.house.owner)).status == 422
