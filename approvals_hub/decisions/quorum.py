"""What the votes on a question amount to. Pure: votes in, verdict out; silence is never a yes."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto

import msgspec

from approvals_hub.domain.requirement import Requirement

APPROVE = "approve"
DENY = "deny"
NOT_ME = "not_me"


class Vote(msgspec.Struct, frozen=True):
    """One person's present answer. `counts` is False where the person or the device does not count any more.

    `methods` are the ways in which they proved who they are; `stage` says how many stages were complete then.
    """

    person_id: str
    decision: str
    acr: str
    counts: bool = True
    methods: tuple[str, ...] = ()
    stage: int = 0


class Verdict(Enum):
    """What follows from the votes."""

    WAITING = auto()
    APPROVED = auto()
    DENIED = auto()
    NOT_ME = auto()


def verdict(requirement: Requirement, votes: Iterable[Vote]) -> Verdict:
    """A denial by whoever may stop the question ends it, and so does one that leaves too few people.

    Approval needs the right people, each of them sure enough, in the right order. When it takes effect is not said
    here: see `Requirement.wait`.
    """
    asked = [vote for vote in votes if vote.counts and vote.person_id in requirement.people]
    if any(vote.decision == NOT_ME for vote in asked):
        return Verdict.NOT_ME
    against = {vote.person_id for vote in asked if vote.decision == DENY}
    if any(requirement.may_stop(person) for person in against):
        return Verdict.DENIED
    if requirement.approved_by(approvals(requirement, asked)):
        return Verdict.APPROVED
    return Verdict.DENIED if against and not _reachable(requirement, against) else Verdict.WAITING


def approvals(requirement: Requirement, votes: Iterable[Vote]) -> dict[str, int]:
    """Whose approvals count, each once, with the number of stages that were complete when they gave it."""
    voters = requirement.voters()
    return {
        vote.person_id: vote.stage
        for vote in votes
        if vote.counts
        and vote.decision == APPROVE
        and vote.person_id in voters
        and requirement.satisfied_by(vote.acr, vote.methods)
    }


def _reachable(requirement: Requirement, against: set[str]) -> bool:
    """Whether everybody but those could make it up: who is away now may be back in time.

    It depends on denials alone, so that nobody's approval is ever what ends a question as denied.
    """
    return requirement.could_be_approved_by(requirement.voters() - against)
