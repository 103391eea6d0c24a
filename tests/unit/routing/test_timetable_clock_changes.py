"""Who is on call, and whose night it is, while the clocks are put forward or back under an open question.

What should come of it is counted minute by minute with the standard library's clock, which knows nothing of the hub's:
the latest time that a clock on the wall has shown so far only grows, and plans are about that.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from approvals_hub.core.clock import MINUTE
from approvals_hub.routing.hours import Hours, Span
from approvals_hub.routing.question import Facts
from approvals_hub.routing.route import KEEP_WAITING
from approvals_hub.routing.schedule import Layer, Rotation, Schedule
from approvals_hub.routing.timetable import answer
from tests.unit.routing.scenes import level, phones, question

CHANGES = {
    "Europe/Stockholm, an hour is left out": ("Europe/Stockholm", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
    "Europe/Stockholm, an hour comes twice": ("Europe/Stockholm", datetime(2026, 10, 25, 1, 0, tzinfo=UTC)),
    "America/New_York, an hour is left out": ("America/New_York", datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),
    "America/New_York, an hour comes twice": ("America/New_York", datetime(2026, 11, 1, 6, 0, tzinfo=UTC)),
    "Australia/Lord_Howe, half an hour is left out": ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    "Australia/Lord_Howe, half an hour comes twice": ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, 0, tzinfo=UTC)),
}
LIFE = timedelta(hours=4)
MEMBERS = ("ada", "bo", "cy")
around = st.integers(-240, 60)
"""Minutes from the change of the clocks to the opening."""
nights = st.dictionaries(st.sampled_from(MEMBERS), st.tuples(st.integers(0, 239), st.integers(1, 180)), max_size=3)
"""Person → when their quiet hours begin, in minutes since midnight, and how many they are."""


def latest_shown(zone: str, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Each minute, and the latest time that the clock has shown by then; `since` is before any change that matters."""
    place, shown = ZoneInfo(zone), datetime.min  # noqa: DTZ901 - what a clock shows has no zone
    while since < until:
        shown = max(shown, since.astimezone(place).replace(tzinfo=None))
        yield since, shown
        since += timedelta(minutes=1)


def is_night(shown: datetime, begin: int, length: int) -> bool:
    """Whether quiet hours that begin so many minutes after a midnight hold."""
    begins = [datetime.combine(shown.date() - timedelta(days=ago), datetime.min.time()) for ago in (0, 1)]
    return any(day + timedelta(minutes=begin) <= shown < day + timedelta(minutes=begin + length) for day in begins)


@pytest.mark.parametrize("change", CHANGES)
@settings(max_examples=15, deadline=None)
@given(around, st.integers(0, 1439), st.sampled_from((1, 2, 5, 12, 24)), nights)
@example(-60, 150, 24, {"ada": (90, 60), "bo": (120, 60)})
def test_while_the_clocks_change_whoever_is_on_call_is_told_once_it_is_not_their_night(
    change: str, ahead: int, minute: int, every: int, quiet: dict[str, tuple[int, int]]
) -> None:
    zone, jump = CHANGES[change]
    opened = jump + timedelta(minutes=ahead)
    day: date = jump.astimezone(ZoneInfo(zone)).date() - timedelta(days=2)
    first = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    asked = question(
        level(schedules=("shift",), next_after=None),
        then=KEEP_WAITING,
        opened_at=_milliseconds(opened),
        people=MEMBERS,
        schedules={"shift": Schedule("shift", zone, (Layer(Rotation(MEMBERS, day, minute, every)),))},
        quiet={
            person: Hours(zone, (Span(tuple(range(7)), begin, begin + length),))
            for person, (begin, length) in quiet.items()
        },
    )
    known = Facts(expires_at=_milliseconds(opened + LIFE), contacts=phones(*MEMBERS))
    told: set[str] = set()
    before: tuple[set[str], str] | None = None
    for now, shown in latest_shown(zone, min(opened, jump - timedelta(hours=2)), opened + LIFE):
        if now < opened:
            continue
        turn = (shown - first) // timedelta(hours=every)
        on_call = MEMBERS[turn % len(MEMBERS)]
        if on_call not in quiet or not is_night(shown, *quiet[on_call]):
            told.add(on_call)
        if before != (told, on_call):
            if before is not None:
                assert _found(asked, known, _milliseconds(now) - 1) == before, now
            before = (set(told), on_call)
            assert _found(asked, known, _milliseconds(now)) == before, now
    assert before is not None
    assert _found(asked, known, _milliseconds(opened + LIFE) - MINUTE) == before


def _found(asked: object, known: Facts, at: int) -> tuple[set[str], str]:
    """Whom the timetable has told by an instant, and whom it asks then."""
    found = answer(asked, known, at)  # type: ignore[arg-type] # as `question` makes it
    [person] = found.asked
    return {telling.person for telling in found.told}, person


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
