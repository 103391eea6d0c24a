"""How one person is told within one stint, from addresses and receipts alone."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.clock import SECOND
from approvals_hub.routing.absence import NAMED, Link
from approvals_hub.routing.climb import Climb
from approvals_hub.routing.question import Contact, Facts, Receipt
from approvals_hub.routing.receipts import NEVER, Receipts
from approvals_hub.routing.route import ALL, Level, Remind, Repeat, Step
from approvals_hub.routing.stints import Stint
from tests.unit.routing.scenes import START, at, facts, level, phones, receipt, shown, steps

STINT = Stint("ada", (Link("ada", NAMED),), START, at(3600))
ALL_CHANNELS = phones("ada", channels=("push", "sms", "mail"))


def climb(asked: Level, known: Facts, *, now: float = 3600, **more: Any) -> Climb:
    """Ada's climb, with everybody awake."""
    return Climb(
        **{
            "key": ("esc_1", "level 1"),
            "level": asked,
            "number": 1,
            "stint": STINT,
            "receipts": Receipts(known),
            "awake": lambda instant: instant,
            "now": at(now),
            "opened_after": -NEVER,
            **more,
        }
    ).run()


def reacting(asked: Level, known: Facts, **reactions: tuple[str, float]) -> Climb:
    """The same, with receipts for tellings by their contact's channel, as they turn up."""
    receipts: tuple[Receipt, ...] = ()
    for _ in range(5):
        found = climb(asked, Facts(expires_at=known.expires_at, contacts=known.contacts, receipts=receipts))
        receipts = tuple(
            receipt(kind, telling, when)
            for telling in found.tellings
            for kind, when in [reactions.get(telling.channel, ("", 0))]
            if kind and telling.at <= at(when)
        )
    return found


def lines(found: Climb) -> list[tuple[float, str, str]]:
    return [shown(telling) for telling in found.tellings]


def spans(found: Climb) -> list[tuple[float, float]]:
    """In seconds, those that touch as one."""
    merged: list[list[float]] = []
    for begin, end in sorted(found.spans):
        if merged and begin <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([begin, end])
    return [((begin - START) / SECOND, (end - START) / SECOND) for begin, end in merged]


THREE = level("ada", channels=steps("push", ("sms", 60), ("mail", 120)), ack_within=45, open_within=180)


@pytest.mark.parametrize(
    ("reactions", "expected", "ended"),
    [
        # Nobody reacts: 60 s to the SMS, 120 s more to the mail, which is given 45 s.
        ({}, [(0, "push"), (60, "sms"), (180, "mail")], 225),
        # The push fails at 10: the SMS at once; the mail 120 s later.
        ({"push": ("failed", 10)}, [(0, "push"), (10, "sms"), (130, "mail")], 175),
        # Both fail.
        ({"push": ("failed", 10), "sms": ("failed", 11)}, [(0, "push"), (10, "sms"), (11, "mail")], 56),
        # The device has it at 10: the person has 180 s to open it.
        ({"push": ("delivered", 10)}, [(0, "push"), (190, "sms"), (310, "mail")], 355),
        # It has it one second too late for the SMS: the SMS is out, and the mail waits for the person till 241.
        ({"push": ("delivered", 61)}, [(0, "push"), (60, "sms"), (241, "mail")], 286),
        # Failing in the instant in which the next one was due anyway changes nothing.
        ({"push": ("failed", 60)}, [(0, "push"), (60, "sms"), (180, "mail")], 225),
        # Opened: nothing further, and it stays under way.
        ({"push": ("opened", 10)}, [(0, "push")], 3600),
        # Opened in the instant in which the SMS is due: that one is told.
        ({"push": ("opened", 60)}, [(0, "push"), (60, "sms")], 3600),
        # All fail: used up at once.
        (
            {"push": ("failed", 1), "sms": ("failed", 2), "mail": ("failed", 3)},
            [(0, "push"), (1, "sms"), (2, "mail")],
            3,
        ),
    ],
)
def test_receipts_decide_what_comes_next_and_when(
    reactions: dict[str, tuple[str, float]], expected: list[tuple[float, str]], ended: float
) -> None:
    found = reacting(THREE, facts(contacts=ALL_CHANNELS), **reactions)
    assert [(when, contact.removeprefix("ada:")) for when, contact, _ in lines(found)] == expected
    assert spans(found) == [(0, ended)]


