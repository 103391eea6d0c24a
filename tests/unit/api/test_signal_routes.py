"""Signals are said by people, and by agents that people named; every such operation is in the one table."""

from __future__ import annotations

from approvals_hub.api.caller import Caller
from approvals_hub.api.routes import ROUTES
from approvals_hub.api.signal_routes import SIGNALS


def test_what_is_the_organisations_is_said_by_people_and_what_is_a_monitors_by_agents() -> None:
    assert {route.caller for route in SIGNALS if "{org}" in route.path} == {Caller.PERSON}
    assert {route.caller for route in SIGNALS if "{org}" not in route.path} == {Caller.AGENT}
    assert set(SIGNALS) <= set(ROUTES)
