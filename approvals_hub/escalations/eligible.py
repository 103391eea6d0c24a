"""Whether somebody may answer a question now. Pure."""

from __future__ import annotations

from approvals_hub.core.errors import Conflict, Forbidden, HubError
from approvals_hub.escalations.place import Place


def refuse_unasked(place: Place, stage: int, *, approves: bool = False) -> HubError | None:
    """Why an answer from this place would not be taken, an approval where `approves`; None where it would.

    `stage` says how many stages are complete. Forbidden for whoever is not among the frozen people, does not count any
    more, and stands in for none of them, and for the approval of somebody who can only stop the question; Conflict for
    people of a stage that has not begun. These may read it, to be ready; who shall be able to stop it from the
    beginning is given a veto.
    """
    asked, seats = place.asked, place.seats()
    if not seats or (approves and place.before):
        return not_eligible()
    if seats.isdisjoint(asked.asked_at(stage)):
        return stage_not_open()
    if not approves or not seats.isdisjoint(asked.voters_at(stage)):
        return None
    return veto_only() if seats.isdisjoint(asked.voters()) else stage_not_open()


def asked_later(place: Place, stage: int) -> bool:
    """Whether a stage that has not begun asks them."""
    asked = place.asked
    return not place.seats().isdisjoint(asked.voters() - asked.voters_at(stage))


def not_eligible() -> Forbidden:
    """Readable, but this question is not this person's to answer."""
    return Forbidden(
        "not_eligible",
        "you are not among the people who may answer this question",
        next_step="Leave it to them; an admin can change who answers future questions.",
    )


def stands_in_only() -> Forbidden:
    """They may answer in somebody's place, and that person alone says who else is told of it."""
    return Forbidden(
        "not_eligible",
        "you answer this question in somebody's place, and only they can hand it over",
        next_step="Answer it in their place, or leave it to the others who are asked.",
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
