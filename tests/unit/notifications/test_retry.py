"""When something is tried again."""

from __future__ import annotations

import pytest

from approvals_hub.notifications.retry import next_try
from notify.delivery import AFTER

FAR = 10**12


@pytest.mark.parametrize(
    ("attempts", "after", "pause"),
    [
        (1, AFTER, 10),  # 10 · 2^0
        (2, AFTER, 20),  # 10 · 2^1
        (3, AFTER, 40),  # 10 · 2^2
        (7, AFTER, 640),  # 10 · 2^6, the longest
        (40, AFTER, 640),
        (1, 23.0, 23),  # the vendor asks for more
        (3, 23.0, 40),  # and for less
        (1, 900.0, 900),
    ],
)
def test_a_pause_doubles_and_is_never_shorter_than_the_vendor_asks(attempts: int, after: float, pause: int) -> None:
    assert next_try(attempts=attempts, after=after, now=1000, until=FAR) == 1000 + pause * 1000


def test_nothing_is_tried_when_its_time_is_over_by_then() -> None:
    assert next_try(attempts=1, after=AFTER, now=0, until=10_001) == 10_000
    assert next_try(attempts=1, after=AFTER, now=0, until=10_000) is None
