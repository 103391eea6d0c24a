"""A channel that takes nothing is left alone."""

from __future__ import annotations

from approvals_hub.notifications.breaker import AT_ONCE, FAILURES, UNPROVEN, Breaker


def broken() -> Breaker:
    breaker = Breaker()
    assert [breaker.failed(0) for _ in range(FAILURES)] == [False] * (FAILURES - 1) + [True]
    return breaker


def test_failures_in_a_row_close_a_channel_for_ten_seconds_and_then_one_message_tries_it() -> None:
    breaker = broken()
    assert [breaker.allows(at, 100) for at in (0, 9_999, 10_000)] == [0, 0, 1]
    breaker.sending()
    assert breaker.allows(10_000, 100) == 0


def test_a_try_that_fails_closes_it_for_twice_as_long() -> None:
    breaker = broken()
    breaker.sending()
    assert breaker.failed(10_000)
    assert [breaker.allows(at, 100) for at in (29_999, 30_000)] == [0, 1]


def test_a_try_that_works_opens_it() -> None:
    breaker = broken()
    breaker.sending()
    breaker.worked()
    assert breaker.allows(10_000, 100) == 100


def test_a_success_between_failures_starts_the_count_anew() -> None:
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker.failed(0)
    breaker.worked()
    assert not breaker.failed(0)


def test_a_try_that_was_broken_off_may_be_made_again() -> None:
    breaker = broken()
    breaker.sending()
    breaker.unknown()
    assert breaker.allows(10_000, 100) == 1


def test_only_what_was_left_alone_works_again() -> None:
    assert not Breaker().worked()
    breaker = broken()
    breaker.sending()
    assert breaker.worked()
    assert not breaker.worked()


def test_who_is_throttled_at_many_addresses_closes_a_channel_for_nobody_else() -> None:
    breaker = Breaker()
    assert not any(breaker.failed(0, throttled="ada") for _ in range(FAILURES * 2))
    assert breaker.allows(0, 100) == 100
    assert [breaker.failed(0, throttled=f"person-{n}") for n in range(FAILURES - 1)] == [False] * (FAILURES - 2) + [
        True
    ]


def test_who_is_throttled_again_while_a_channel_is_tried_makes_room_for_another_try() -> None:
    breaker = broken()
    breaker.failed(0, throttled="ada")
    breaker.sending()
    assert not breaker.failed(10_000, throttled="ada")
    assert breaker.allows(10_000, 100) == 1


def test_a_lane_that_never_answered_gets_ten_at_once_until_it_answers_and_again_after_it_was_left_alone() -> None:
    breaker = Breaker()
    assert breaker.most == UNPROVEN
    breaker.worked()
    assert breaker.most == AT_ONCE
    for _ in range(FAILURES):
        breaker.failed(0)
    assert breaker.most == UNPROVEN
    breaker.worked()
    assert breaker.most == AT_ONCE
