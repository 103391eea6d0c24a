"""From when until when each person is to be told by one rung: a level, or a hand-over within it.

People come and go while a question is open: shifts change, absences begin and end, somebody leaves. A stint is one
uninterrupted time in which a rung asks a person; who comes back later gets another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

import msgspec

from approvals_hub.routing.absence import HANDED_OVER, Chain, Link
from approvals_hub.routing.question import Facts, HandOver, Question
from approvals_hub.routing.route import Level
from approvals_hub.routing.schedule import Schedule, candidates, next_border
from approvals_hub.routing.standing import may_answer, occupant


class Stint(msgspec.Struct, frozen=True):
    """A person is asked from `since` until `until` (both in milliseconds), through this chain. `number` counts the
    stints of one person in one rung, from 0."""

    person: str
    chain: Chain
    since: int
    until: int
    number: int = 0


Seat = Callable[[int], Chain | None]
"""At an instant, the chain to whoever sits there."""


def of_level(
    question: Question, facts: Facts, level: Level, since: int, until: int, moved: dict[str, int]
) -> tuple[Stint, ...]:
    """The stints of a level that begins at `since`. `moved` says when each person handed over.

    People come first, then members of groups, then who is on call; who has several seats is asked once.
    """
    people = [question.named[name] for name in level.people if name in question.named]
    members = [(name, person) for name in level.groups for person in question.groups.get(name, ())]
    shifts = [
        question.schedules[name].with_overrides(facts.overrides.get(name, ()))
        for name in level.schedules
        if name in question.schedules
    ]
    found: list[Stint] = []
    for person in dict.fromkeys(people):
        near = _about(facts, [person])
        found += _sat(_seat(question, near, person, moved), _borders(near), since, until)
    for group, person in members:
        left = min((each.at for each in facts.left if (each.group, each.person) == (group, person)), default=until)
        near = _about(facts, [person])
        found += _sat(_seat(question, near, person, moved), _borders(near), since, min(left, until))
    for shift in shifts:
        changes = set(_shift_borders(shift, since, until))
        near = _about(facts, question.people)
        found += _sat(_shift_seat(question, near, shift, moved), _borders(near) | changes, since, until)
    return _joined(found)


def of_hand_over(
    question: Question, facts: Facts, move: HandOver, until: int, moved: dict[str, int]
) -> tuple[Stint, ...]:
    """The stints of the person to whom a question was handed over, or of who stands in for them."""
    before = may_answer(question, facts, move.person, move.at) or ()
    near = _about(facts, [move.to])

    def seat(at: int) -> Chain | None:
        found = _unmoved(occupant(question, near, move.to, at), moved, at)
        return None if found is None else (*before, Link(move.to, HANDED_OVER), *found[1:])

    return _joined(_sat(seat, _borders(near), move.at, until))


def _seat(question: Question, facts: Facts, person: str, moved: dict[str, int]) -> Seat:
    return lambda at: _unmoved(occupant(question, facts, person, at), moved, at)


def _shift_seat(question: Question, facts: Facts, shift: Schedule, moved: dict[str, int]) -> Seat:
    """Who is on call, as far as they may answer; else whoever is in the layer below. Who is on call and has handed over
    is replaced by that other one alone."""

    def seat(at: int) -> Chain | None:
        chains = (occupant(question, facts, person, at) for person in candidates(shift, at))
        return _unmoved(next((chain for chain in chains if chain is not None), None), moved, at)

    return seat


def _unmoved(chain: Chain | None, moved: dict[str, int], at: int) -> Chain | None:
    """The chain, unless somebody on it has handed over by then."""
    if chain is None or any(link.person in moved and moved[link.person] <= at for link in chain):
        return None
    return chain


def _about(facts: Facts, people: Iterable[str]) -> Facts:
    """The facts about these people and whoever may stand in for them: what is about others changes nothing here."""
    near, size = set(people), 0
    while size < len(near):
        size = len(near)
        near |= {each.delegate for each in facts.absences if each.person in near and each.delegate is not None}
    return msgspec.structs.replace(
        facts,
        absences=tuple(each for each in facts.absences if each.person in near),
        gone={person: at for person, at in facts.gone.items() if person in near},
        hand_overs=tuple(each for each in facts.hand_overs if each.person in near),
    )


def _borders(facts: Facts) -> set[int]:
    """Every instant at which somebody may begin or cease to sit somewhere, shifts aside."""
    return {
        *(border for absence in facts.absences for border in (absence.from_when, absence.until)),
        *facts.gone.values(),
        *(move.at for move in facts.hand_overs),
    }


def _shift_borders(shift: Schedule, since: int, until: int) -> Iterator[int]:
    border = next_border(shift, since)
    while border is not None and border < until:
        yield border
        border = next_border(shift, border)


def _sat(seat: Seat, borders: set[int], since: int, until: int) -> list[Stint]:
    """Who sits on one seat, from border to border."""
    if since >= until:
        return []
    times = [since, *sorted(border for border in borders if since < border < until), until]
    return [
        Stint(chain[-1].person, chain, begin, end)
        for begin, end in pairwise(times)
        if (chain := seat(begin)) is not None
    ]


def _joined(found: list[Stint]) -> tuple[Stint, ...]:
    """Stints of the same person that touch or overlap as one, with the chain of the first: the order of the seats
    decides between two that begin together."""
    joined: list[Stint] = []
    last: dict[str, int] = {}
    # Sorting keeps the order of the seats where instants are equal.
    for stint in sorted(found, key=lambda stint: stint.since):
        place = last.get(stint.person)
        before = None if place is None else joined[place]
        if place is not None and before is not None and stint.since <= before.until:
            joined[place] = msgspec.structs.replace(before, until=max(before.until, stint.until))
            continue
        number = 0 if before is None else before.number + 1
        last[stint.person] = len(joined)
        joined.append(msgspec.structs.replace(stint, number=number))
    return tuple(joined)
