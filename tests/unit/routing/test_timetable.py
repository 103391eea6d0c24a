"""Who is told now, by what, when next, whether anybody is reached, and how it ends: tables and a whole ladder."""

from __future__ import annotations

import msgspec
import pytest

from approvals_hub.core.clock import SECOND
from approvals_hub.routing.question import Contact, Facts, Question, Receipt
from approvals_hub.routing.route import DENY, EXPIRE, KEEP_WAITING, Remind, Repeat
from approvals_hub.routing.timetable import REACHED, TRYING, UNREACHABLE, End, answer
from tests.unit.routing.scenes import (
    START,
    at,
    facts,
    last,
    level,
    phones,
    question,
    receipt,
    seconds,
    steps,
    told,
    with_receipts,
)
from tests.unit.routing.world import Watch, every_second, from_change_to_change


def ladder(then: str = DENY) -> Question:
    """Three levels: Ada by push and SMS with repeats, then two people with reminders, then the last resort."""
    return question(
        level("ada", channels=steps("push", ("sms", 60)), ack_within=60, repeat=Repeat(200, 1), next_after=300),
        level("bo", "cy", open_within=120, remind=Remind(90, 2), next_after=600),
        level("di", channels=steps("mail"), next_after=None if then == KEEP_WAITING else 400),
        then=then,
    )


def ladder_facts(life: float = 3600) -> Facts:
    """Everybody has push, SMS and mail."""
    return facts(life=life, contacts=phones("ada", "bo", "cy", "di", channels=("push", "sms", "mail")))


def test_a_ladder_of_three_levels_nobody_of_whom_reacts() -> None:
    asked, known = ladder(), ladder_facts()
    assert told(asked, known, 3600) == [
        (0, "ada:push", "first"),
        (60, "ada:sms", "fallback"),  # no acknowledgement for 60 s
        (200, "ada:push", "repeat"),  # 200 s after the first round began
        (260, "ada:sms", "fallback"),
        (300, "bo:push", "first"),  # the level's time is over
        (300, "cy:push", "first"),
        (360, "di:mail", "first"),  # 60 s later both had their only address tried: the level is used up
    ]
    end = answer(asked, known, at(760)).end
    assert end == End(at(760), "denied", "route_ended")  # 360 + 400


def test_a_ladder_of_three_levels_is_watched_under_a_virtual_clock() -> None:
    devices = {
        "ada:push": (None, 5, None),  # fails after 5 s
        "ada:sms": (2, None, None),  # arrives after 2 s, and is not opened
        "bo:push": (1, None, 30),  # opened after 30 s, and not answered
        "di:mail": (None, None, 100),
    }
    slow, quick = Watch(ladder(), ladder_facts(), devices), Watch(ladder(), ladder_facts(), devices)
    assert every_second(slow) == from_change_to_change(quick)
    assert [((t.at - START) / SECOND, t.contact, t.reason) for t in quick.told.values()] == [
        (0, "ada:push", "first"),
        (5, "ada:sms", "fallback"),  # at once: the push has failed
        (200, "ada:push", "repeat"),  # SMS arrived at 7 and had 180 s until 187
        (205, "ada:sms", "fallback"),
        (300, "bo:push", "first"),
        (300, "cy:push", "first"),
        (420, "bo:push", "remind"),  # opened at 330
        (510, "bo:push", "remind"),
        (600, "di:mail", "first"),  # 510 + 90: the last reminder brought nothing
    ]
    assert slow.told == quick.told


@pytest.mark.parametrize(
    ("then", "life", "end"),
    [
        (DENY, 3600, End(at(760), "denied", "route_ended")),
        (DENY, 700, End(at(700), "expired_unseen", "time_over")),  # the question's time is shorter than its route
        (EXPIRE, 3600, End(at(760), "expired_unseen", "route_ended")),
        (KEEP_WAITING, 3600, End(at(3600), "expired_unseen", "time_over")),
    ],
)
def test_after_the_last_level_comes_what_the_route_says(then: str, life: float, end: End) -> None:
    asked, known = ladder(then), ladder_facts(life)
    assert answer(asked, known, end.at - 1).end is None
    assert answer(asked, known, end.at - 1).next_at == end.at
    assert answer(asked, known, end.at).end == end
    assert answer(asked, known, end.at).next_at is None


@pytest.mark.parametrize(
    ("kinds", "outcome"),
    [
        ((), "expired_unseen"),  # on its way as far as anybody knows
        (("delivered",), "expired_unseen"),
        (("opened",), "expired_seen"),
        (("failed",), "undeliverable"),
        (("failed", "delivered"), "expired_unseen"),  # in the same instant: it did arrive
        (("failed", "opened"), "expired_seen"),
    ],
)
def test_seen_unseen_and_undeliverable_are_told_apart(kinds: tuple[str, ...], outcome: str) -> None:
    asked, known = question(level("ada"), then=EXPIRE), facts()
    only = last(answer(asked, known, START))
    known = with_receipts(known, *(receipt(kind, only, 9) for kind in kinds))
    found = answer(asked, known, at(600)).end
    assert found is not None
    assert found.outcome == outcome


def test_a_question_that_ended_before_anybody_was_told_was_undeliverable() -> None:
    asked = question(level("ada", channels=steps(("push", 30))))
    assert answer(asked, facts(life=20), at(19)).reach == TRYING
    assert answer(asked, facts(life=20), at(20)).end == End(at(20), "undeliverable", "time_over")
    assert answer(asked, facts(life=31), at(31)).end == End(at(31), "expired_unseen", "time_over")


