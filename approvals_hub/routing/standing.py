"""Who stands where at an instant: who may answer, and through whom."""

from __future__ import annotations

from approvals_hub.routing.absence import NAMED, Chain, Link, stand_in
from approvals_hub.routing.question import Facts, Question


def may_answer(question: Question, facts: Facts, person: str, at: int) -> Chain | None:
    """The chain by which a person may answer at an instant, or None.

    Frozen people may, also while they are away or have handed over; others as long as they stand in for one of them.
    Who does not count any more never may, and nobody through them.
    """
    if _is_gone(facts, person, at):
        return None
    if person in question.people:
        return (Link(person, NAMED),)
    chains = (occupant(question, facts, asked, at) for asked in question.people)
    found = [chain for chain in chains if chain is not None and chain[-1].person == person]
    return min(found, key=len, default=None)


def occupant(question: Question, facts: Facts, person: str, at: int) -> Chain | None:
    """The chain from one of the frozen people to whoever is told in their place at an instant.

    None where the person is not among them, and where anybody on the way does not count any more.
    """
    if person not in question.people:
        return None
    chain = stand_in(person, facts.absences, at, may_stand_in=question.may_stand_in, barred=question.barred)
    if chain is None or any(_is_gone(facts, link.person, at) for link in chain):
        return None
    return chain


def _is_gone(facts: Facts, person: str, at: int) -> bool:
    return person in facts.gone and facts.gone[person] <= at
