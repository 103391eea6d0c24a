"""How much agents may ask: token buckets, and waits that grow with denials. Pure.

A bucket is one number, the time at which it is full again (GCRA, ITU-T I.371 Annex A): taking one moves it on by the
time in which one comes back.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, Literal, get_args

import msgspec

from approvals_hub.core.clock import DAY, HOUR, MINUTE, SECOND
from approvals_hub.core.errors import Invalid
from approvals_hub_client.canonical import dumps, loads

Kind = Literal["agent", "person", "pair"]
KINDS: Final[tuple[str, ...]] = get_args(Kind)
MOST: Final = 1_000_000
"""The largest number of any member."""
FORGOTTEN_AFTER: Final = DAY
"""Denials count no more when none came for so long, in milliseconds."""


class Bucket(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many questions at once, and how many come back in an hour."""

    burst: int
    hourly: int

    @property
    def each(self) -> int:
        """Milliseconds in which one comes back."""
        return HOUR // self.hourly

    @property
    def span(self) -> int:
        """How far from now, in milliseconds, a bucket with one question left is full again at most."""
        return self.each * (self.burst - 1)


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One organisation's: of each agent, of what comes to each person, and of what one agent asks of one person."""

    agent: Bucket = Bucket(100, 200)
    person: Bucket = Bucket(120, 240)
    pair: Bucket = Bucket(60, 120)
    back_off: bool = True
    """Whether an agent that is denied again and again waits."""

    def allow_more_than(self, other: Limits) -> bool:
        """Whether any member lets more through than it does in `other`."""
        if other.back_off and not self.back_off:
            return True
        pairs = [(self.of(kind), other.of(kind)) for kind in KINDS]
        return any(mine.burst > theirs.burst or mine.hourly > theirs.hourly for mine, theirs in pairs)

    def of(self, kind: str) -> Bucket:
        """The bucket of a kind."""
        bucket: Bucket = getattr(self, kind)
        return bucket

    def text(self) -> str:
        """The canonical text that is stored."""
        return dumps(loads(msgspec.json.encode(self))).decode()


@lru_cache(maxsize=256)
def stored(text: str | None) -> Limits:
    """Limits that the hub itself wrote; the defaults where it wrote none."""
    return Limits() if text is None else msgspec.json.decode(text, type=Limits)


def read_limits(value: Any, usual: Limits | None = None) -> Limits:
    """Limits that an admin wrote; what is left out is as in `usual`. Raises Invalid with the member's path."""
    left_out = {} if usual is None or not isinstance(value, dict) else msgspec.to_builtins(usual)
    try:
        limits = msgspec.convert({**left_out, **value} if isinstance(value, dict) else value, Limits)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `")
        raise _invalid(what, where.rstrip("`") or "$") from error
    for kind in KINDS:
        for name in ("burst", "hourly"):
            if not 1 <= getattr(limits.of(kind), name) <= MOST:
                raise _invalid(f"{name} is from 1 to {MOST}", f"$.{kind}.{name}")
    return limits


def back_off(denials: int, *, same: bool) -> int:
    """How long after the last of so many denials in a row nothing is asked, in milliseconds.

    The first is free, as people say what to change. After the second of the `same` kind of action it is 30 seconds,
    after the fourth denial of anything 10; it doubles with each further one, to an hour and to 15 minutes.
    """
    free, first, most = (2, 30 * SECOND, HOUR) if same else (4, 10 * SECOND, 15 * MINUTE)
    if denials < free:
        return 0
    return int(min(first << min(denials - free, 20), most))


def _invalid(detail: str, field: str) -> Invalid:
    return Invalid("limits_invalid", detail, next_step="Correct the named member.", field=field)
