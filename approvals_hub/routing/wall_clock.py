"""From what a clock on a wall shows to the hub's milliseconds, through every change of a zone's offset.

One rule for all of them: something planned for a date and a time of day happens at *the first instant at which that
place's clock shows that time or a later one*. A time that does not exist, as the clocks were put forward over it, is
the instant of the jump; a time that exists twice, as they were put back, is the first of the two.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from approvals_hub.core.clock import SECOND

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2200
"""Years in which plans are made: far from where dates end, whatever is added to them."""

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_MINUTES: Final = 1440

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - local times have no zone of their own: they are added to and compared
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,31}(/[A-Za-z0-9_+-]{1,32}){0,2}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo:
    """The zone of this IANA name, from the system's data or else from the package `tzdata`. Raises ValueError."""
    if not _ZONE.fullmatch(name):
        raise ValueError("not the name of a time zone")
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:  # a folder, a file of something else, nothing of that name
        raise ValueError("not a known time zone") from error


# One question asks for the same few nights and hand-overs again and again.
@lru_cache(maxsize=16_384)
def instant(zone: str, local: datetime) -> int:
    """The first instant, in milliseconds, at which a clock in `zone` shows `local` (naive) or later."""
    place = zone_named(zone)
    early, late = sorted(_milliseconds(local.replace(tzinfo=place, fold=fold)) for fold in (0, 1))
    if shown(zone, early) >= local:
        return early
    # Over a gap the two readings lie before and after the jump, which is searched for between them.
    while late - early > SECOND:
        middle = (early + late) // (2 * SECOND) * SECOND
        early, late = (early, middle) if shown(zone, middle) >= local else (middle, late)
    return late


def shown(zone: str, at: int) -> datetime:
    """What a clock in `zone` shows at an instant: a naive date and time, to the second."""
    return datetime.fromtimestamp(at // SECOND, UTC).astimezone(zone_named(zone)).replace(tzinfo=None, fold=0)


def minute_of(text: str) -> int:
    """Minutes since midnight of `HH:MM`. Raises ValueError for every other notation."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError("not a time of day like 09:30")
    return int(found[1]) * 60 + int(found[2])


def at_minute(day: date, minute: int) -> datetime:
    """The local date and time of a minute of that day; minutes from 1440 on are of the days after it."""
    return datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - local, as _EPOCH is


def date_of(text: str) -> date:
    """A date written `YYYY-MM-DD`, within the years in which plans are made. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError("not a date like 2026-01-31")
    day = date.fromisoformat(text)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"not in the years {FIRST_YEAR} to {LAST_YEAR}")
    return day


def local_of(text: str) -> datetime:
    """A local date and time written `YYYY-MM-DDTHH:MM`. Raises ValueError."""
    day, letter, time = text.partition("T")
    if not letter:
        raise ValueError("not a date and time like 2026-01-31T09:30")
    return at_minute(date_of(day), minute_of(time))


def _milliseconds(moment: datetime) -> int:
    return (moment.astimezone(UTC).replace(tzinfo=None) - _EPOCH) // timedelta(milliseconds=1)
