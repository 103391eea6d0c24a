"""Who is on call: turns on a wall clock in every zone, layers, overrides, and the next change."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals_hub.core.clock import DAY, HOUR, SECOND, to_milliseconds, to_text
from approvals_hub.routing.hours import Hours, Span
from approvals_hub.routing.schedule import (
    SEARCHED,
    Layer,
    Override,
    Rotation,
    Schedule,
    candidates,
    next_border,
    next_change,
    on_call,
)
from approvals_hub.routing.wall_clock import instant

STOCKHOLM = "Europe/Stockholm"


def schedule(*layers: Layer, zone: str = STOCKHOLM, overrides: tuple[Override, ...] = ()) -> Schedule:
    return Schedule("production", zone, layers, overrides)


def turns(*members: str, start: str = "2026-01-05", minute: int = 540, every: int = 168) -> Layer:
    """Weekly from a Monday, 09:00, unless it says otherwise."""
    return Layer(Rotation(members, date.fromisoformat(start), minute, every))


WEEKLY = schedule(turns("ada", "bo", "cy"))
DAILY = schedule(turns("ada", "bo", start="2026-03-27", minute=150, every=24))  # handed over at 02:30
HOURLY = schedule(turns("ada", "bo", "cy", start="2026-01-01", minute=0, every=1))


@pytest.mark.parametrize(
    ("rota", "utc", "person"),
    [
        (WEEKLY, "2026-01-05T07:59:59Z", None),  # 08:59:59 in Stockholm, before the start
        (WEEKLY, "2026-01-05T08:00:00Z", "ada"),  # week 0
        (WEEKLY, "2026-01-12T07:59:59Z", "ada"),
        (WEEKLY, "2026-01-12T08:00:00Z", "bo"),  # week 1
        (WEEKLY, "2026-01-19T08:00:00Z", "cy"),  # week 2
        (WEEKLY, "2026-01-26T08:00:00Z", "ada"),  # week 3 = 0 mod 3
        (WEEKLY, "2026-03-30T06:59:59Z", "cy"),  # week 11 ends at 09:00 of summer, an hour earlier in UTC
        (WEEKLY, "2026-03-30T07:00:00Z", "ada"),  # week 12
        (DAILY, "2026-03-28T01:29:59Z", "ada"),
        (DAILY, "2026-03-28T01:30:00Z", "bo"),
        (DAILY, "2026-03-29T00:59:59Z", "bo"),  # 01:59:59, and 02:30 does not come
        (DAILY, "2026-03-29T01:00:00Z", "ada"),  # 03:00: handed over when the clocks jumped
        (DAILY, "2026-03-30T00:30:00Z", "bo"),
        (DAILY, "2026-10-25T00:29:59Z", "bo"),  # day 211 = 1 mod 2 ends at the first 02:30 of day 212
        (DAILY, "2026-10-25T00:30:00Z", "ada"),
        (DAILY, "2026-10-25T01:29:59Z", "ada"),  # 02:29:59 for the second time: it stays handed over
        (DAILY, "2026-10-25T01:30:00Z", "ada"),
        (HOURLY, "2026-03-29T00:59:59Z", "bo"),  # hour 2089 = 1 mod 3
        (HOURLY, "2026-03-29T01:00:00Z", "ada"),  # hour 2091 = 0: the turn of 02:00 is left out
        (HOURLY, "2026-10-25T00:00:00Z", "cy"),  # 02:00: hour 297·24 + 2 = 7130 = 2 mod 3
        (HOURLY, "2026-10-25T01:59:59Z", "cy"),  # it is 02:59:59 twice, so that turn lasts two hours
        (HOURLY, "2026-10-25T02:00:00Z", "ada"),  # 7131 = 0 mod 3
    ],
)
def test_on_call_at_an_instant_is(rota: Schedule, utc: str, person: str | None) -> None:
    assert on_call(rota, to_milliseconds(utc)) == person


def test_the_first_layer_that_holds_counts_and_the_others_follow() -> None:
    days = Layer(turns("dana").rotation, Hours(STOCKHOLM, (Span((0, 1, 2, 3, 4), 540, 1020),)))
    rota = schedule(days, turns("ada", "bo"))
    assert candidates(rota, to_milliseconds("2026-01-06T12:00:00Z")) == ("dana", "ada")
    assert candidates(rota, to_milliseconds("2026-01-06T20:00:00Z")) == ("ada",)


def test_an_override_counts_from_its_begin_until_its_end_over_every_layer() -> None:
    since, until = to_milliseconds("2026-01-06T08:00:00Z"), to_milliseconds("2026-01-07T08:00:00Z")
    rota = schedule(turns("ada"), overrides=(Override("eve", since, until),))
    assert [on_call(rota, at) for at in (since - 1, since, until - 1, until)] == ["ada", "eve", "eve", "ada"]


def test_of_two_overrides_the_one_written_last_counts() -> None:
    begin = to_milliseconds("2026-01-06T00:00:00Z")
    both = (Override("eve", begin, begin + DAY), Override("dana", begin + HOUR, begin + 2 * HOUR))
    rota = schedule(turns("ada"), overrides=both)
    assert candidates(rota, begin + HOUR) == ("dana", "eve", "ada")
    assert candidates(rota, begin + 2 * HOUR) == ("eve", "ada")


def test_an_override_that_was_recorded_late_changes_nothing_before() -> None:
    begin = to_milliseconds("2026-01-06T00:00:00Z")
    rota = schedule(turns("ada")).with_overrides([Override("eve", begin, begin + DAY, recorded_at=begin + HOUR)])
    assert [on_call(rota, at) for at in (begin, begin + HOUR - 1, begin + HOUR)] == ["ada", "ada", "eve"]


def test_who_may_not_answer_is_passed_over_for_the_next_layer() -> None:
    rota = schedule(turns("mallory"), turns("ada"))
    at = to_milliseconds("2026-01-06T00:00:00Z")
    assert on_call(rota, at, among=("ada", "bo")) == "ada"
    assert on_call(rota, at, among=()) is None


@pytest.mark.parametrize(
    ("rota", "utc", "change"),
    [
        (WEEKLY, "2026-01-01T00:00:00Z", "2026-01-05T08:00:00.000Z"),  # the start
        (WEEKLY, "2026-01-05T08:00:00Z", "2026-01-12T08:00:00.000Z"),
        (WEEKLY, "2026-03-25T00:00:00Z", "2026-03-30T07:00:00.000Z"),
        (DAILY, "2026-03-28T12:00:00Z", "2026-03-29T01:00:00.000Z"),  # into the gap
        (DAILY, "2026-10-24T12:00:00Z", "2026-10-25T00:30:00.000Z"),  # the first of two
        (DAILY, "2026-10-25T00:30:00Z", "2026-10-26T01:30:00.000Z"),  # not the second
        (schedule(turns("ada", "ada", "bo")), "2026-01-05T08:00:00Z", "2026-01-19T08:00:00.000Z"),  # two turns of one
    ],
)
def test_the_next_change_is_when_somebody_else_is_on_call(rota: Schedule, utc: str, change: str) -> None:
    found = next_change(rota, to_milliseconds(utc))
    assert found is not None
    assert to_text(found) == change


def test_a_rotation_of_one_person_never_changes() -> None:
    rota = schedule(turns("ada"))
    assert next_border(rota, to_milliseconds("2026-01-06T00:00:00Z")) is None
    assert next_change(rota, to_milliseconds("2026-01-06T00:00:00Z")) is None


ZONES = sorted(available_timezones())
members = st.lists(st.sampled_from(("ada", "bo", "cy", "di")), min_size=1, max_size=4).map(tuple)
rotations = st.builds(
    Rotation,
    members,
    st.dates(date(2024, 1, 1), date(2026, 12, 31)),
    st.integers(0, 1439),
    st.sampled_from((1, 5, 8, 12, 24, 36, 48, 168, 336)),
)
weekly = st.builds(
    Span, st.lists(st.integers(0, 6), min_size=1, unique=True).map(tuple), st.integers(0, 1439), st.integers(0, 1439)
)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    zone = draw(st.sampled_from(ZONES))
    hours = st.one_of(st.none(), st.lists(weekly, min_size=1, max_size=2).map(lambda found: Hours(zone, tuple(found))))
    return Schedule("any", zone, tuple(draw(st.lists(st.builds(Layer, rotations, hours), min_size=1, max_size=2))))


moments = st.integers(1_690_000_000, 1_830_000_000).map(lambda seconds: seconds * SECOND)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ZONES), rotations, moments)
def test_in_every_zone_an_instant_lies_in_the_turn_that_began_last(zone: str, rotation: Rotation, at: int) -> None:
    turn = rotation.turn(zone, at)
    first = datetime.combine(rotation.start, datetime.min.time()) + timedelta(minutes=rotation.minute)
    begin, end = (instant(zone, first + timedelta(hours=rotation.every * number)) for number in (turn, turn + 1))
    assert begin <= at < end
    assert rotation.member(zone, at) == (None if turn < 0 else rotation.members[turn % len(rotation.members)])


@settings(max_examples=200, deadline=None)
@given(schedules(), moments, st.integers(1, 40 * DAY))
def test_in_every_zone_nobody_changes_before_the_next_change_and_somebody_does_then(
    rota: Schedule, at: int, ahead: int
) -> None:
    change = next_change(rota, at)
    before = at + ahead if change is None else min(at + ahead, change - 1)
    assert on_call(rota, before) == on_call(rota, at)
    if change is not None:
        assert at < change <= at + SEARCHED
        assert on_call(rota, change) != on_call(rota, at)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(ZONES), st.dates(date(2024, 1, 1), date(2027, 1, 1)), st.integers(0, 1439))
def test_in_every_zone_a_daily_rotation_is_handed_over_once_a_day(zone: str, day: date, minute: int) -> None:
    rota = schedule(turns("ada", "bo", start=day.isoformat(), minute=minute, every=24), zone=zone)
    at = instant(zone, datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute))
    for _ in range(5):
        following = next_change(rota, at)
        assert following is not None
        assert 21 * HOUR <= following - at <= 27 * HOUR
        at = following
