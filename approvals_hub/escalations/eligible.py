"""Whether somebody may answer a question now. Pure."""

from __future__ import annotations

from approvals_hub.core.errors import Conflict, Forbidden, HubError
from approvals_hub.escalations.escalation import Escalation


def refuse_unasked(escalation: Escalation, person_id: str, *, approves: bool = False) -> HubError | None:
    """Why this person's answer would not be taken, an approval where `approves`; None where it would.

    Forbidden for whoever is not among the frozen people, and for the approval of somebody who can only stop the
    question; Conflict for people of a stage that has not begun. These may read it, to be ready; who shall be able to
    stop it from the beginning is given a veto.
    """
    asked = escalation.asked()
    if person_id not in asked.people:
        return not_eligible()
    if person_id not in asked.asked_at(escalation.stage):
        return stage_not_open()
    if not approves or person_id in asked.voters_at(escalation.stage):
        return None
    return stage_not_open() if person_id in asked.voters() else veto_only()


def asked_later(escalation: Escalation) -> frozenset[str]:
    """Who is asked by a stage that has not begun."""
    asked = escalation.asked()
    return asked.voters() - asked.voters_at(escalation.stage)


def not_eligible() -> Forbidden:
    """Readable, but this question is not this person's to answer."""
    return Forbidden(
        "not_eligible",
        "you are not among the people who may answer this question",
        next_step="Leave it to them; an admin can change who answers future questions.",
    )


def stage_not_open() -> Conflict:
    """Theirs to answer, later."""
    return Conflict(
        "stage_not_open",
        "others are to approve this question before you are asked",
        next_step="Wait: it comes into your inbox when their stage is complete.",
    )


def veto_only() -> Forbidden:
    """They may stop the question, and their approval is not wanted."""
    return Forbidden(
        "veto_only",
        "you may stop this question, but an approval of yours does not count",
        next_step="Deny it if it must not happen; otherwise there is nothing to do.",
    )
