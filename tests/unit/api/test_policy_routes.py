"""What is allowed is a matter of signed-in people alone, and every such operation is in the one table."""

from __future__ import annotations

from approvals_hub.api.caller import Caller
from approvals_hub.api.policy_routes import POLICIES
from approvals_hub.api.routes import ROUTES


def test_no_agent_and_no_stranger_says_what_is_allowed() -> None:
    assert {route.caller for route in POLICIES} == {Caller.PERSON}


def test_every_one_of_them_is_served() -> None:
    assert set(POLICIES) <= set(ROUTES)
