"""The hub's time: milliseconds since 1970 in UTC, read in one place so that tests can set it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,20})?(?:Z|[+-][0-9]{2}:[0-9]{2})", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Clock:
    """Answers "what time is it"; the only source of wall-clock time in the hub."""

    now: Callable[[], int]
    """The time now, in milliseconds since 1970-01-01T00:00:00Z."""


def system_clock() -> Clock:
    """The machine's clock."""
    return Clock(lambda: time.time_ns() // 1_000_000)


def to_text(milliseconds: int) -> str:
    """An RFC 3339 UTC time with exactly three decimals: `2026-11-21T01:40:28.123Z`."""
    whole, rest = divmod(milliseconds, SECOND)
    return f"{_second(whole)}.{rest:03d}Z"


# One answer of the API names five times or more, most of them within the same few seconds.
@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    moment = time.gmtime(seconds)
    return (
        f"{moment.tm_year:04d}-{moment.tm_mon:02d}-{moment.tm_mday:02d}"
        f"T{moment.tm_hour:02d}:{moment.tm_min:02d}:{moment.tm_sec:02d}"
    )


def to_milliseconds(text: str) -> int:
    """Read an RFC 3339 date-time (section 5.6) with an offset; decimals beyond the third are cut off.

    Raises ValueError for anything else: the other forms of ISO 8601, a time without an offset, a leap second.
    """
    if not _DATE_TIME.fullmatch(text):
        raise ValueError("not an RFC 3339 date-time with an offset")
    moment = datetime.fromisoformat(text.upper())
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds // 1000
