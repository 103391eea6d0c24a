"""When a person is not told, over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Form, Line
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.routing.hours import SPANS_LIMIT, Hours, Span
from approvals_hub.routing.wall_clock import WEEKDAYS, minute_of

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
TimeOfDay = Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)")]
Days = Annotated[tuple[Weekday, ...], msgspec.Meta(min_length=1, max_length=7)]


class SpanForm(Form, frozen=True, rename={"begin": "from", "end": "to"}):
    """From one time of day to another, on the days on which it begins; it may end on the next day."""

    days: Days
    begin: TimeOfDay
    end: TimeOfDay


class QuietForm(Form, frozen=True):
    """Spans of every week on the clock of one zone; none is no quiet hours. Setting some needs a fresh factor."""

    zone: Line
    spans: Annotated[tuple[SpanForm, ...], msgspec.Meta(max_length=SPANS_LIMIT)]
    fresh: FreshForm | None = None


class SpanView(msgspec.Struct, frozen=True, rename={"begin": "from", "end": "to"}):
    """One span."""

    days: list[str]
    begin: str
    end: str


class QuietView(msgspec.Struct, frozen=True):
    """What stands now; no zone and no spans where there are no quiet hours."""

    zone: str | None
    spans: list[SpanView]


async def read(call: Call[None]) -> QuietView:
    """The person's quiet hours in this organisation."""
    return _view(await call.hub.keep_quiet.present(call.person))


async def replace(call: Call[QuietForm]) -> QuietView:
    """Set them, from the next question on."""
    asked = call.asked
    spans = tuple(
        Span(tuple(sorted(map(WEEKDAYS.index, span.days))), minute_of(span.begin), minute_of(span.end))
        for span in asked.spans
    )
    hours = Hours(asked.zone, spans) if spans else None
    return _view(await call.hub.keep_quiet(call.person, hours, fresh_of(asked.fresh)))


def _view(hours: Hours | None) -> QuietView:
    if hours is None:
        return QuietView(None, [])
    spans = [SpanView([WEEKDAYS[day] for day in span.days], _time(span.begin), _time(span.end)) for span in hours.spans]
    return QuietView(hours.zone, spans)


def _time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
