"""A schedule is read as strictly as a route, and its dates and zone are checked while it is read."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.core.clock import to_milliseconds
from approvals_hub.core.errors import Invalid
from approvals_hub.routing.hours import Hours, Span
from approvals_hub.routing.load_schedule import load_schedule
from approvals_hub.routing.schedule import Layer, Override, Rotation, Schedule

FULL = """\
schedule: production
zone: Europe/Stockholm
layers:
  - members: [dana]
    start: "2026-01-01"
    at: "00:00"
    every: 1d
    hours:
      - {days: [friday, monday], from: "09:00", to: "17:00"}
  - members: [ada, bo, ada]
    start: "2026-01-05"
    weekday: monday
    at: "09:00"
    every: 2w
overrides:
  - {person: cy, from: "2026-12-24T12:00", to: "2026-12-26T09:00"}
"""


def refusal(was: str, now: str) -> Invalid:
    assert was in FULL
    with pytest.raises(Invalid) as caught:
        load_schedule(FULL.replace(was, now, 1))
    return caught.value


def test_everything_that_can_be_written_is_read_as_it_is_meant() -> None:
    office = Hours("Europe/Stockholm", (Span((0, 4), 540, 1020),))
    assert load_schedule(FULL) == Schedule(
        "production",
        "Europe/Stockholm",
        (
            Layer(Rotation(("dana",), date(2026, 1, 1), 0, 24), office),
            Layer(Rotation(("ada", "bo", "ada"), date(2026, 1, 5), 540, 336)),
        ),
        (Override("cy", to_milliseconds("2026-12-24T11:00:00Z"), to_milliseconds("2026-12-26T08:00:00Z")),),
    )


@pytest.mark.parametrize(
    ("was", "now", "line", "words"),
    [
        ("Europe/Stockholm", "Europe/Stokholm", 2, "no time zone that this computer knows"),
        ("Europe/Stockholm", "../../etc/passwd", 2, "is not a time zone"),
        ("Europe/Stockholm", "UTC+1:00", 2, "is not a time zone"),
        ('"2026-01-05"', "2026-01-05", 11, "take 2026-01-05 for a date"),
        ('"09:00"\n    every', "9:00\n    every", 13, "base 60"),
        ('at: "09:00"', 'at: "9:00"', 13, "is not a time of day"),
        ('at: "09:00"', 'at: "24:00"', 13, "is not a time of day"),
        ('"2026-01-05"', '"2026-02-30"', 11, "2026-02-30: day is out of range"),
        ('"2026-01-05"', '"1999-01-04"', 11, "not in the years 2000 to 2200"),
        ('"2026-01-05"', '"2026-01-06"', 11, "2026-01-06 is a tuesday, and the hand-over is on monday"),
        ("    weekday: monday\n", "", 10, "'weekday' is missing"),
        ("monday\n", "mondays\n", 12, "did you mean 'monday'?"),
        ("every: 1d", "every: 1d\n    weekday: monday", 8, "only turns of whole weeks"),
        ("every: 2w", "every: 53w", 14, "from 1h to 52w"),
        ("every: 2w", "every: 30m", 14, "is not a turn"),
        ("every: 2w", "every: 0w", 14, "is not a turn"),
        ("[friday, monday]", "[friday, friday]", 9, "a day is written twice"),
        ("[friday, monday]", "[]", 9, "a list of 1 to 7"),
        ("members: [dana]", "members: []", 4, "a list of 1 to 50"),
        ("  - members: [dana]\n    start", "  - start", 4, "'members' is missing"),
        ("2026-12-26T09:00", "2026-12-24T12:00", 16, "an override ends after it begins"),
        ("2026-12-26T09:00", "2026-12-26 09:00", 16, "is not a date and time"),
        ("2026-12-26T09:00", "2026-12-26T25:00", 16, "not a time of day"),
        ("person: cy", "who: cy", 16, "unknown key 'who'"),
        ("layers:", "layer:", 3, "did you mean 'layers'?"),
        ("zone: Europe/Stockholm\n", "", 1, "'zone' is missing"),
    ],
)
def test_a_mistake_is_refused_with_its_line_and_what_would_be_right(was: str, now: str, line: int, words: str) -> None:
    error = refusal(was, now)
    assert error.code == "schedule_invalid"
    assert (error.extra["line"], words in error.detail) == (line, True), error.detail


TOKENS = st.sampled_from(
    [
        *" \n,:-[]{}'\"",
        "members",
        "start",
        '"2026-01-05"',
        '"9999-12-31"',
        "1w",
        "zone: UTC",
        "zone: tzdata.zi",
        "hours",
        "every: 9999w",
        "days",
        "from",
        '"0001-01-01T00:00"',
        "٣",
    ]
)


@given(st.integers(0, len(FULL)), st.integers(0, 40), st.lists(TOKENS, max_size=4).map("".join))
def test_whatever_is_written_is_read_or_refused_as_documented(at: int, length: int, piece: str) -> None:
    try:
        assert isinstance(load_schedule(FULL[:at] + piece + FULL[at + length :]), Schedule)
    except Invalid as error:
        refusal = error
    else:
        return
    assert refusal.code == "schedule_invalid"
    assert refusal.extra["line"] >= 1
