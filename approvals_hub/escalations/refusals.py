"""Refusals that several use cases of escalations share."""

from __future__ import annotations

from approvals_hub.core.clock import to_text
from approvals_hub.core.errors import Conflict, NotFound
from approvals_hub.escalations.escalation import Escalation


def unknown() -> NotFound:
    """It does not exist, or belongs to somebody else: the same answer."""
    return NotFound(
        "escalation_unknown", "there is no such escalation", next_step="Check the id that the hub returned."
    )


def ended_conflict(escalation: Escalation) -> Conflict:
    """The question has its outcome; that one stands."""
    return Conflict(
        "escalation_ended",
        f"this escalation has ended: {escalation.state}",
        next_step="Nothing can change this outcome. Ask anew if it is still wanted.",
        extra={
            "outcome": escalation.state,
            "by": escalation.ended_by,
            "cause": escalation.cause,
            "ended_at": None if escalation.ended_at is None else to_text(escalation.ended_at),
            "token_state": escalation.token_state,
        },
    )
