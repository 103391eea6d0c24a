"""What agents and people of a life keep, and bring again later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from approvals_hub.escalations.escalate import Asking


@dataclass(frozen=True)
class Asked:
    """A question as its agent keeps it."""

    id: str
    agent: str
    sent: Asking
    salt: str
    code: str | None = None
    """The number on the agent's screen."""


@dataclass(frozen=True)
class Looked:
    """A statement that somebody may sign and send, now or much later."""

    question: str
    person: str
    device: str
    statement: dict[str, Any]
    issued: int