def test_what_it_was_before_the_end_it_stays_after_it() -> None:
    asked = question(level("ada", channels=steps(("push", 30)), next_after=20))
    assert [answer(asked, facts(), at(second)).reach for second in (19, 20, 99)] == [TRYING] * 3


def test_a_question_that_nobody_can_be_told_of_is_unreachable_at_once() -> None:
    for nobody in (question(level("ada")), question(level("eve")), question(level("ada"), people=("bo",))):
        found = answer(nobody, facts(contacts=()), START)
        assert (found.reach, found.told) == (UNREACHABLE, ())


def test_unreachable_is_told_in_the_instant_in_which_the_last_way_fails() -> None:
    asked, known = question(level("ada"), level("bo")), facts()
    known = with_receipts(known, receipt("failed", last(answer(asked, known, START)), 3))
    found = answer(asked, known, at(3))
    assert (last(found).contact, found.level, found.reach) == ("bo:push", 2, TRYING)  # used up: the next at once
    known = with_receipts(known, receipt("failed", last(found), 4))
    assert answer(asked, known, at(4)).reach == UNREACHABLE


def test_it_is_reached_once_a_device_has_it_and_not_any_more_when_that_person_is_gone() -> None:
    asked, known = question(level("ada"), level("bo")), facts()
    known = with_receipts(known, receipt("delivered", last(answer(asked, known, START)), 2))
    assert [answer(asked, known, at(second)).reach for second in (0, 1, 2, 500)] == [TRYING, TRYING, REACHED, REACHED]
    gone = msgspec.structs.replace(known, gone={"ada": at(5)}, contacts=())
    assert answer(asked, gone, at(5)).reach == UNREACHABLE


def test_a_new_device_of_somebody_unreachable_is_told_as_soon_as_it_is_there() -> None:
    asked = question(level("ada"), then=EXPIRE)
    known = facts(contacts=(Contact("ada:push", "ada", "push", since=at(47)),))
    assert answer(asked, facts(contacts=()), at(46)).reach == UNREACHABLE
    assert told(asked, known, 47) == [(47, "ada:push", "first")]


def test_who_has_answered_is_told_no_more_and_the_next_level_comes_at_once() -> None:
    asked = question(level("ada", channels=steps("push", "sms")), level("bo"))
    known = facts(contacts=phones("ada", "bo", channels=("push", "sms")), answered={"ada": at(20)})
    assert told(asked, known, 600) == [(0, "ada:push", "first"), (20, "bo:push", "first")]
    assert set(answer(asked, known, at(30)).asked) == {"bo"}


def test_at_the_next_instant_something_is_different_and_before_it_nothing() -> None:
    asked, known, now = ladder(), ladder_facts(), START
    while (found := answer(asked, known, now)).end is None:
        assert found.next_at is not None
        before = answer(asked, known, found.next_at - 1)
        after = answer(asked, known, found.next_at)
        assert msgspec.structs.replace(before, next_at=None) == msgspec.structs.replace(found, next_at=None)
        assert msgspec.structs.replace(after, next_at=None) != msgspec.structs.replace(found, next_at=None)
        now = found.next_at


def test_a_hub_that_was_down_tells_at_once_what_was_due_meanwhile() -> None:
    asked, known = ladder(), ladder_facts()
    assert [(telling.contact, seconds(telling.at)) for telling in answer(asked, known, at(310)).told] == [
        ("ada:push", 0),
        ("ada:sms", 60),
        ("ada:push", 200),
        ("ada:sms", 260),
        ("bo:push", 300),
        ("cy:push", 300),
    ]


def test_more_time_for_a_question_takes_nothing_back() -> None:
    asked = ladder(KEEP_WAITING)
    short, long = answer(asked, ladder_facts(320), at(319)), answer(asked, ladder_facts(3600), at(3000))
    assert long.told[: len(short.told)] == short.told
    assert len(long.told) > len(short.told)


def test_the_ids_of_two_questions_or_of_two_rounds_are_never_the_same() -> None:
    asked, known = ladder(), ladder_facts()
    other = msgspec.structs.replace(asked, escalation_id="esc_2")
    found = [telling.id for one in (asked, other) for telling in answer(one, known, at(700)).told]
    assert len(set(found)) == len(found) == 14


def test_who_is_in_two_levels_is_told_by_the_later_one_alone_once_it_tells_them() -> None:
    again = level("ada", repeat=Repeat(100, 3), next_after=150)
    asked, known = question(again, level("ada", channels=steps("sms"))), ladder_facts()
    assert told(asked, known, 590) == [(0, "ada:push", "first"), (100, "ada:push", "repeat"), (150, "ada:sms", "first")]


def test_a_later_level_without_an_address_of_somebody_does_not_silence_an_earlier_one() -> None:
    again = level("ada", repeat=Repeat(100, 3), next_after=150)
    asked, known = question(again, level("ada", channels=steps("sms"))), facts()
    assert [when for when, _, _ in told(asked, known, 590)] == [0, 100, 200, 300]


def test_a_receipt_of_somebody_else_for_a_telling_says_nothing() -> None:
    asked, known = question(level("ada", channels=steps("push", "sms"))), ladder_facts()
    mine = last(answer(asked, known, START))
    for kind in ("delivered", "failed"):
        forged = with_receipts(known, Receipt("bo", kind, at(1), mine.id))
        assert answer(asked, forged, at(100)).told == answer(asked, known, at(100)).told
