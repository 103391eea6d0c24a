"""Who asks people something: an agent, or the hub itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from approvals_hub.escalations.escalation import HUB


class Requester(Protocol):
    """Who asks: an agent, or the hub itself."""

    @property
    def org_id(self) -> str:
        """Whose people are asked."""

    @property
    def agent_id(self) -> str:
        """The agent, or `HUB`."""

    @property
    def trust(self) -> str:
        """How it proved itself."""


@dataclass(frozen=True, slots=True)
class HubAsks:
    """The hub as requester, in one organisation."""

    org_id: str
    agent_id: str = HUB
    trust: str = HUB
