"""Reads a route from YAML, strictly (docs/reference/routes.md): whatever is not understood is refused, with its line.

A route that is read leniently fails at night: a misspelt `next_after` would be a level that never ends.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from approvals_hub.core.strict_yaml import Node, Scalar, parse, refuse
from approvals_hub.core.yaml_fields import Fields, choice_of, text_of
from approvals_hub.routing.route import (
    ACK_WITHIN,
    ALL,
    CHANNELS_LIMIT,
    ENDS,
    GROUPS_LIMIT,
    IN_TURN,
    KEEP_WAITING,
    LEVELS_LIMIT,
    OPEN_WITHIN,
    PEOPLE_LIMIT,
    TELLINGS_LIMIT,
    TIMES_LIMIT,
    Level,
    Remind,
    Repeat,
    Route,
    Step,
    tellings,
)

CODE: Final = "route_invalid"
NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
A_NAME: Final = "a name of 1 to 40 small letters, digits, '_' and '-', beginning with a letter"
PERSON: Final = re.compile(r"[^\s\"'`,;:<>\[\]{}|\\]{1,254}")
A_PERSON: Final = "a person's id or mail address"

_MINUTE = 60
_DAY = 86_400
_LEVEL = (
    "people",
    "groups",
    "schedules",
    "channels",
    "ack_within",
    "open_within",
    "repeat",
    "remind",
    "next_after",
)


def load_route(text: str | bytes, channels: Collection[str] | None = None) -> Route:
    """The route that is written in `text`; `channels` are those that the organisation has, where that is known.

    Raises Invalid (`route_invalid`) and nothing else: its detail and `extra` name line and column, its `field` the
    path, and an unknown word comes with the nearest known one.
    """
    fields = Fields(parse(text, code=CODE), ("route", "levels", "then"), code=CODE)
    then = fields.choice("then", ENDS)
    levels = fields.items("levels", LEVELS_LIMIT)
    if not levels:
        fields.refuse("levels", "a route has 'levels'")
    known = None if channels is None else tuple(sorted(channels))
    name = fields.text("route", NAME, A_NAME)
    made = [
        _level(node, known, lasts=then != KEEP_WAITING or place < len(levels) - 1) for place, node in enumerate(levels)
    ]
    if (most := sum(map(tellings, made))) > TELLINGS_LIMIT:
        fields.refuse("levels", f"one person could be told {most} times, and {TELLINGS_LIMIT} is the limit")
    return Route(name, tuple(made), then)


def _level(node: Node, known: tuple[str, ...] | None, *, lasts: bool) -> Level:
    """One level. `lasts` is whether something comes after it, for which it must say a time."""
    fields = Fields(node, _LEVEL, code=CODE)
    people = fields.texts("people", PEOPLE_LIMIT, PERSON, A_PERSON)
    groups = fields.texts("groups", GROUPS_LIMIT, NAME, A_NAME)
    schedules = fields.texts("schedules", GROUPS_LIMIT, NAME, A_NAME)
    if not (people or groups or schedules):
        refuse(CODE, fields.place, "a level tells somebody: 'people', 'groups' or 'schedules'")
    if not lasts and fields.has("next_after"):
        fields.refuse("next_after", "nothing comes after the last level of a route that keeps waiting")
    ack_within = fields.duration("ack_within", 5, 60 * _MINUTE, ACK_WITHIN)
    return Level(
        steps=_steps(fields, known, ack_within),
        people=people,
        groups=groups,
        schedules=schedules,
        ack_within=ack_within,
        open_within=fields.duration("open_within", 5, _DAY, OPEN_WITHIN),
        repeat=_repeat(fields),
        remind=_remind(fields),
        next_after=fields.duration("next_after", 10, 30 * _DAY) if lasts else None,
    )


def _steps(level: Fields, known: tuple[str, ...] | None, ack_within: int) -> tuple[Step, ...]:
    level.node("channels")
    steps: list[Step] = []
    for node in level.items("channels", CHANNELS_LIMIT):
        # Seconds until the first channel of a level: none; until another one: what the one before it is given.
        usual = ack_within if steps else 0
        step = _step(node, known, usual)
        if any(step.channel == before.channel for before in steps):
            refuse(CODE, node.place, f"the channel {step.channel!r} is written twice in this level")
        steps.append(step)
    return tuple(steps)


def _step(node: Node, known: tuple[str, ...] | None, usual: int) -> Step:
    if isinstance(node, Scalar):
        return Step(_channel(node, known), usual)
    fields = Fields(node, ("channel", "after", "devices"), code=CODE)
    return Step(
        channel=_channel(fields.node("channel"), known),
        after=fields.duration("after", 0, _DAY, usual),
        devices=fields.choice("devices", (IN_TURN, ALL), IN_TURN),
    )


def _channel(node: Node, known: tuple[str, ...] | None) -> str:
    name = text_of(node, NAME, A_NAME, code=CODE)
    return name if known is None else choice_of(node, known, code=CODE)


def _repeat(level: Fields) -> Repeat | None:
    if not level.has("repeat"):
        return None
    fields = level.fields("repeat", ("every", "times"))
    return Repeat(every=fields.duration("every", 30, _DAY), times=fields.whole("times", 1, TIMES_LIMIT))


def _remind(level: Fields) -> Remind | None:
    if not level.has("remind"):
        return None
    fields = level.fields("remind", ("after", "times"))
    return Remind(after=fields.duration("after", 30, _DAY), times=fields.whole("times", 1, TIMES_LIMIT))
