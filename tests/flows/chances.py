"""What a life draws: which step comes next, and everything that is left to chance in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import strategies as st

from tests.flows.town import DEVICES, PEOPLE

T = TypeVar("T")
Draw = Callable[..., Any]

MOMENTS = (1_003, 7_019, 29_003, 61_001, 299_011, 601_003)
"""Milliseconds that pass: their sums meet no limit exactly; the limits themselves are tested one by one elsewhere."""
STEPS = (
    "answer " * 8
    + "ask use agree dispute " * 4
    + "guess " * 3
    + "look wait decide_late time_passes " * 3
    + "revise extend recall redeem_late lose_the_spare employ change_group " * 2
    + "deputise " * 4
    + "hand_over " * 2
    + "go_away come_back ask_again ask_the_same withdraw govern stop_all expire complete restart require"
).split()

who = st.sampled_from(PEOPLE)
which = st.sampled_from(DEVICES)
seconds = st.sampled_from((60, 300, 900, 3600))
answers = st.sampled_from(("approve", "approve", "approve", "deny", "approve", "not_me"))
seldom = st.sampled_from((False, False, False, True))

digits = st.sampled_from((None, None, 2))


def number(code: str | None, *, right: bool) -> str | None:
    """What somebody types where the asker's screen shows this, or another number of as many digits."""
    return code if code is None or right else str((int(code) + 1) % 10 ** len(code)).zfill(len(code))


def some(draw: Draw, found: list[T]) -> T:
    """Draws a small number, which reads better than what it stands for."""
    return found[draw(st.integers(0, len(found) - 1))]
