"""Times as people write them, and how an end is told."""

from __future__ import annotations

import click
import pytest

from approvals_hub.cli.lasting import seconds_of, told_until


@pytest.mark.parametrize(("written", "seconds"), [("30m", 1800), ("4h", 14_400), ("7d", 604_800), (None, None)])
def test_a_time_is_written_as_in_a_policy(written: str | None, seconds: int | None) -> None:
    assert seconds_of(written) == seconds


@pytest.mark.parametrize("written", ["soon", "", "4", "-4h", "4 h"])
def test_what_is_no_time_is_refused_with_what_one_looks_like(written: str) -> None:
    with pytest.raises(click.UsageError, match="30m, 4h or 7d"):
        seconds_of(written)


def test_an_end_is_told_with_its_time_or_with_who_makes_it() -> None:
    assert [told_until(None), told_until("2026-12-24")] == ["until somebody ends it", "until 2026-12-24"]
