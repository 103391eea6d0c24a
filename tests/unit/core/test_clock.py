"""Times inside are milliseconds; outside they are RFC 3339."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.core.clock import DAY, HOUR, MINUTE, SECOND, system_clock, to_milliseconds, to_text


def test_the_units_are_in_milliseconds() -> None:
    assert (SECOND, MINUTE, HOUR, DAY) == (1_000, 60_000, 3_600_000, 86_400_000)


def test_the_system_clock_is_the_machines() -> None:
    before = time.time_ns() // 1_000_000
    assert before <= system_clock().now() <= time.time_ns() // 1_000_000


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
        (1_795_225_228_123, "2026-11-21T01:40:28.123Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_a_time_has_exactly_three_decimals_and_ends_in_z(milliseconds: int, text: str) -> None:
    assert to_text(milliseconds) == text
    assert to_milliseconds(text) == milliseconds


@given(st.integers(0, 253_402_300_799_999))
def test_reading_what_was_written_gives_the_same_time(milliseconds: int) -> None:
    assert to_milliseconds(to_text(milliseconds)) == milliseconds


@given(st.lists(st.integers(0, 253_402_300_799_999), min_size=2))
def test_texts_sort_as_times_do(times: list[int]) -> None:
    assert sorted(map(to_text, times)) == [to_text(moment) for moment in sorted(times)]


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T19:30:00-04:30", 0),
        ("1970-01-01T00:00:00z", 0),
        ("1970-01-01t00:00:00Z", 0),
        ("1970-01-01T00:00:00.5Z", 500),
        ("1970-01-01T00:00:00.1239Z", 123),
        ("1970-01-01T00:00:00.123456789Z", 123),
        ("1970-01-01T00:00:00-00:00", 0),
    ],
)
def test_any_offset_and_any_precision_of_rfc_3339_is_read(text: str, milliseconds: int) -> None:
    assert to_milliseconds(text) == milliseconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "1970-01-01",
        "1970-01-01T00:00:00",
        "1970-01-01 00:00:00Z",
        "1970-01-01T00:00Z",
        "1970-01-01T00Z",
        "19700101T000000Z",
        "1970-W01-4T00:00:00Z",
        "1970-01-01T00:00:00,5Z",
        "1970-01-01T00:00:00+01",
        "1970-01-01T00:00:00+0100",
        "1970-01-01T00:00:00+01:00:30",
        "1970-01-01T00:00:00+24:00",
        "1970-02-30T00:00:00Z",
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:00:60Z",
        "1970-01-01T00:00:00ZZ",
        "1970-01-01T00:00:00Z\n",
        " 1970-01-01T00:00:00Z",
        "+1970-01-01T00:00:00Z",
        "１970-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "1970-01-01T00:00:00." + "0" * 40 + "Z",
    ],
)
def test_what_rfc_3339_does_not_allow_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"RFC 3339|out of range|day|hour|offset|year|minute|second|month"):
        to_milliseconds(text)