def test_devices_of_one_channel_are_told_in_turn_after_what_each_is_given() -> None:
    two = (Contact("phone", "ada", "push"), Contact("desk", "ada", "push"), Contact("sms", "ada", "sms"))
    found = climb(THREE, facts(contacts=two))
    assert lines(found) == [(0, "phone", "first"), (45, "desk", "fallback"), (105, "sms", "fallback")]


def test_devices_are_told_at_once_where_the_level_says_all_and_fail_when_all_have() -> None:
    asked = level("ada", channels=(Step("push", 0, ALL), Step("sms", 60)))
    two = (Contact("phone", "ada", "push"), Contact("desk", "ada", "push"), Contact("sms", "ada", "sms"))
    phone, desk, _ = climb(asked, facts(contacts=two)).tellings
    one = facts(contacts=two, receipts=(receipt("failed", phone, 5),))
    both = facts(contacts=two, receipts=(receipt("failed", phone, 5), receipt("failed", desk, 9)))
    assert [when for when, _, _ in lines(climb(asked, one))] == [0, 0, 60]
    assert [when for when, _, _ in lines(climb(asked, both))] == [0, 0, 9]


def test_a_channel_without_an_address_is_passed_over_without_a_wait() -> None:
    assert lines(climb(THREE, facts(contacts=phones("ada", channels=("sms",))))) == [(0, "ada:sms", "first")]


def test_a_first_channel_can_wait_and_is_under_way_meanwhile() -> None:
    found = climb(level("ada", channels=steps(("push", 30))), facts())
    assert (lines(found), spans(found)) == ([(30, "ada:push", "first")], [(0, 90)])


def test_a_round_that_may_still_arrive_holds_the_level_until_the_next_one() -> None:
    found = climb(level("ada", repeat=Repeat(200, 1)), facts())
    assert (lines(found)[1], spans(found)) == ((200, "ada:push", "repeat"), [(0, 260)])


def test_a_round_that_failed_altogether_holds_nobody_up() -> None:
    asked = level("ada", repeat=Repeat(200, 1))
    found = reacting(asked, facts(), push=("failed", 5))
    assert (lines(found)[1], spans(found)) == ((200, "ada:push", "repeat"), [(0, 5), (200, 260)])


def test_a_repeat_waits_until_the_round_before_it_is_through() -> None:
    asked = level("ada", channels=steps("push", ("sms", 100)), repeat=Repeat(30, 1))
    assert [when for when, _, _ in lines(climb(asked, facts(contacts=ALL_CHANNELS)))] == [0, 100, 160, 260]


def test_reminders_go_where_the_person_opened_it_and_end() -> None:
    asked = level("ada", channels=steps("push", ("sms", 60)), remind=Remind(50, 2))
    found = reacting(asked, facts(contacts=ALL_CHANNELS), push=("opened", 70))
    assert lines(found) == [
        (0, "ada:push", "first"),
        (60, "ada:sms", "fallback"),
        (120, "ada:push", "remind"),
        (170, "ada:push", "remind"),
    ]
    assert spans(found) == [(0, 220)]


def test_who_opens_it_after_every_address_was_tried_is_reminded_as_well() -> None:
    found = reacting(level("ada", remind=Remind(50, 1)), facts(), push=("opened", 200))
    assert lines(found)[1:] == [(250, "ada:push", "remind")]
    assert spans(found) == [(0, 60), (200.001, 300)]


