"""In whose place somebody answers a question, and through whom. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from approvals_hub.core.clock import to_milliseconds, to_text
from approvals_hub.routing.absence import Absence, absence_of, stand_in


class StandIn(msgspec.Struct, frozen=True):
    """One person who was asked and is away, with the delegations that lead from them to the one who answers."""

    person_id: str
    through: tuple[str, ...]
    """Delegates on the way who are away themselves."""
    absences: tuple[str, ...]
    """Ids, from the person who was asked on."""
    until: int
    """When the first of them ends, in milliseconds."""


class StoodIn(msgspec.Struct, frozen=True):
    """The same for people to read: with the name of who is away, and until when, in milliseconds."""

    person_id: str
    name: str
    through: tuple[str, ...]
    until: int


def stands_in(
    person_id: str,
    asked: Collection[str],
    absences: Collection[Absence],
    at: int,
    *,
    may_stand_in: Collection[str],
    barred: Collection[str],
) -> tuple[StandIn, ...]:
    """In the places of which of those who are asked this person answers at an instant, sorted by their ids."""
    found = []
    for away in sorted({each.person for each in absences if each.person != person_id and each.person in asked}):
        chain = stand_in(away, absences, at, may_stand_in=may_stand_in, barred=barred)
        if chain is not None and chain[-1].person == person_id:
            on_the_way = [link.person for link in chain[:-1]]
            steps = [step for one in on_the_way if (step := absence_of(one, absences, at)) is not None]
            found.append(
                StandIn(
                    person_id=away,
                    through=tuple(on_the_way[1:]),
                    absences=tuple(step.id for step in steps),
                    until=min(step.until for step in steps),
                )
            )
    return tuple(found)


def next_change(absences: Iterable[Absence], now: int) -> int | None:
    """The next instant at which an absence begins or ends, as far as is known now."""
    borders = (border for each in absences for border in (each.from_when, each.until))
    return min((border for border in borders if border > now), default=None)


def stood_in(each: StandIn, names: Mapping[str, str]) -> StoodIn:
    """With its name."""
    return StoodIn(each.person_id, names.get(each.person_id, ""), each.through, each.until)


def text_of(found: tuple[StandIn, ...]) -> str | None:
    """What is stored with an answer; None for one that its person gave for themselves alone."""
    return msgspec.json.encode(found).decode() if found else None


def read_stand_ins(text: str | None) -> tuple[StandIn, ...]:
    """The same, read again."""
    return () if text is None else msgspec.json.decode(text, type=tuple[StandIn, ...])


def stood_in_claim(each: StandIn) -> dict[str, Any]:
    """How audit entries and tokens say it: opaque ids, and when the absence was to end."""
    return {
        "person_id": each.person_id,
        "through": list(each.through),
        "absences": list(each.absences),
        "until": to_text(each.until),
    }


def of_claim(claim: dict[str, Any]) -> StandIn:
    """The same from what a token says."""
    return StandIn(
        claim["person_id"], tuple(claim["through"]), tuple(claim["absences"]), to_milliseconds(claim["until"])
    )
