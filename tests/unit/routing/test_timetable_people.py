"""Who is told: quiet hours, absences, hand-overs, groups and shifts, seen from the timetable."""

from __future__ import annotations

from datetime import date

from approvals_hub.routing.absence import DELEGATE, HANDED_OVER, NAMED, Absence, Link
from approvals_hub.routing.hours import Hours, Span
from approvals_hub.routing.question import HandOver, Left, Receipt
from approvals_hub.routing.route import KEEP_WAITING, Repeat
from approvals_hub.routing.schedule import Layer, Rotation, Schedule
from approvals_hub.routing.timetable import UNREACHABLE, answer
from tests.unit.routing.scenes import START, at, facts, last, level, question, seconds, told

SLEEP = Hours("UTC", (Span((0,), 14 * 60, 15 * 60),))
"""Quiet until 15:00 of the Monday on which questions open at 14:13:20: for 2800 seconds."""


def test_a_shift_behind_hand_overs_that_change_nothing_is_not_overlooked() -> None:
    # Bo is on call and asked by name, Cy after an hour as well: only the third turn asks somebody new.
    turns = Rotation(("bo", "cy", "di"), date(2026, 9, 21), 14 * 60, 1)
    shifts = {"shift": Schedule("shift", "UTC", (Layer(turns),))}
    asked = question(level("bo", "cy", schedules=("shift",), next_after=None), then=KEEP_WAITING, schedules=shifts)
    known = facts(life=4 * 3600)
    begin = 2 * 3600 - 13 * 60 - 20  # 16:00
    assert told(asked, known, 3600) == [(0, "bo:push", "first"), (0, "cy:push", "first")]
    assert seconds(answer(asked, known, at(600)).next_at) == begin
    assert told(asked, known, begin)[2:] == [(begin, "di:push", "first")]


def test_quiet_hours_hold_a_telling_back_and_the_next_level_does_not_wait_for_them() -> None:
    asked = question(level("ada"), level("bo"), then=KEEP_WAITING, quiet={"ada": SLEEP})
    assert told(asked, facts(), 3000) == [(0, "bo:push", "first"), (2800, "ada:push", "first")]


def test_quiet_hours_do_not_count_for_what_a_policy_calls_urgent() -> None:
    asked = question(level("ada"), level("bo"), then=KEEP_WAITING, quiet={"ada": SLEEP}, urgent=True)
    assert told(asked, facts(), 10) == [(0, "ada:push", "first")]


def test_while_everybody_sleeps_it_is_unreachable_and_it_says_when_that_changes() -> None:
    asked = question(level("ada"), quiet={"ada": SLEEP}, then=KEEP_WAITING)
    found = answer(asked, facts(), START)
    assert (found.reach, seconds(found.next_at)) == (UNREACHABLE, 2800)


def test_an_absent_persons_delegate_is_told_and_the_chain_says_for_whom() -> None:
    known = facts(absences=(Absence("ada", at(-10), at(3600), "eve"),))
    found = last(answer(question(level("ada")), known, START))
    assert (found.person, found.chain) == ("eve", (Link("ada", NAMED), Link("eve", DELEGATE)))


def test_an_absence_that_begins_while_somebody_is_asked_moves_the_question_on() -> None:
    known = facts(absences=(Absence("ada", at(30), at(90), "bo"),))
    asked = question(level("ada", repeat=Repeat(300, 1)), then=KEEP_WAITING)
    assert told(asked, known, 200) == [(0, "ada:push", "first"), (30, "bo:push", "first"), (90, "ada:push", "first")]


def test_a_hand_over_tells_the_other_at_once_and_the_first_one_no_more() -> None:
    known = facts(hand_overs=(HandOver("ada", "bo", at(20)),))
    asked = question(level("ada", repeat=Repeat(100, 2)), level("cy"))
    assert told(asked, known, 590)[:3] == [
        (0, "ada:push", "first"),
        (20, "bo:push", "first"),
        (120, "bo:push", "repeat"),
    ]
    found = answer(asked, known, at(20))
    assert (found.level, found.asked) == (1, {"bo": (Link("ada", NAMED), Link("bo", HANDED_OVER))})


def test_who_has_seen_the_question_is_told_again_when_it_is_handed_over_to_them() -> None:
    asked = question(level("ada", "bo"))
    known = facts(hand_overs=(HandOver("ada", "bo", at(20)),), receipts=(Receipt("bo", "opened", at(5)),))
    assert told(asked, known, 30)[-1] == (20, "bo:push", "first")


def test_a_hand_over_that_is_not_allowed_leaves_everybody_asked_as_before() -> None:
    asked = question(level("ada"))
    for wrong in (HandOver("ada", "eve", at(5)), HandOver("ada", "owner", at(5)), HandOver("eve", "bo", at(5))):
        known = facts(hand_overs=(wrong,))
        assert answer(asked, known, at(9)) == answer(asked, facts(), at(9))


def test_who_joined_a_group_later_is_not_told_and_who_left_it_is_told_no_more() -> None:
    asked = question(level(groups=("team",), repeat=Repeat(100, 3)), groups={"team": ("ada", "eve")})
    known = facts(left=(Left("team", "ada", at(150)),))
    assert told(asked, known, 590) == [(0, "ada:push", "first"), (100, "ada:push", "repeat")]
