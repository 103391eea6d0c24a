"""Hours of the week in a time zone: when somebody is not to be woken, or when a layer of a schedule holds."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import msgspec

from approvals_hub.core.errors import Invalid
from approvals_hub.routing.wall_clock import DAY_MINUTES, WEEKDAYS, at_minute, instant, shown, zone_named

SPANS_LIMIT: Final = 14
"""Spans of one week, two for each day."""


class Span(msgspec.Struct, frozen=True):
    """From one time of day to another, on these weekdays (0 is Monday): the days on which it *begins*.

    Times are minutes since midnight. One that ends at or before its begin ends on the day after, so that the same time
    twice is a whole day.
    """

    days: tuple[int, ...]
    begin: int
    end: int

    @property
    def length(self) -> int:
        """Minutes on the wall clock, 1 to 1440."""
        return (self.end - self.begin - 1) % DAY_MINUTES + 1


class Hours(msgspec.Struct, frozen=True):
    """Spans of every week, on the wall clock of one zone; they may overlap and touch."""

    zone: str
    spans: tuple[Span, ...]

    def covers(self, at: int) -> bool:
        """Whether the instant lies in a span. A span holds its first instant and not its last."""
        return any(begin <= at < end for begin, end in self._around(at))

    def next_border(self, at: int) -> int | None:
        """The next instant after `at` at which a span begins or ends; None where there is no span."""
        return min((border for pair in self._around(at) for border in pair if border > at), default=None)

    def end_of(self, at: int) -> int | None:
        """When the spans that cover `at`, and those that touch them, are over: `at` where none covers it, None where
        they never end."""
        end = at
        for _ in range(2 * SPANS_LIMIT + 2):
            covering = [after for begin, after in self._around(end) if begin <= end < after]
            if not covering:
                return end
            end = max(covering)
        # More spans than a week can hold followed each other without a moment between them.
        return None

    def _around(self, at: int) -> tuple[tuple[int, int], ...]:
        return _about(self, shown(self.zone, at).date()) if self.spans else ()


# One question asks about the same few days again and again. What is kept of one is 20 kB at most.
@lru_cache(maxsize=256)
def _about(hours: Hours, today: date) -> tuple[tuple[int, int], ...]:
    """Every span that begins from two days before to eight days after; none is longer than a day and a change of the
    clocks, and none repeats less often than every week."""
    return tuple(
        (begin, end)
        for offset in range(-2, 9)
        for span in hours.spans
        if (day := today + timedelta(days=offset)).weekday() in span.days
        for begin, end in [_on(hours.zone, day, span)]
        if begin < end
    )


def _on(zone: str, day: date, span: Span) -> tuple[int, int]:
    return instant(zone, at_minute(day, span.begin)), instant(zone, at_minute(day, span.begin + span.length))


def check_quiet(hours: Hours, at: int) -> Hours:
    """Somebody's quiet hours, if they may be set at this instant.

    Raises Invalid for an unknown zone, a day or minute that is none, too many spans, and for hours that never end: who
    is not to be asked at all is absent, which others can see and stand in for.
    """
    try:
        zone_named(hours.zone)
    except ValueError as error:
        raise _invalid("$.zone", "this is no time zone that this computer knows") from error
    if not 1 <= len(hours.spans) <= SPANS_LIMIT:
        raise _invalid("$.spans", f"a week has 1 to {SPANS_LIMIT} spans")
    for place, span in enumerate(hours.spans):
        days = set(span.days)
        plain = days and len(days) == len(span.days) and days <= set(range(len(WEEKDAYS)))
        if not plain or not 0 <= span.begin < DAY_MINUTES or not 0 <= span.end < DAY_MINUTES:
            raise _invalid(f"$.spans[{place}]", "a span has different weekdays, and times from 00:00 to 23:59")
    begin = hours.next_border(at)
    if begin is not None and hours.end_of(begin) is None:
        raise _invalid("$.spans", "these hours never end; an absence says that somebody is not to be asked")
    return hours


def _invalid(field: str, problem: str) -> Invalid:
    return Invalid("quiet_hours_invalid", problem, next_step="Correct the named member.", field=field)
