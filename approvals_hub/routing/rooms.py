"""Rooms are told once of a question: a chat or a program of the organisation, in which no person is addressed.

A room that a route names is told when the first level that names it begins; where nobody wrote a route, at once.
"""

from __future__ import annotations

import hashlib

import msgspec

from approvals_hub.routing.question import Facts, Question
from approvals_hub.routing.receipts import Receipts
from approvals_hub.routing.rungs import ascent


class RoomTelling(msgspec.Struct, frozen=True):
    """One room is told. The same telling has the same id for ever."""

    id: str
    at: int
    level: int
    channel: str


def rooms_told(question: Question, facts: Facts, now: int) -> tuple[RoomTelling, ...]:
    """Every room that is to be told by `now`, in milliseconds."""
    if question.tells_rooms_at_once:
        return tuple(_telling(question, channel, question.opened_at, 1) for channel in question.rooms)
    if not question.rooms:
        return ()
    starts = ascent(question, facts, Receipts(facts), now).starts
    told: dict[str, RoomTelling] = {}
    for number, (start, level) in enumerate(zip(starts, question.route.levels, strict=False), 1):
        for step in level.steps:
            if start <= now and step.channel in question.rooms and step.channel not in told:
                told[step.channel] = _telling(question, step.channel, start, number)
    return tuple(told.values())


def _telling(question: Question, channel: str, at: int, level: int) -> RoomTelling:
    name = f"{question.escalation_id} room {channel}"
    return RoomTelling("tel_" + hashlib.sha256(name.encode()).hexdigest()[:32], at, level, channel)
