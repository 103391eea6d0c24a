"""Why an answer is not taken, for what its person answered before or how they are proven."""

from __future__ import annotations

from typing import Any

from approvals_hub.core.clock import SECOND
from approvals_hub.core.errors import Conflict, Forbidden, TooMany
from approvals_hub.core.row import Row
from approvals_hub.domain.assurance import Assurance, satisfies, shows_person
from approvals_hub.domain.requirement import CRITICAL, Requirement
from approvals_hub.escalations.escalation import Escalation


def answered_conflict(before: Row, escalation: Escalation | None = None) -> Conflict:
    """This person has answered, and that answer stands."""
    extra: dict[str, Any] = {"mine": {"decision_id": before["id"], "decision": before["decision"]}}
    if escalation is not None:
        extra["outcome"] = None if escalation.open else escalation.state
        extra["token_state"] = escalation.token_state
    return Conflict(
        "already_answered",
        f"you answered this question: {before['decision']}",
        next_step="Only an approval can still become a denial, until it is redeemed.",
        extra=extra,
    )


def too_soon(asked: Requirement, read_ms: int | None) -> TooMany | None:
    """An approval that comes before the question was on its person's screen for as long as it has to be.

    The hub counts from the first time that they looked, `read_ms` milliseconds ago; None where nobody knows.
    """
    left = asked.dwell * SECOND - (read_ms or 0)
    if asked.dwell == 0 or left <= 0:
        return None
    return TooMany(
        "answered_too_soon",
        f"this question has to be on your screen for {asked.dwell} seconds before an approval of it is taken",
        next_step="Read it, then send the same approval again as Retry-After says. Denying waits for nothing.",
        retry_after=-(-left // SECOND),
    )


def too_weak(asked: Requirement, found: Assurance) -> Forbidden:
    """The person is not proven as strongly as an approval of this question has to be."""
    ways = f", by {' or '.join(asked.methods)}" if asked.methods else ""
    if satisfies(found.acr, asked.min_assurance) and asked.risk == CRITICAL and not shows_person(found.methods):
        return Forbidden(
            "assurance_too_low",
            "the risk of this question is critical: a device's key alone, or a code by mail or SMS, approves it not",
            next_step="Approve with a passkey, or with a step-up that GET …/step-ups lists.",
        )
    return Forbidden(
        "assurance_too_low",
        f"this question asks for {asked.min_assurance}{ways}, and this is worth {found.acr}",
        next_step="Approve with a passkey, or with a step-up that GET …/step-ups lists.",
    )
