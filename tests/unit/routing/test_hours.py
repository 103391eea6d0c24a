"""Hours of the week on a wall clock, over midnight and over changes of the clocks."""

from __future__ import annotations

from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals_hub.core.clock import DAY, HOUR, MINUTE, to_milliseconds
from approvals_hub.core.errors import Invalid
from approvals_hub.routing.hours import SPANS_LIMIT, Hours, Span, check_quiet
from approvals_hub.routing.wall_clock import shown

EVERY_DAY = tuple(range(7))
NIGHT = Hours("Europe/Stockholm", (Span(EVERY_DAY, 22 * 60, 7 * 60),))
OFFICE = Hours("Europe/Stockholm", (Span((0, 1, 2, 3, 4), 9 * 60, 17 * 60),))
NOW = to_milliseconds("2026-09-21T12:00:00Z")

minutes = st.integers(0, 1439)
spans = st.builds(Span, st.lists(st.integers(0, 6), min_size=1, unique=True).map(tuple), minutes, minutes)
all_hours = st.builds(Hours, st.sampled_from(sorted(available_timezones())), st.lists(spans, max_size=3).map(tuple))
instants = st.integers(1_600_000_000, 2_000_000_000).map(lambda seconds: seconds * 1000)


@pytest.mark.parametrize(
    ("hours", "utc", "covered"),
    [
        (NIGHT, "2026-01-15T20:59:59Z", False),  # 21:59:59 in Stockholm
        (NIGHT, "2026-01-15T21:00:00Z", True),  # 22:00
        (NIGHT, "2026-01-16T05:59:59Z", True),  # 06:59:59, in the span that began the day before
        (NIGHT, "2026-01-16T06:00:00Z", False),  # 07:00: a span does not hold its end
        (NIGHT, "2026-07-15T20:00:00Z", True),  # 22:00 in summer
        (NIGHT, "2026-03-29T04:59:59Z", True),  # 06:59:59 after the clocks were put forward: one hour less of sleep
        (NIGHT, "2026-03-29T05:00:00Z", False),
        (NIGHT, "2026-10-25T05:59:59Z", True),  # 06:59:59 after they were put back
        (NIGHT, "2026-10-25T06:00:00Z", False),
        (OFFICE, "2026-09-18T14:59:59Z", True),  # a Friday, 16:59:59
        (OFFICE, "2026-09-19T08:00:00Z", False),  # a Saturday
        (Hours("UTC", (Span((0,), 0, 0),)), "2026-09-21T23:59:59Z", True),  # the same time twice: all of Monday
        (Hours("UTC", (Span((0,), 0, 0),)), "2026-09-22T00:00:00Z", False),
        (Hours("UTC", ()), "2026-09-21T00:00:00Z", False),
    ],
)
def test_an_instant_is_covered_by(hours: Hours, utc: str, covered: bool) -> None:
    assert hours.covers(to_milliseconds(utc)) is covered


def test_hours_end_when_the_last_of_the_spans_that_touch_ends() -> None:
    touching = Hours("UTC", (Span((0,), 600, 660), Span((0,), 660, 720), Span((0,), 710, 730), Span((0,), 731, 740)))
    monday = to_milliseconds("2026-09-21T00:00:00Z")
    assert touching.end_of(monday + 600 * MINUTE) == monday + 730 * MINUTE
    assert touching.end_of(monday + 599 * MINUTE) == monday + 599 * MINUTE


def test_hours_that_fill_the_week_never_end() -> None:
    assert Hours("Europe/Stockholm", (Span(EVERY_DAY, 0, 0),)).end_of(NOW) is None
    assert Hours("UTC", (Span(EVERY_DAY, 0, 720), Span(EVERY_DAY, 720, 0))).end_of(NOW) is None


@settings(max_examples=200, deadline=None)
@given(all_hours, instants, st.integers(0, 13 * DAY))
def test_between_two_borders_nothing_changes(hours: Hours, at: int, ahead: int) -> None:
    border = hours.next_border(at)
    assert (border is None) == (not hours.spans)
    if border is not None:
        assert at < border <= at + 8 * DAY
        assert hours.covers(at) == hours.covers(min(at + ahead, border - 1))


@settings(max_examples=200, deadline=None)
@given(all_hours, instants)
def test_the_end_is_the_first_instant_that_no_span_covers(hours: Hours, at: int) -> None:
    end = hours.end_of(at)
    if end is None:
        assert all(hours.covers(at + step * 3 * HOUR) for step in range(56))
    else:
        assert not hours.covers(end)
        assert all(hours.covers(moment) for moment in range(at, end, 37 * MINUTE))
        assert end == at or hours.covers(end - 1)


@settings(max_examples=200, deadline=None)
@given(all_hours, instants)
def test_away_from_changes_of_the_clocks_the_local_time_alone_decides(hours: Hours, at: int) -> None:
    around = {(at + step * HOUR - _local(hours.zone, at + step * HOUR)) for step in range(-60, 60, 3)}
    if len(around) > 1:
        return
    local = shown(hours.zone, at)
    minute = local.hour * 60 + local.minute
    expected = any(
        (day in span.days and span.begin <= minute + back < span.begin + span.length)
        for span in hours.spans
        for day, back in ((local.weekday(), 0), ((local.weekday() - 1) % 7, 1440))
    )
    assert hours.covers(at) is expected


def _local(zone: str, at: int) -> int:
    return to_milliseconds(shown(zone, at).isoformat() + "Z")


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        (Hours("Europe/Stokholm", NIGHT.spans), "$.zone"),
        (Hours("UTC", ()), "$.spans"),
        (Hours("UTC", (Span((0,), 0, 60),) * (SPANS_LIMIT + 1)), "$.spans"),
        (Hours("UTC", (Span((), 0, 60),)), "$.spans[0]"),
        (Hours("UTC", (Span((0, 0), 0, 60),)), "$.spans[0]"),
        (Hours("UTC", (Span((7,), 0, 60),)), "$.spans[0]"),
        (Hours("UTC", (Span((0,), 0, 60), Span((0,), -1, 60))), "$.spans[1]"),
        (Hours("UTC", (Span((0,), 0, 1440),)), "$.spans[0]"),
        (Hours("UTC", (Span(EVERY_DAY, 0, 0),)), "$.spans"),  # for ever: that is an absence
        (Hours("UTC", (Span(EVERY_DAY, 60, 120), Span(EVERY_DAY, 120, 60))), "$.spans"),
    ],
)
def test_quiet_hours_that_make_no_sense_are_refused(hours: Hours, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_quiet(hours, NOW)
    assert caught.value.field == field


@pytest.mark.parametrize("hours", [NIGHT, OFFICE, Hours("UTC", (Span(EVERY_DAY, 60, 59),))])
def test_quiet_hours_that_leave_some_minute_of_the_week_are_taken(hours: Hours) -> None:
    assert check_quiet(hours, NOW) is hours
