"""Small questions and people with telephones, for the tests of routing. Seconds count from the opening."""

from __future__ import annotations

from typing import Any

import msgspec

from approvals_hub.core.clock import SECOND
from approvals_hub.routing.question import Contact, Facts, Question, Receipt, Telling
from approvals_hub.routing.route import DENY, Level, Route, Step
from approvals_hub.routing.timetable import Answer, answer

START = 1_790_000_000_000
"""2026-09-21 14:13:20 UTC, a Monday."""
PEOPLE = ("ada", "bo", "cy", "di")


def at(seconds: float) -> int:
    """That many seconds after the opening."""
    return START + int(seconds * SECOND)


def steps(*channels: str | tuple[str, int] | Step) -> tuple[Step, ...]:
    """Channels: the first at once, each other one after a minute or so many seconds as it says."""
    made = []
    for place, each in enumerate(channels):
        usual = 60 if place else 0
        made.append(each if isinstance(each, Step) else Step(each, usual) if isinstance(each, str) else Step(*each))
    return tuple(made)


def level(*people: str, channels: tuple[Step, ...] | None = None, **more: Any) -> Level:
    """A level of these people, by push unless it says otherwise."""
    return Level(**{"steps": channels or steps("push"), "people": people, "next_after": 600, **more})


def question(*levels: Level, then: str = DENY, **more: Any) -> Question:
    """A question with these levels; the people are called what they are."""
    named = {person: person for person in (*PEOPLE, "eve", "owner")}
    return Question(
        **{
            "escalation_id": "esc_1",
            "opened_at": START,
            "route": Route("night", levels, then),
            "people": PEOPLE,
            "named": named,
            "barred": ("owner",),
            "may_stand_in": (*PEOPLE, "eve", "owner"),
            **more,
        }
    )


def phones(*people: str, channels: tuple[str, ...] = ("push",)) -> tuple[Contact, ...]:
    """One address for each person and channel, like `ada:push`."""
    return tuple(Contact(f"{person}:{channel}", person, channel) for person in people for channel in channels)


def facts(*, life: float = 3600, **more: Any) -> Facts:
    """The facts of a question that lives so many seconds; everybody has push unless `contacts` says otherwise."""
    return Facts(**{"expires_at": at(life), "contacts": phones(*PEOPLE, "eve"), **more})


def told(asked: Question, known: Facts, seconds: float) -> list[tuple[float, str, str]]:
    """When, to whom and where, of everything that is due by then."""
    return [shown(telling) for telling in answer(asked, known, at(seconds)).told]


def shown(telling: Telling) -> tuple[float, str, str]:
    """Seconds from the opening, and the address."""
    return ((telling.at - START) / SECOND, telling.contact, telling.reason)


def seconds(instant: int | None) -> float | None:
    """From the opening."""
    return None if instant is None else (instant - START) / SECOND


def receipt(kind: str, telling: Telling, when: float) -> Receipt:
    """What became of a telling."""
    return Receipt(telling.person, kind, at(when), telling.id)


def with_receipts(known: Facts, *receipts: Receipt) -> Facts:
    """The facts and these."""
    return msgspec.structs.replace(known, receipts=(*known.receipts, *receipts))


def last(found: Answer) -> Telling:
    """The telling that was due last."""
    return found.told[-1]
