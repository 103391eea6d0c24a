"""Times on the wire: RFC 3339 in UTC, written with `Z`; inside they are integer milliseconds since 1970."""

from __future__ import annotations

import re
from datetime import datetime
from time import gmtime, time_ns

# Newer Pythons read the hour 24 as the next day's first.
_form = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?!24)[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3})?Z")


def present() -> int:
    """This machine's time."""
    return time_ns() // 1_000_000


def to_text(milliseconds: int) -> str:
    """`2026-11-21T01:40:28.123Z`: always three decimals."""
    whole, rest = divmod(milliseconds, 1000)
    moment = gmtime(whole)
    return (
        f"{moment.tm_year:04d}-{moment.tm_mon:02d}-{moment.tm_mday:02d}"
        f"T{moment.tm_hour:02d}:{moment.tm_min:02d}:{moment.tm_sec:02d}.{rest:03d}Z"
    )


def to_milliseconds(text: str) -> int:
    """Read a UTC time with `Z` and three decimals or none.

    Raises ValueError for any other form (offsets, naive times, other precisions) and for dates that do not exist.
    """
    if not _form.fullmatch(text):
        raise ValueError("not an RFC 3339 time in UTC")
    moment = datetime.fromisoformat(text)
    seconds = (moment.toordinal() - 719_163) * 86_400 + moment.hour * 3600 + moment.minute * 60 + moment.second
    return seconds * 1000 + moment.microsecond // 1000
