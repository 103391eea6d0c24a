"""From when until when each person is asked by a level or a hand-over."""

from __future__ import annotations

from datetime import date

from approvals_hub.routing.absence import Absence
from approvals_hub.routing.question import Facts, HandOver, Left, Question
from approvals_hub.routing.route import Level
from approvals_hub.routing.schedule import Layer, Override, Rotation, Schedule
from approvals_hub.routing.stints import Stint, of_hand_over, of_level
from tests.unit.routing.scenes import START, at, facts, level, question, seconds

SHIFT = Schedule(
    "shift",
    "UTC",
    (
        Layer(Rotation(("ada", "eve", "bo"), date(2026, 9, 21), 14, 1)),  # handed over at 14:14, 40 s after the opening
        Layer(Rotation(("cy",), date(2026, 9, 21), 0, 24)),
    ),
)
"""Hour 13 since 00:14 is Eve's (13 = 1 mod 3), hour 14 Bo's, hour 15 Ada's."""


def lines(found: tuple[Stint, ...]) -> list[tuple[str, float | None, float | None, int]]:
    return [(each.person, seconds(each.since), seconds(each.until), each.number) for each in found]


def stints(asked: Question, of: Level, known: Facts, moved: dict[str, int] | None = None) -> list[object]:
    return list(lines(of_level(asked, known, of, START, at(100), moved or {})))


def test_who_has_several_seats_is_asked_once() -> None:
    asked = question(groups={"team": ("bo", "ada"), "all": ("ada",)})
    assert stints(asked, level("ada", groups=("team", "all")), facts()) == [("ada", 0, 100, 0), ("bo", 0, 100, 0)]


def test_names_that_are_not_resolved_and_people_who_may_not_answer_are_passed_over() -> None:
    asked = question(groups={"team": ("eve", "mallory")})
    assert stints(asked, level("nobody", "eve", groups=("team", "gone"), schedules=("none",)), facts()) == []


def test_who_is_on_call_is_asked_from_shift_to_shift_and_who_may_not_answer_is_passed_over() -> None:
    asked = question(schedules={"shift": SHIFT})
    # Until 40 s Eve is on call, who is not asked here: the layer below stands for her.
    assert stints(asked, level(schedules=("shift",)), facts()) == [("cy", 0, 40, 0), ("bo", 40, 100, 0)]


def test_an_override_counts_from_when_it_was_recorded_and_only_among_frozen_people() -> None:
    asked = question(schedules={"shift": SHIFT})
    known = facts(overrides={"shift": (Override("di", at(0), at(90), at(60)), Override("eve", at(0), at(100), at(70)))})
    assert stints(asked, level(schedules=("shift",)), known) == [
        ("cy", 0, 40, 0),
        ("bo", 40, 60, 0),
        ("di", 60, 90, 0),
        ("bo", 90, 100, 1),
    ]


def test_who_is_on_call_and_has_handed_over_is_not_replaced_by_the_layer_below() -> None:
    asked = question(schedules={"shift": SHIFT})
    known = facts(hand_overs=(HandOver("bo", "di", at(50)),))
    assert stints(asked, level(schedules=("shift",)), known, {"bo": at(50)}) == [("cy", 0, 40, 0), ("bo", 40, 50, 0)]


def test_absences_move_a_seat_to_the_delegate_and_back() -> None:
    known = facts(absences=(Absence("ada", at(20), at(60), "eve"), Absence("eve", at(30), at(40), None)))
    assert stints(question(), level("ada"), known) == [
        ("ada", 0, 20, 0),
        ("eve", 20, 30, 0),
        ("eve", 40, 60, 1),
        ("ada", 60, 100, 1),
    ]


def test_who_stands_in_for_one_and_is_asked_anyway_has_one_stint() -> None:
    known = facts(absences=(Absence("ada", at(-10), at(60), "bo"),))
    found = of_level(question(), known, level("ada", "bo"), START, at(100), {})
    assert lines(found) == [("bo", 0, 100, 0), ("ada", 60, 100, 0)]


def test_who_is_gone_or_has_left_the_group_is_asked_no_more() -> None:
    asked = question(groups={"team": ("ada", "bo")})
    known = facts(gone={"ada": at(30)}, left=(Left("team", "bo", at(50)), Left("other", "bo", at(10))))
    assert stints(asked, level(groups=("team",)), known) == [("ada", 0, 30, 0), ("bo", 0, 50, 0)]


def test_who_has_left_one_group_is_still_asked_by_name() -> None:
    asked = question(groups={"team": ("ada",)})
    known = facts(left=(Left("team", "ada", at(50)),))
    assert stints(asked, level("ada", groups=("team",)), known) == [("ada", 0, 100, 0)]


def test_a_delegate_of_somebody_who_is_gone_is_asked_no_more() -> None:
    known = facts(absences=(Absence("ada", at(-10), at(90), "eve"),), gone={"ada": at(30)})
    assert stints(question(), level("ada"), known) == [("eve", 0, 30, 0)]


def test_a_hand_over_asks_the_other_or_who_stands_in_and_keeps_the_whole_chain() -> None:
    move = HandOver("ada", "bo", at(10))
    known = facts(absences=(Absence("bo", at(40), at(60), "eve"),))
    found = of_hand_over(question(), known, move, at(100), {"ada": at(10)})
    assert lines(found) == [("bo", 10, 40, 0), ("eve", 40, 60, 0), ("bo", 60, 100, 1)]
    assert [(link.person, link.how) for link in found[1].chain] == [
        ("ada", "named"),
        ("bo", "handed_over"),
        ("eve", "delegate"),
    ]


def test_who_hands_over_what_was_handed_to_them_is_asked_no_more() -> None:
    move = HandOver("ada", "bo", at(10))
    found = of_hand_over(
        question(), facts(hand_overs=(move, HandOver("bo", "cy", at(30)))), move, at(100), {"bo": at(30)}
    )
    assert lines(found) == [("bo", 10, 30, 0)]
