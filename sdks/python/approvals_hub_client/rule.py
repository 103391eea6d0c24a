"""Whose approvals a question takes, as its requirement holds it: frozen with the people behind the names. Pure.

`{"of": [names], "approvals": n, "people": [ids]}` is a group; `{"all": […]}`, `{"any": […]}` join parts;
`{"stages": […]}` stands at the top alone. What an admin may write is the hub's to check; `read_frozen` reads what a
file says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, Final

import msgspec

DEPTH_LIMIT: Final = 4
"""Parts within parts."""
GROUPS_LIMIT: Final = 16
"""Groups in one rule."""
PARTS_LIMIT: Final = 8
"""Parts of one `all`, `any` or `stages`."""
SEATS_LIMIT: Final = 20
"""Approvals that one rule can take at most."""

Resolve = Callable[[str, str], Collection[str]]
"""The ids behind a name that stands at a field's path. Raises what its caller wants where nobody has that name."""

Gone = Callable[[Collection[str], str], bool]
"""Whether a person was asked by these names alone and stopped counting: none of them stands for them any more."""

KINDS = ("of", "all", "any", "stages")


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One part of a quorum, with exactly one of `of`, `all`, `any` and `stages`."""

    of: tuple[str, ...] | None = None
    """Names; so many different ones of the people behind them must approve."""
    approvals: int | None = None
    """How many, with `of`."""
    people: tuple[str, ...] | None = None
    """Who stood behind the names when the question opened; None in a default."""
    all: tuple[Rule, ...] | None = None
    """Every one of these."""
    any: tuple[Rule, ...] | None = None
    """One of these."""
    stages: tuple[Rule, ...] | None = None
    """Every one of these, each asked when those before it hold."""

    @property
    def parts(self) -> tuple[Rule, ...]:
        """What it is made of; nothing for a group."""
        return self.all or self.any or self.stages or ()

    def groups(self) -> Iterator[Rule]:
        """Its groups, from left to right."""
        if self.of is not None:
            yield self
        for part in self.parts:
            yield from part.groups()

    def members(self) -> frozenset[str]:
        """Everybody frozen in it."""
        return frozenset(person for group in self.groups() for person in group.people or ())

    def names(self) -> frozenset[str]:
        """Every name in it."""
        return frozenset(name for group in self.groups() for name in group.of or ())

    def without(self, gone: Gone) -> Rule:
        """The same without those whom none of their part's names stands for any more."""
        if self.of is not None:
            here = tuple(person for person in self.people or () if not gone(self.of, person))
            return msgspec.structs.replace(self, people=here)
        return msgspec.structs.replace(self, **{kind_of(self): tuple(part.without(gone) for part in self.parts)})

    def frozen(self, resolve: Resolve, path: str = "$.quorum") -> Rule:
        """The same with the people who stand behind its names now."""
        if self.of is not None:
            people = (resolve(name, f"{path}.of[{place}]") for place, name in enumerate(self.of))
            return msgspec.structs.replace(self, people=tuple(sorted({one for found in people for one in found})))
        kind = kind_of(self)
        parts = tuple(part.frozen(resolve, f"{path}.{kind}[{place}]") for place, part in enumerate(self.parts))
        return msgspec.structs.replace(self, **{kind: parts})


def fewest(rule: Rule) -> int:
    """How many different people it takes at least."""
    return _count(rule, min)


def most(rule: Rule) -> int:
    """How many different people it takes at most."""
    return _count(rule, max)


def read_frozen(value: Any) -> Rule:
    """A frozen rule of a file that nobody vouches for yet.

    Raises ValueError for what no hub writes; within these limits its evaluation is quick.
    """
    found = msgspec.convert(value, Rule)
    _check_frozen(found, depth=1)
    if sum(1 for _ in found.groups()) > GROUPS_LIMIT or most(found) > SEATS_LIMIT:
        raise ValueError("the rule is larger than any that a hub takes")
    return found


def _check_frozen(rule: Rule, depth: int) -> None:
    if depth > DEPTH_LIMIT or sum(getattr(rule, kind) is not None for kind in KINDS) != 1:
        raise ValueError("a part of the rule is none, or lies too deep")
    if rule.of is not None:
        if rule.people is None or not 1 <= (1 if rule.approvals is None else rule.approvals) <= SEATS_LIMIT:
            raise ValueError("a group of the rule names nobody, or takes no approval")
        return
    if not 1 <= len(rule.parts) <= PARTS_LIMIT or (rule.stages is not None and depth > 1):
        raise ValueError("the rule joins nothing, or has stages within something else")
    for part in rule.parts:
        _check_frozen(part, depth + 1)


def kind_of(rule: Rule) -> str:
    """Which of the four it is."""
    return next(kind for kind in KINDS if getattr(rule, kind) is not None)


def _count(rule: Rule, choose: Callable[[list[int]], int]) -> int:
    if rule.of is not None:
        return rule.approvals or 1
    counts = [_count(part, choose) for part in rule.parts]
    return choose(counts) if rule.any is not None else sum(counts)
