"""Refusals that several use cases of escalations share."""

from __future__ import annotations

from approvals_hub.audit.event import Event
from approvals_hub.core.clock import to_text
from approvals_hub.core.errors import Conflict, HubError, NotFound
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.people.acting import Acting


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


def refused_request(what: str, refusal: HubError, by: Acting, escalation: Escalation | None, now: int) -> Event:
    """The audit event of a request that came to nothing. An id that no question of this organisation has is left out:

    it may be any text.
    """
    known = escalation if escalation is not None and escalation.org_id == by.org_id else None
    return Event(
        kind="request.refused",
        org_id=by.org_id,
        at=now,
        actor_type=by.actor_type,
        actor_id=by.actor_id,
        agent_id=None if known is None else known.agent_id,
        escalation_id=None if known is None else known.id,
        decision=refusal.code,
        detail={"request": what, "field": refusal.field},
    )
