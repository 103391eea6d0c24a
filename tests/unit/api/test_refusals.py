"""Refusals of strangers are counted, then logged a minute at a time."""

from __future__ import annotations

from structlog.testing import capture_logs

from approvals_hub.api.refusals import MOST, OTHERS, Refusals
from approvals_hub.core.clock import MINUTE


class Now:
    def __init__(self) -> None:
        self.now = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now


def test_a_minute_that_is_over_becomes_one_line_for_each_source_and_code() -> None:
    now = Now()
    refusals = Refusals(now)
    for code in ("invalid_signature", "invalid_signature", "session_unknown"):
        refusals.count("198.51.100.1", code)
    now.now += MINUTE
    with capture_logs() as logs:
        assert refusals.flush() == 2
    counts = {(line["source"], line["code"]): line["count"] for line in logs}
    assert counts == {("198.51.100.1", "invalid_signature"): 2, ("198.51.100.1", "session_unknown"): 1}


def test_the_running_minute_is_kept_until_everything_is_flushed() -> None:
    refusals = Refusals(Now())
    refusals.count("198.51.100.1", "invalid_signature")
    assert refusals.flush() == 0
    assert refusals.flush(everything=True) == 1


def test_a_flood_from_many_sources_is_counted_together() -> None:
    refusals = Refusals(Now())
    for number in range(MOST + 100):
        refusals.count(str(number), "invalid_signature")
    with capture_logs() as logs:
        refusals.flush(everything=True)
    assert len(logs) == MOST + 1
    assert [line["count"] for line in logs if line["source"] == OTHERS] == [100]
