"""Times on the wire."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub_client.times import to_milliseconds, to_text


def test_a_time_has_three_decimals_and_ends_in_z() -> None:
    assert to_text(1_795_225_228_123) == "2026-11-21T01:40:28.123Z"


def test_a_time_without_decimals_is_read() -> None:
    assert to_milliseconds("2026-11-21T01:40:28Z") == 1_795_225_228_000


@given(st.integers(0, 253_402_300_799_999))
def test_what_was_written_reads_back(milliseconds: int) -> None:
    assert to_milliseconds(to_text(milliseconds)) == milliseconds


@pytest.mark.parametrize(
    "attack",
    [
        "2026-11-21T01:40:28",
        "2026-11-21T01:40:28+00:00",
        "2026-11-21 01:40:28Z",
        "2026-11-21T01:40:28.1Z",
        "2026-11-21T01:40:28.123456Z",
        "2026-11-21t01:40:28z",
        "2026-11-21T01:40:28Z\n",
        "2026-02-30T00:00:00Z",
        "2026-11-21T24:00:00Z",
        "2026-11-21T23:59:60Z",
        "2099",
        "\u0662\u0660\u0662\u0666-11-21T01:40:28Z",
    ],
)
def test_a_time_that_two_readers_could_take_differently_is_refused(attack: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the message is not part of the promise
        to_milliseconds(attack)
