"""What the audit log says of a request that came to nothing."""

from __future__ import annotations

from approvals_hub.audit.event import Event
from approvals_hub.core.errors import HubError
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.people.acting import Acting


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
