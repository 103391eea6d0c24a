"""From local times to instants: each at the first instant at which the clock shows that time or a later one."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from subprocess import run
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals_hub.core.clock import HOUR, MINUTE, SECOND, to_text
from approvals_hub.routing.wall_clock import (
    at_minute,
    date_of,
    instant,
    local_of,
    minute_of,
    shown,
    zone_named,
)

STOCKHOLM = "Europe/Stockholm"
ZONES = sorted(available_timezones())
local_times = st.builds(at_minute, st.dates(date(1975, 1, 1), date(2060, 1, 1)), st.integers(0, 1439))


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        (STOCKHOLM, "2026-01-15T09:00", "2026-01-15T08:00:00.000Z"),  # winter: UTC+1
        (STOCKHOLM, "2026-07-15T09:00", "2026-07-15T07:00:00.000Z"),  # summer: UTC+2
        (STOCKHOLM, "2026-03-29T01:59", "2026-03-29T00:59:00.000Z"),  # the minute before the clocks are put forward
        (STOCKHOLM, "2026-03-29T02:00", "2026-03-29T01:00:00.000Z"),  # 02:00 is 03:00
        (STOCKHOLM, "2026-03-29T02:30", "2026-03-29T01:00:00.000Z"),  # never shown: the instant of the jump
        (STOCKHOLM, "2026-03-29T03:00", "2026-03-29T01:00:00.000Z"),
        (STOCKHOLM, "2026-03-29T03:01", "2026-03-29T01:01:00.000Z"),
        (STOCKHOLM, "2026-10-25T02:30", "2026-10-25T00:30:00.000Z"),  # shown twice: the first
        (STOCKHOLM, "2026-10-25T03:00", "2026-10-25T02:00:00.000Z"),
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:00:00.000Z"),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00.000Z"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30:00.000Z"),  # a gap of half an hour
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00:00.000Z"),  # a whole day that never was
        ("America/Sao_Paulo", "2018-11-04T00:00", "2018-11-04T03:00:00.000Z"),  # a midnight that never was
        ("Asia/Kathmandu", "2026-01-01T00:00", "2025-12-31T18:15:00.000Z"),  # UTC+5:45
        ("UTC", "2026-01-01T00:00", "2026-01-01T00:00:00.000Z"),
    ],
)
def test_a_local_time_is_the_first_instant_at_which_the_clock_shows_it(zone: str, local: str, utc: str) -> None:
    day, _, time = local.partition("T")
    moment = at_minute(datetime.fromisoformat(day).date(), minute_of(time))
    assert to_text(instant(zone, moment)) == utc


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(ZONES), local_times)
def test_in_every_zone_the_clock_shows_that_time_or_later_and_did_not_a_moment_before(
    zone: str, local: datetime
) -> None:
    moment = instant(zone, local)
    assert shown(zone, moment) >= local
    for before in (SECOND, MINUTE, HOUR):
        # A clock that was put back shows the past again: what counts is that it had never shown this time.
        assert shown(zone, moment - before) < local


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ZONES), local_times, st.integers(0, 5000))
def test_in_every_zone_a_later_local_time_is_never_an_earlier_instant(zone: str, local: datetime, minutes: int) -> None:
    assert instant(zone, local) <= instant(zone, local + timedelta(minutes=minutes))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ZONES), st.integers(200_000_000, 2_800_000_000))
def test_in_every_zone_what_is_shown_is_what_the_standard_library_says(zone: str, seconds: int) -> None:
    expected = datetime.fromtimestamp(seconds, UTC).astimezone(zone_named(zone)).replace(tzinfo=None, fold=0)
    assert shown(zone, seconds * SECOND + 999) == expected


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Europe",
        "Europe/Stokholm",
        "../etc/passwd",
        "/etc/localtime",
        "Europe/../UTC",
        "CET;",
        "x" * 300,
        "Å",
        "Europe/Stockholm\n",
        "tzdata.zi",
        "zone.tab",
        "a/b/c/d",
    ],
)
def test_what_is_no_zone_is_refused_and_no_path_leads_out_of_their_folder(name: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        zone_named(name)


@pytest.mark.parametrize("text", ["9:30", "24:00", "09:60", "0930", "09:30:00", "", "09.30", " 09:30", "٠٩:30"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="time of day"):
        minute_of(text)


@pytest.mark.parametrize("text", ["2026-02-29", "2026-1-1", "20260101", "1999-12-31", "2201-01-01", "2026-W01-1", ""])
def test_what_is_no_date_of_a_plan_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|years|day"):
        date_of(text)


@pytest.mark.parametrize("text", ["2026-01-01", "2026-01-01 09:30", "2026-01-01T09:30:00", "2026-01-01T09:30Z"])
def test_what_is_no_local_date_and_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|time"):
        local_of(text)


def test_minutes_beyond_a_day_are_of_the_days_after_it() -> None:
    assert at_minute(date_of("2026-12-31"), 1440 + 61) == local_of("2027-01-01T01:01")


def test_a_machine_without_time_zones_of_its_own_is_served_by_the_package() -> None:
    assert resources.files("tzdata").joinpath("zoneinfo", "Europe", "Stockholm").is_file()
    code = "from approvals_hub.routing.wall_clock import zone_named; print(zone_named('Europe/Stockholm').key)"
    done = run([sys.executable, "-c", code], env={"PYTHONTZPATH": ""}, capture_output=True, text=True, check=True)
    assert done.stdout == f"{STOCKHOLM}\n"
