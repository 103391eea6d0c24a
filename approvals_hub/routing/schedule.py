"""Who is on call at an instant: rotations on a wall clock, in layers, with overrides.

The wall clock decides (`wall_clock.py`): a hand-over at 09:00 stays at 09:00 in summer and winter. One at 02:30 happens
when the clocks jump over it, or the first time they show it. A turn may be an hour longer or shorter in such a night,
and one that lies wholly in the gap is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from approvals_hub.core.clock import DAY
from approvals_hub.routing.hours import Hours
from approvals_hub.routing.wall_clock import at_minute, instant, shown

LAYERS_LIMIT: Final = 5
MEMBERS_LIMIT: Final = 50
"""Turns of one rotation; somebody may have several of them."""
OVERRIDES_LIMIT: Final = 200
LONGEST_TURN: Final = 52 * 7 * 24
"""Hours."""
SEARCHED: Final = 400 * DAY
"""How far ahead `next_change` looks, in milliseconds."""


class Rotation(msgspec.Struct, frozen=True):
    """People who take turns, in order, beginning at `start` at this minute of the day; before it nobody is on call.

    A turn lasts `every` hours of the wall clock: 24 for a day, 168 for a week, handed over on the weekday of `start`.
    """

    members: tuple[str, ...]
    start: date
    minute: int
    every: int

    def turn(self, zone: str, at: int) -> int:
        """Which turn it is, from 0; negative before the first."""
        first = at_minute(self.start, self.minute)
        turn = (shown(zone, at) - first) // timedelta(hours=self.every)
        # An hour that is there twice shows an earlier time after a later one: the hand-over has been.
        while instant(zone, self._begin(turn + 1)) <= at:
            turn += 1
        while instant(zone, self._begin(turn)) > at:
            turn -= 1
        return turn

    def member(self, zone: str, at: int) -> str | None:
        """Whose turn it is, or None before the start."""
        turn = self.turn(zone, at)
        return None if turn < 0 else self.members[turn % len(self.members)]

    def next_hand_over(self, zone: str, at: int) -> int | None:
        """The first instant after `at` at which a turn begins; None where one person has every turn for ever."""
        turn = self.turn(zone, at)
        if turn >= 0 and len(set(self.members)) == 1:
            return None
        return instant(zone, self._begin(max(turn + 1, 0)))

    def _begin(self, turn: int) -> datetime:
        return at_minute(self.start, self.minute) + timedelta(hours=turn * self.every)


class Layer(msgspec.Struct, frozen=True):
    """A rotation that holds at all times, or within `hours` alone."""

    rotation: Rotation
    hours: Hours | None = None


class Override(msgspec.Struct, frozen=True):
    """Somebody is on call from one instant until another, whatever the layers say. It is known from `recorded_at` on,
    so that nothing that was said about the past changes; 0 is "always known"."""

    person: str
    since: int
    until: int
    recorded_at: int = 0

    @property
    def from_when(self) -> int:
        """When it begins to count."""
        return max(self.since, self.recorded_at)


class Schedule(msgspec.Struct, frozen=True):
    """Layers, the most important first, on the wall clock of one zone; overrides, the latest written last."""

    name: str
    zone: str
    layers: tuple[Layer, ...]
    overrides: tuple[Override, ...] = ()

    def people(self) -> frozenset[str]:
        """Everybody who is on call at some time, as far as its texts say."""
        turns = frozenset(person for layer in self.layers for person in layer.rotation.members)
        return turns.union(each.person for each in self.overrides)

    def with_overrides(self, further: Collection[Override]) -> Schedule:
        """The same schedule with overrides that were recorded later."""
        return msgspec.structs.replace(self, overrides=(*self.overrides, *further)) if further else self


def candidates(schedule: Schedule, at: int) -> tuple[str, ...]:
    """Everybody who could be on call at an instant, without repeats: who stands in by an override first (the latest
    written counts), then whose turn it is in each layer from the top. The first is on call; the others follow where
    that one is not among those who may answer."""
    overriding = [found.person for found in reversed(schedule.overrides) if found.from_when <= at < found.until]
    turns = [
        layer.rotation.member(schedule.zone, at)
        for layer in schedule.layers
        if layer.hours is None or layer.hours.covers(at)
    ]
    return tuple(dict.fromkeys([*overriding, *(turn for turn in turns if turn is not None)]))


def on_call(schedule: Schedule, at: int, among: Collection[str] | None = None) -> str | None:
    """Who is on call at an instant, of these people where `among` is given; None where nobody is."""
    return next((person for person in candidates(schedule, at) if among is None or person in among), None)


def next_border(schedule: Schedule, at: int) -> int | None:
    """The next instant after `at` at which `candidates` may change, hence never after it does; None for never."""
    return min((border for border in _borders(schedule, at) if border > at), default=None)


def next_change(schedule: Schedule, at: int, among: Collection[str] | None = None) -> int | None:
    """The next instant after `at` at which somebody else is on call, or nobody; None where there is none within
    SEARCHED."""
    now, border = on_call(schedule, at, among), next_border(schedule, at)
    while border is not None and border <= at + SEARCHED:
        if on_call(schedule, border, among) != now:
            return border
        border = next_border(schedule, border)
    return None


def _borders(schedule: Schedule, at: int) -> Iterator[int]:
    for override in schedule.overrides:
        if override.from_when < override.until:
            yield override.from_when
            yield override.until
    for layer in schedule.layers:
        begin = layer.rotation.next_hand_over(schedule.zone, at)
        if begin is not None:
            yield begin
        border = None if layer.hours is None else layer.hours.next_border(at)
        if border is not None:
            yield border
