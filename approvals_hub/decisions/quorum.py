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

    `methods` are the ways in which they proved who they are; `stage` says how many stages were complete then;
    `stands_in` are those who were asked and in whose places it was given, as far as that holds.
    """

    person_id: str
    decision: str
    acr: str
    counts: bool = True
    methods: tuple[str, ...] = ()
    stage: int = 0
    stands_in: tuple[str, ...] = ()

    @property
    def seats(self) -> tuple[str, ...]:
        """On whose seats it can sit."""
        return (*self.stands_in, self.person_id)


class Approvals(msgspec.Struct, frozen=True):
    """Seats that somebody said yes on. Whoever signed for several counts once all the same."""

    given: dict[str, int]
    """Whose seat → how many stages were complete when it was approved."""
    signed_by: dict[str, str]
    """Whose seat → who signed."""

    def signers(self) -> set[str]:
        """Whose signatures these are."""
        return set(self.signed_by.values())


class Verdict(Enum):
    """What follows from the votes."""

    WAITING = auto()
    APPROVED = auto()
    DENIED = auto()
    NOT_ME = auto()


def verdict(requirement: Requirement, votes: Iterable[Vote], *, frozen: Requirement | None = None) -> Verdict:
    """A denial by whoever may stop the question ends it, and so does one that leaves too few people; a denial in
    somebody's place is as good as theirs. Approval needs the right people, each of them sure enough, in the right
    order. When it takes effect is not said here: see `Requirement.wait`.

    `requirement` is without those who stopped counting, `frozen` with them: that somebody left may be why a question
    cannot be approved, but ends none.
    """
    asked = [vote for vote in votes if vote.counts and not set(vote.seats).isdisjoint(requirement.people)]
    if any(vote.decision == NOT_ME for vote in asked):
        return Verdict.NOT_ME
    against = {seat for vote in asked if vote.decision == DENY for seat in vote.seats if seat in requirement.people}
    if any(requirement.may_stop(person) for person in against):
        return Verdict.DENIED
    found = approvals(requirement, asked)
    if requirement.approved_by(found.given, found.signed_by):
        return Verdict.APPROVED
    return Verdict.DENIED if against and not _reachable(frozen or requirement, against) else Verdict.WAITING


def approvals(requirement: Requirement, votes: Iterable[Vote]) -> Approvals:
    """On which seats somebody said yes and nobody no, each with the one whose signature counts there: the person's own
    before those of delegates, and of these the last one's. `votes` are in the order in which they were given."""
    counted = [vote for vote in votes if vote.counts]
    refused = {seat for vote in counted if vote.decision != APPROVE for seat in vote.seats}
    yes = [vote for vote in counted if vote.decision == APPROVE and requirement.satisfied_by(vote.acr, vote.methods)]
    last = {seat: vote for vote in yes for seat in vote.stands_in} | {vote.person_id: vote for vote in yes}
    seats = requirement.voters() - refused
    found = {seat: vote for seat, vote in last.items() if seat in seats}
    return Approvals(
        {seat: vote.stage for seat, vote in found.items()}, {seat: vote.person_id for seat, vote in found.items()}
    )


def _reachable(requirement: Requirement, against: set[str]) -> bool:
    """Whether everybody but those could make it up: who is away now may be back in time.

    It depends on denials alone, so that nobody's approval is ever what ends a question as denied.
    """
    return requirement.could_be_approved_by(requirement.voters() - against)
