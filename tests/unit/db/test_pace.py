"""Which units are short enough for the event loop."""

from __future__ import annotations

import functools

from approvals_hub.db.database import Tx
from approvals_hub.db.pace import Pace


async def work(tx: Tx) -> None: ...


async def other(tx: Tx) -> None: ...


def test_what_has_never_run_is_not_taken_for_short() -> None:
    assert not Pace().is_short(work)


def test_what_was_short_is_short_and_says_nothing_of_others() -> None:
    pace = Pace()
    pace.took(work, 0.0001, 0.0001)
    assert pace.is_short(work)
    assert not pace.is_short(other)


def test_all_closures_of_one_function_are_one_kind() -> None:
    def unit(name: str) -> object:
        async def inner(tx: Tx) -> str:
            return name

        return inner

    pace = Pace()
    pace.took(unit("a"), 0.0001, 0.0001)  # type: ignore[arg-type]  # an object to mypy
    assert pace.is_short(unit("b"))  # type: ignore[arg-type]  # an object to mypy


def test_one_long_run_keeps_a_kind_off_the_loop_for_dozens_of_short_ones() -> None:
    pace = Pace()
    pace.took(work, 0.0001, 0.0001)
    pace.took(work, 0.05, 0.05)
    runs = 0
    while not pace.is_short(work):
        pace.took(work, 0.0001, 0.0001)
        runs += 1
    assert 50 < runs < 150  # 0.05 · 0.95^runs falls under 0.002 after some 63, later with 0.0001 mixed in


def test_a_turn_that_was_waited_for_on_a_busy_machine_does_not_count_but_the_disk_does() -> None:
    pace = Pace()
    pace.took(work, 0.0001, 0.01)
    assert pace.is_short(work)
    pace.took(work, 0.0001, 0.1)
    assert not pace.is_short(work)


def test_what_cannot_be_told_apart_is_never_short() -> None:
    pace = Pace()
    part = functools.partial(work)
    pace.took(part, 0.0001, 0.0001)
    assert not pace.is_short(part)
