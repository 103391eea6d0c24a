"""Who is told is a matter of signed-in people alone, and every such operation is in the one table."""

from __future__ import annotations

from approvals_hub.api.caller import Caller
from approvals_hub.api.routes import ROUTES
from approvals_hub.api.telling_routes import TELLING


def test_no_agent_and_no_stranger_says_who_is_told() -> None:
    assert {route.caller for route in TELLING} == {Caller.PERSON}


def test_every_one_of_them_is_served() -> None:
    assert set(TELLING) <= set(ROUTES)
