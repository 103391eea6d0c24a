"""The hub asks like an agent does."""

from __future__ import annotations

from approvals_hub.escalations.escalation import HUB
from approvals_hub.escalations.requester import HubAsks, Requester


def test_the_hub_asks_in_its_own_name_and_vouches_for_itself() -> None:
    asks: Requester = HubAsks("org_1")
    assert (asks.org_id, asks.agent_id, asks.trust) == ("org_1", HUB, HUB)
