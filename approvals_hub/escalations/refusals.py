"""Refusals that several use cases of escalations share."""

from __future__ import annotations

from approvals_hub.core.clock import to_text
from approvals_hub.core.errors import Conflict, Invalid, NotFound
from approvals_hub.escalations.escalation import Escalation

REASON_LIMIT = 1000
"""Characters of free text."""
REASON_LEAST = 10
"""Characters of a reason that is demanded, spaces at its ends aside."""


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


def mismatch(field: str) -> Invalid:
    """The statement says something else than the question it answers."""
    return Invalid(
        "statement_mismatch",
        f"the statement's {field} is not the one of this question",
        next_step="Open the question again and sign what it shows now.",
        field=f"$.statement.{field}",
    )


def nonce_refused(code: str, detail: str) -> Invalid:
    """The nonce is none that can be used."""
    return Invalid(code, detail, next_step="Open the question again and sign anew.", field="$.statement.nonce")


def number_missing(digits: int) -> Invalid:
    """An approval of this question carries the number that the asker's screen shows."""
    return Invalid(
        "number_missing",
        f"an approval of this question carries the {digits} digits that the asker's screen shows",
        next_step="Type them as they are shown where the request was started. Denying needs none.",
        field="$.statement.match_code",
    )


def reason_missing() -> Invalid:
    """An approval of this question says why."""
    return Invalid(
        "reason_required",
        f"an approval of this question carries a reason of {REASON_LEAST} to {REASON_LIMIT} characters",
        next_step="Say in your own words why it may happen, and sign that with the approval. Denying needs none.",
        field="$.reason",
    )
