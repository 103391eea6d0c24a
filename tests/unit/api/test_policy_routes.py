"""What is allowed is a matter of signed-in people alone, and every such operation is in the one table."""

from __future__ import annotations

from approvals_hub.api.caller import Caller
from approvals_hub.api.policy_routes import POLICIES
from approvals_hub.api.routes import ROUTES


def test_no_agent_and_no_stranger_says_what_is_allowed() -> None:
    governed = {route for route in POLICIES if "{org}" in route.path}
    assert {route.caller for route in governed} == {Caller.PERSON}
    # What an agent proposes is in force once people have signed for it; signals are set by monitors that people named.
    assert {route.path.partition("/{")[0] for route in set(POLICIES) - governed} == {
        "/v1/agent/policy-drafts",
        "/v1/agent/signals",
    }


def test_every_one_of_them_is_served() -> None:
    assert set(POLICIES) <= set(ROUTES)
