"""A source that goes too fast waits, and nobody else."""

from __future__ import annotations

import pytest

from approvals_hub.api.pace import Pace
from approvals_hub.core.errors import TooMany


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_as_many_as_a_minute_allows_may_come_at_once() -> None:
    pace = Pace(3, 10, Seconds())
    for _ in range(3):
        pace.take("a")
    with pytest.raises(TooMany) as refused:
        pace.take("a")
    assert refused.value.retry_after == 20


def test_time_gives_attempts_back_one_by_one() -> None:
    seconds = Seconds()
    pace = Pace(3, 10, seconds)
    for _ in range(3):
        pace.take("a")
    seconds.now += 20
    pace.take("a")
    with pytest.raises(TooMany):
        pace.take("a")


def test_a_long_rest_gives_no_more_than_a_minutes_worth() -> None:
    seconds = Seconds()
    pace = Pace(2, 10, seconds)
    seconds.now += 3600
    pace.take("a")
    pace.take("a")
    with pytest.raises(TooMany):
        pace.take("a")


def test_another_source_is_not_slowed_down() -> None:
    pace = Pace(1, 10, Seconds())
    pace.take("a")
    pace.take("b")


def test_a_flood_of_sources_does_not_fill_the_memory() -> None:
    pace = Pace(1, 10, Seconds())
    for number in range(1000):
        pace.take(str(number))
    assert len(pace._buckets) == 10


def test_refused_attempts_do_not_prolong_the_wait() -> None:
    seconds = Seconds()
    pace = Pace(60, 10, seconds)
    for _ in range(60):
        pace.take("a")
    for _ in range(100):
        with pytest.raises(TooMany):
            pace.take("a")
    seconds.now += 1
    pace.take("a")
