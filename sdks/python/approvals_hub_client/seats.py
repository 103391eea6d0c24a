"""Whether these people make up a quorum. Pure.

Every approval that a rule takes is a seat, and each person sits on one: somebody who stands in two groups counts in one
of them. So a rule over several groups is about that many different people, whoever is in which. Somebody who answers
for others takes the seat of one of them, or their own, and no second one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, product
from types import MappingProxyType
from typing import Any

import msgspec

from approvals_hub_client.rule import Rule

NOBODY_ELSE: Mapping[str, str] = MappingProxyType({})
"""Everybody signed for themselves."""
EVERY_STAGE = 1 << 16
"""Stands for an answer that counts in whichever stage it is wanted."""


class _Group(msgspec.Struct, frozen=True):
    people: frozenset[str]
    approvals: int
    stage: int


def holds(rule: Rule, given: Mapping[str, int], signed_by: Mapping[str, str] = NOBODY_ELSE) -> bool:
    """Whether everybody whom the rule wants has a different person here.

    `given` says of each person who approved how many stages were complete then: an approval counts for the stages that
    were open when it was given, not for a later one. `signed_by` says who approved in somebody's place.
    """
    return missing(rule, given, signed_by) == 0


def missing(rule: Rule, given: Mapping[str, int], signed_by: Mapping[str, str] = NOBODY_ELSE) -> int:
    """How many more different people it takes at least, whoever they may be."""
    return min(_empty_seats(groups, given, signed_by) for groups in _alternatives(rule))


def reached(rule: Rule | None, given: Mapping[str, int], signed_by: Mapping[str, str] = NOBODY_ELSE) -> int:
    """Which stage is to be answered: the first that does not hold yet, the last where all hold."""
    stages = () if rule is None or rule.stages is None else rule.stages
    last = max(len(stages) - 1, 0)
    return next(
        (place for place in range(last) if not holds(Rule(stages=stages[: place + 1]), given, signed_by)),
        last,
    )


def one_each(choices: Sequence[Sequence[Any]]) -> int:
    """How many of those who choose can have one of theirs that nobody else has.

    Kuhn's matching: exact, where taking things as they come would depend on the order.
    """
    taken: dict[Any, int] = {}

    def take(number: int, asked: set[Any]) -> bool:
        for one in choices[number]:
            if one not in taken:
                taken[one] = number
                return True
        for one in choices[number]:
            if one not in asked:
                asked.add(one)
                if take(taken[one], asked):
                    taken[one] = number
                    return True
        return False

    return sum(take(number, set()) for number in range(len(choices)))


@lru_cache(maxsize=1024)
def _alternatives(rule: Rule) -> tuple[tuple[_Group, ...], ...]:
    """Every set of groups that is enough; the limits of a rule keep them below a few hundred."""
    return tuple(_ways(rule, 0))


def _ways(rule: Rule, stage: int) -> Iterator[tuple[_Group, ...]]:
    if rule.of is not None:
        yield (_Group(frozenset(rule.people or ()), rule.approvals or 1, stage),)
    elif rule.any is not None:
        for part in rule.any:
            yield from _ways(part, stage)
    else:
        numbered = rule.stages is not None
        parts = [list(_ways(part, place if numbered else stage)) for place, part in enumerate(rule.parts)]
        for chosen in product(*parts):
            yield tuple(chain.from_iterable(chosen))


def _empty_seats(groups: tuple[_Group, ...], given: Mapping[str, int], signed_by: Mapping[str, str]) -> int:
    """How many seats nobody can take of those who approved when the group's stage was open."""
    seats: list[list[str]] = []
    for group in groups:
        fitting = [
            signed_by.get(person, person)
            for person, stage in given.items()
            if stage >= group.stage and person in group.people
        ]
        seats += [fitting] * group.approvals
    return len(seats) - one_each(seats)
