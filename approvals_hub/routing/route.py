"""A route as a noun: who is told, in which order, on which channels, after which delay, and what comes after.

A route only *tells*. It gives nobody the right to answer: whom the frozen requirement does not name is passed over,
whatever the route says (docs/decisions/0021).
"""

from __future__ import annotations

from typing import Final

import msgspec

DENY: Final = "deny"
EXPIRE: Final = "expire"
KEEP_WAITING: Final = "keep_waiting"
ENDS: Final = (DENY, EXPIRE, KEEP_WAITING)

IN_TURN: Final = "in_turn"
ALL: Final = "all"

LEVELS_LIMIT: Final = 10
PEOPLE_LIMIT: Final = 100
"""People that one level names."""
GROUPS_LIMIT: Final = 20
"""Groups, and schedules, of one level."""
CHANNELS_LIMIT: Final = 8
"""Channels of one level."""
TIMES_LIMIT: Final = 10
"""Repeats of a level, and reminders of a person, each."""
TELLINGS_LIMIT: Final = 100
"""How often a route may tell one person who has one address on each channel: more is no help to anybody."""

ACK_WITHIN: Final = 60
"""Seconds that a device is given unless the level says otherwise."""
OPEN_WITHIN: Final = 180
"""Seconds that a person is given whose device has the question, unless the level says otherwise."""


class Step(msgspec.Struct, frozen=True):
    """One channel of a level. `after` is how many seconds the way before it is given; for the first one, how long it
    waits itself. `devices` says whether several addresses of a person on it are told in turn or at once."""

    channel: str
    after: int
    devices: str = IN_TURN


class Repeat(msgspec.Struct, frozen=True):
    """Begin again `every` so many seconds, `times` times at most, for who has not opened the question."""

    every: int
    times: int


class Remind(msgspec.Struct, frozen=True):
    """Tell who has opened the question and not answered it again, `after` so many seconds each, `times` at most."""

    after: int
    times: int


class Level(msgspec.Struct, frozen=True):
    """Who is told together, and how. Times are in seconds.

    `next_after` is how long this level lasts at most; None only for the last level of a route that keeps waiting.
    """

    steps: tuple[Step, ...]
    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    schedules: tuple[str, ...] = ()
    ack_within: int = ACK_WITHIN
    open_within: int = OPEN_WITHIN
    repeat: Repeat | None = None
    remind: Remind | None = None
    next_after: int | None = None


class Route(msgspec.Struct, frozen=True):
    """Levels in order, and what comes after the last one: `deny`, `expire` or `keep_waiting`."""

    name: str
    levels: tuple[Level, ...]
    then: str


def tellings(level: Level) -> int:
    """How often a level tells one person at most who has one address on each of its channels, and is there all the
    time."""
    repeats = 0 if level.repeat is None else level.repeat.times
    reminders = 0 if level.remind is None else level.remind.times
    return len(level.steps) * (1 + repeats) + reminders


class Names(msgspec.Struct, frozen=True):
    """Everything that a route refers to, in the order in which it is written, without repeats."""

    people: tuple[str, ...]
    groups: tuple[str, ...]
    schedules: tuple[str, ...]
    channels: tuple[str, ...]


def names(route: Route) -> Names:
    """What must exist for this route to work, and what must not be deleted as long as it is used."""
    return Names(
        people=tuple(dict.fromkeys(name for level in route.levels for name in level.people)),
        groups=tuple(dict.fromkeys(name for level in route.levels for name in level.groups)),
        schedules=tuple(dict.fromkeys(name for level in route.levels for name in level.schedules)),
        channels=tuple(dict.fromkeys(step.channel for level in route.levels for step in level.steps)),
    )