def test_what_is_due_in_the_instant_of_an_answer_is_told_and_nothing_after_it() -> None:
    asked = level("ada", channels=steps("push", ("sms", 60), ("mail", 1)))
    known = facts(contacts=ALL_CHANNELS, answered={"ada": at(60)})
    assert [when for when, _, _ in lines(climb(asked, known))] == [0, 60]


def test_a_reminder_goes_to_another_address_when_that_one_is_gone() -> None:
    contacts = (Contact("ada:push", "ada", "push", until=at(100)), Contact("ada:sms", "ada", "sms"))
    asked = level("ada", channels=steps("push", "sms"), remind=Remind(50, 2))
    known = facts(contacts=contacts, receipts=(Receipt("ada", "opened", at(20)),))
    assert lines(climb(asked, known))[1:] == [(70, "ada:push", "remind"), (120, "ada:sms", "remind")]


def test_nothing_is_told_from_the_end_of_the_stint_on_and_nothing_after_an_answer() -> None:
    asked = level("ada", channels=steps("push", ("sms", 60)))
    short = Stint("ada", STINT.chain, START, at(60))
    assert len(climb(asked, facts(contacts=ALL_CHANNELS), stint=short).tellings) == 1
    assert len(climb(asked, facts(contacts=ALL_CHANNELS, answered={"ada": at(59)})).tellings) == 1


def test_a_device_enrolled_after_the_last_round_is_told_unless_the_question_has_arrived() -> None:
    late = (Contact("phone", "ada", "push"), Contact("desk", "ada", "push", since=at(500)))
    found = climb(level("ada"), facts(contacts=late))
    assert lines(found)[1:] == [(500, "desk", "new_address")]
    arrived = reacting(level("ada"), facts(contacts=late), push=("delivered", 3))
    assert len(arrived.tellings) == 1


def test_a_device_enrolled_while_the_next_address_is_waited_for_changes_nothing_that_was_told() -> None:
    late = (*phones("ada", channels=("push", "mail")), Contact("desk", "ada", "sms", since=at(70)))
    assert [(when, name) for when, name, _ in lines(climb(THREE, facts(contacts=late)))] == [
        (0, "ada:push"),
        (120, "desk"),  # the mail would be due, and the SMS, there since 70, comes first
        (240, "ada:mail"),
    ]


def test_quiet_hours_move_what_is_due_and_leave_a_gap() -> None:
    found = climb(THREE, facts(contacts=ALL_CHANNELS), awake=lambda at_: at(900) if at(50) <= at_ < at(900) else at_)
    assert [when for when, _, _ in lines(found)] == [0, 900, 1020]
    assert spans(found) == [(0, 60), (900, 1065)]


def test_who_never_wakes_is_told_nothing_and_nothing_is_under_way() -> None:
    found = climb(THREE, facts(contacts=ALL_CHANNELS), awake=lambda _: NEVER)
    assert (found.tellings, spans(found)) == ([], [])


def test_no_more_than_the_next_telling_is_worked_out() -> None:
    assert [when for when, _, _ in lines(climb(THREE, facts(contacts=ALL_CHANNELS), now=30))] == [0, 60]
    assert [when for when, _, _ in lines(climb(THREE, facts(contacts=ALL_CHANNELS), now=60))] == [0, 60, 180]


def test_ids_differ_by_rung_person_stint_round_and_address_and_not_by_time() -> None:
    asked = level("ada", channels=steps("push", "sms"), repeat=Repeat(300, 1))
    known = facts(contacts=ALL_CHANNELS)
    base = [telling.id for telling in climb(asked, known).tellings]
    moved = [telling.id for telling in climb(asked, known, stint=Stint("ada", STINT.chain, at(7), at(3600))).tellings]
    other = [telling.id for telling in climb(asked, known, key=("esc_1", "level 2")).tellings]
    again = [
        telling.id for telling in climb(asked, known, stint=Stint("ada", STINT.chain, START, at(3600), 1)).tellings
    ]
    assert base == moved
    assert len({*base, *other, *again}) == 12
    assert all(len(name) == 36 and name.startswith("tel_") for name in base)
