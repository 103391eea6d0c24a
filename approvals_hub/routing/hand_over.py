""" "Not mine, ask X": who may hand a question over to whom.

It moves the *telling*, within the frozen people. Whoever hands over may still answer, and the other may not answer more
than before. Each person hands over once, and never to somebody who has: so a question is not passed around for ever.
"""

from __future__ import annotations

import msgspec

from approvals_hub.core.errors import Conflict, Forbidden, HubError
from approvals_hub.routing.absence import stand_in
from approvals_hub.routing.question import Facts, HandOver, Question
from approvals_hub.routing.standing import may_answer


def check_hand_over(question: Question, facts: Facts, new: HandOver) -> HandOver:
    """The hand-over, if it is allowed beside those of `facts`.

    Raises Forbidden where this person is not asked at that instant; Conflict where they answered or handed over
    before, and where the other is not among the frozen people, is the asker's owner or the requester, does not count
    any more, has answered, has handed over, or is away with nobody who stands in.
    """
    if may_answer(question, facts, new.person, new.at) is None:
        raise Forbidden("not_asked", "this question is not yours to hand over", next_step="Leave it to those asked.")
    before = {each.person for each in facts.hand_overs}
    refusals = (
        ("already_answered", new.person in facts.answered, "you have answered this question"),
        ("already_handed_over", new.person in before, "you have handed this question over before"),
        ("hand_over_to_oneself", new.to == new.person, "that is you"),
        ("not_asked_from_the_start", new.to not in question.people, "only people who were asked can be named"),
        ("asks_themselves", new.to in question.barred, "they are behind this question: the asker's owner or requester"),
        ("counts_no_more", _is_over(facts.gone, new.to, new.at), "they may not answer any more"),
        ("has_answered", new.to in facts.answered, "they have answered this question"),
        ("has_handed_over", new.to in before, "they have handed this question over themselves"),
        ("is_away", _is_away(question, facts, new.to, new.at), "they are away and nobody stands in for them"),
    )
    for code, holds, why in refusals:
        if holds:
            raise Conflict(code, f"it cannot be handed over: {why}", next_step="Answer it, or name somebody else.")
    return new


def accepted(question: Question, facts: Facts) -> tuple[HandOver, ...]:
    """Those hand-overs of `facts` that were allowed when they came, in order. The others change nothing, so that
    whoever was asked stays asked."""
    kept: tuple[HandOver, ...] = ()
    for each in sorted(facts.hand_overs, key=lambda each: (each.at, each.person, each.to)):
        try:
            kept = (*kept, check_hand_over(question, _as_of(facts, kept, each.at), each))
        except HubError:
            continue
    return kept


def _as_of(facts: Facts, kept: tuple[HandOver, ...], at: int) -> Facts:
    """The facts at the instant of a hand-over: an answer that came later is no reason against it."""
    answered = {person: when for person, when in facts.answered.items() if when < at}
    return msgspec.structs.replace(facts, hand_overs=kept, answered=answered)


def _is_over(instants: dict[str, int], person: str, at: int) -> bool:
    return person in instants and instants[person] <= at


def _is_away(question: Question, facts: Facts, person: str, at: int) -> bool:
    chain = stand_in(person, facts.absences, at, may_stand_in=question.may_stand_in, barred=question.barred)
    return chain is None
