"""Who may hand a question over to whom: within the frozen people, once each, never to who is behind the question."""

from __future__ import annotations

from itertools import permutations

import msgspec
import pytest

from approvals_hub.core.errors import Conflict, Forbidden
from approvals_hub.routing.absence import Absence
from approvals_hub.routing.hand_over import accepted, check_hand_over
from approvals_hub.routing.question import Facts, HandOver
from tests.unit.routing.scenes import PEOPLE, at, facts, level, question

ASKED = question(level("ada"), people=(*PEOPLE, "owner"))
MOVE = HandOver("ada", "bo", at(50))


def away(person: str, delegate: str | None) -> Absence:
    return Absence(person, at(0), at(99), delegate)


@pytest.mark.parametrize(
    ("known", "move", "code"),
    [
        (facts(), HandOver("eve", "bo", at(50)), "not_asked"),  # somebody who was never asked
        (facts(gone={"ada": at(50)}), MOVE, "not_asked"),
        (facts(answered={"ada": at(9)}), MOVE, "already_answered"),
        (facts(hand_overs=(HandOver("ada", "cy", at(9)),)), MOVE, "already_handed_over"),
        (facts(), HandOver("ada", "ada", at(50)), "hand_over_to_oneself"),
        (facts(), HandOver("ada", "eve", at(50)), "not_asked_from_the_start"),
        (facts(), HandOver("ada", "owner", at(50)), "asks_themselves"),  # frozen, and behind the question
        (facts(gone={"bo": at(50)}), MOVE, "counts_no_more"),
        (facts(answered={"bo": at(9)}), MOVE, "has_answered"),
        (facts(hand_overs=(HandOver("bo", "cy", at(9)),)), MOVE, "has_handed_over"),  # back to who said "not mine"
        (facts(absences=(away("bo", None),)), MOVE, "is_away"),
        (facts(absences=(away("bo", "owner"),)), MOVE, "is_away"),
    ],
)
def test_a_hand_over_is_refused_when(known: Facts, move: HandOver, code: str) -> None:
    with pytest.raises((Conflict, Forbidden)) as caught:
        check_hand_over(ASKED, known, move)
    assert caught.value.code == code
    stored = msgspec.structs.replace(known, hand_overs=(*known.hand_overs, move))
    assert accepted(ASKED, stored) == known.hand_overs


@pytest.mark.parametrize(
    "known",
    [
        facts(),
        facts(absences=(away("bo", "eve"),)),  # their delegate is told
        facts(absences=(away("ada", "eve"),)),  # who is away may still say whose it is
        facts(gone={"bo": at(51)}),
        facts(hand_overs=(HandOver("cy", "ada", at(9)),)),  # handed over to ada before
    ],
)
def test_a_hand_over_is_taken_when(known: Facts) -> None:
    assert check_hand_over(ASKED, known, MOVE) is MOVE


def test_a_delegate_may_hand_over_while_they_stand_in() -> None:
    known, move = facts(absences=(away("ada", "eve"),)), HandOver("eve", "bo", at(50))
    assert check_hand_over(ASKED, known, move) is move


def test_an_answer_that_came_later_makes_no_hand_over_before_it_wrong() -> None:
    assert accepted(ASKED, facts(hand_overs=(MOVE,), answered={"ada": at(60), "bo": at(61)})) == (MOVE,)


def test_passing_a_question_round_comes_to_an_end_in_whatever_order_it_is_stored() -> None:
    ring = [
        HandOver(*pair, at(10 * n))
        for n, pair in enumerate((("ada", "bo"), ("bo", "cy"), ("cy", "ada"), ("cy", "di")), 1)
    ]
    for order in permutations(ring):
        assert accepted(ASKED, facts(hand_overs=order)) == (ring[0], ring[1], ring[3])


def test_of_two_who_hand_over_to_each_other_in_one_instant_one_stays_asked() -> None:
    both = (HandOver("bo", "ada", at(50)), MOVE)
    assert accepted(ASKED, facts(hand_overs=both)) == accepted(ASKED, facts(hand_overs=both[::-1])) == (MOVE,)
