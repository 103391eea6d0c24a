"""Reads an on-call schedule from YAML, strictly (docs/reference/routes.md). Local times stand in quotes."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from approvals_hub.core.strict_yaml import parse
from approvals_hub.core.yaml_fields import Fields, choice_of, text_of
from approvals_hub.routing.hours import SPANS_LIMIT, Hours, Span
from approvals_hub.routing.load import A_NAME, A_PERSON, NAME, PERSON
from approvals_hub.routing.schedule import (
    LAYERS_LIMIT,
    LONGEST_TURN,
    MEMBERS_LIMIT,
    OVERRIDES_LIMIT,
    Layer,
    Override,
    Rotation,
    Schedule,
)
from approvals_hub.routing.wall_clock import WEEKDAYS, date_of, instant, local_of, minute_of, zone_named

CODE: Final = "schedule_invalid"

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]{0,63}")
_EVERY = re.compile(r"([1-9][0-9]{0,3})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 168}


def load_schedule(text: str | bytes) -> Schedule:
    """The schedule that is written in `text`.

    Raises Invalid (`schedule_invalid`) and nothing else, as `load_route` does; also for a zone that this computer does
    not know, a date that is not there, and a weekly hand-over whose `start` is another day of the week.
    """
    fields = Fields(parse(text, code=CODE), ("schedule", "zone", "layers", "overrides"), code=CODE)
    zone = fields.text("zone", _ZONE, "a time zone like 'Europe/Stockholm'")
    try:
        zone_named(zone)
    except ValueError:
        fields.refuse("zone", f"{zone!r} is no time zone that this computer knows, like 'Europe/Stockholm'")
    fields.node("layers")
    return Schedule(
        name=fields.text("schedule", NAME, A_NAME),
        zone=zone,
        layers=tuple(
            _layer(each, zone)
            for each in fields.each("layers", LAYERS_LIMIT, ("members", "start", "at", "every", "weekday", "hours"))
        ),
        overrides=tuple(
            _override(each, zone) for each in fields.each("overrides", OVERRIDES_LIMIT, ("person", "from", "to"))
        ),
    )


def _layer(fields: Fields, zone: str) -> Layer:
    fields.node("members")
    start = _date(fields)
    every, unit = _every(fields)
    if unit == "w":
        weekday = fields.choice("weekday", WEEKDAYS)
        if weekday != WEEKDAYS[start.weekday()]:
            fields.refuse("start", f"{start} is a {WEEKDAYS[start.weekday()]}, and the hand-over is on {weekday}")
    elif fields.has("weekday"):
        fields.refuse("weekday", "only turns of whole weeks ('every: 1w') are handed over on a weekday")
    # The same person may have several turns of one rotation, hence no search for repeats.
    members = tuple(text_of(node, PERSON, A_PERSON, code=CODE) for node in fields.items("members", MEMBERS_LIMIT))
    rotation = Rotation(members, start, minute_of(fields.text("at", _TIME, "a time of day like '09:30'")), every)
    spans = tuple(_span(each) for each in fields.each("hours", SPANS_LIMIT, ("days", "from", "to")))
    return Layer(rotation, Hours(zone, spans) if spans else None)


def _every(fields: Fields) -> tuple[int, str]:
    """Hours of a turn, and the unit in which they are written."""
    text = fields.text("every", _EVERY, "a turn like 12h, 1d or 1w")
    found = _EVERY.fullmatch(text)
    hours = int(found[1]) * _HOURS[found[2]] if found else 0
    if not found or not 1 <= hours <= LONGEST_TURN:
        fields.refuse("every", "a turn lasts from 1h to 52w")
    return hours, found[2]


def _date(fields: Fields) -> date:
    text = fields.text("start", _DATE, "a date like '2026-01-31'")
    try:
        return date_of(text)
    except ValueError as error:
        fields.refuse("start", f"{text}: {error}")


def _span(fields: Fields) -> Span:
    fields.node("days")
    days = [choice_of(node, WEEKDAYS, code=CODE) for node in fields.items("days", len(WEEKDAYS))]
    if len(set(days)) < len(days):
        fields.refuse("days", "a day is written twice")
    begin, end = (minute_of(fields.text(key, _TIME, "a time of day like '22:00'")) for key in ("from", "to"))
    return Span(tuple(sorted(map(WEEKDAYS.index, days))), begin, end)


def _override(fields: Fields, zone: str) -> Override:
    since, until = (_local(fields, key, zone) for key in ("from", "to"))
    if since >= until:
        fields.refuse("to", "an override ends after it begins")
    return Override(fields.text("person", PERSON, A_PERSON), since, until)


def _local(fields: Fields, key: str, zone: str) -> int:
    text = fields.text(key, _LOCAL, "a date and time like '2026-01-31T09:30'")
    try:
        return instant(zone, local_of(text))
    except ValueError as error:
        fields.refuse(key, f"{text}: {error}")
