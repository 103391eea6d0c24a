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

    `methods` are the ways in which they proved who they are.
    """

    person_id: str
    decision: str
    acr: str
    counts: bool = True
    methods: tuple[str, ...] = ()


class Verdict(Enum):
    """What follows from the votes."""

    WAITING = auto()
    APPROVED = auto()
    DENIED = auto()
    NOT_ME = auto()


def verdict(requirement: Requirement, votes: Iterable[Vote]) -> Verdict:
    """One refusal by anybody who was asked ends the question; approval needs enough different people, sure enough."""
    asked = [vote for vote in votes if vote.counts and vote.person_id in requirement.people]
    if any(vote.decision == NOT_ME for vote in asked):
        return Verdict.NOT_ME
    if any(vote.decision == DENY for vote in asked):
        return Verdict.DENIED
    yes = {
        vote.person_id
        for vote in asked
        if vote.decision == APPROVE and requirement.satisfied_by(vote.acr, vote.methods)
    }
    return Verdict.APPROVED if len(yes) >= requirement.approvals else Verdict.WAITING
