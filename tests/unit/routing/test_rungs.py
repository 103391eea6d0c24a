"""When each level begins, and which hand-over belongs to which level."""

from __future__ import annotations

import pytest

from approvals_hub.routing.question import Facts, HandOver, Question
from approvals_hub.routing.receipts import Receipts
from approvals_hub.routing.route import KEEP_WAITING
from approvals_hub.routing.rungs import Ascent, ascent
from tests.unit.routing.scenes import at, facts, level, phones, question, seconds


def rise(asked: Question, known: Facts, now: float = 3600) -> Ascent:
    return ascent(asked, known, Receipts(known), at(now))


def starts(asked: Question, known: Facts) -> list[float | None]:
    return [seconds(start) for start in rise(asked, known).starts]


THREE = question(level("ada", next_after=40), level("bo", next_after=300), level("cy", next_after=100))


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (facts(), [0, 40, 100]),  # 40: time over; 100: Bo's only address had its 60 s
        (facts(contacts=phones("ada", "cy")), [0, 40, 40]),  # Bo cannot be told: his level is used up as it begins
        (facts(contacts=()), [0, 0, 0]),
        (facts(life=40), [0]),  # the question is over as the second level would begin
        (facts(life=41), [0, 40]),
        (facts(answered={"ada": at(7)}), [0, 7, 67]),
    ],
)
def test_levels_begin_at(known: Facts, expected: list[float]) -> None:
    assert starts(THREE, known) == expected


def test_the_last_level_is_not_cut_short_when_nobody_can_be_told() -> None:
    assert seconds(rise(THREE, facts(contacts=())).end_at) == 100


def test_a_route_that_keeps_waiting_ends_with_the_question() -> None:
    asked = question(level("ada", next_after=40), level("bo", next_after=None), then=KEEP_WAITING)
    assert seconds(rise(asked, facts(life=999)).end_at) == 999


def test_nothing_behind_the_next_begin_of_a_level_is_worked_out() -> None:
    found = rise(THREE, facts(), now=10)
    assert ([seconds(start) for start in found.starts], len(found.rungs)) == ([0, 40], 1)


@pytest.mark.parametrize(("when", "number"), [(0, 1), (39, 1), (40, 2), (41, 2)])
def test_a_hand_over_belongs_to_the_level_in_which_it_comes_and_to_no_other(when: float, number: int) -> None:
    found = rise(THREE, facts(hand_overs=(HandOver("di", "cy", at(when)),)))
    assert [rung.level for rung in found.rungs if "hand-over" in rung.key] == [number]


def test_a_level_waits_for_those_to_whom_it_was_handed_over() -> None:
    known = facts(hand_overs=(HandOver("bo", "di", at(90)),))
    assert starts(THREE, known) == [0, 40, 150]  # Di has 60 s from 90 on


def test_handing_over_to_somebody_who_cannot_be_told_lets_the_next_level_begin() -> None:
    known = facts(contacts=phones("ada", "bo", "cy"), hand_overs=(HandOver("bo", "di", at(90)),))
    assert starts(THREE, known) == [0, 40, 90]
