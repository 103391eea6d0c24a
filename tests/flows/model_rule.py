"""What the reference hub knows of a requirement: so many people, or groups in any order or one after another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import permutations

SECOND = 1000


@dataclass(frozen=True)
class Rule:
    """`groups` take one approval each, of somebody else each time; without groups it takes `approvals` of anybody."""

    approvals: int = 1
    groups: tuple[frozenset[str], ...] = ()
    staged: bool = False
    veto: frozenset[str] | None = None
    wait: int = 0
    digits: int | None = None
    """Of the number that an approver types."""
    named: bool = False
    """Whether `groups` are the organisation's own, so that somebody may leave them."""

    def frozen(self, people: frozenset[str]) -> Rule:
        """The same with these people alone."""
        veto = None if self.veto is None else (self.veto & people) or None
        return replace(self, groups=tuple(group & people for group in self.groups), veto=veto)

    def voters(self, people: frozenset[str], stage: int = 99) -> frozenset[str]:
        """Whose approval counts once so many stages are complete."""
        if not self.groups:
            return people
        return frozenset().union(*(self.groups[: stage + 1] if self.staged else self.groups))

    def holds(
        self, people: frozenset[str], given: Mapping[str, int], signed: Mapping[str, str] = {}, stages: int = 99
    ) -> bool:
        """Whether these are enough, each with the stage that was open; tried in every order. `signed` says who did for
        somebody else: each of them counts once."""
        if not self.groups:
            return len({signed.get(one, one) for one in people & given.keys()}) >= self.approvals
        wanted = self.groups[:stages]
        return any(
            len({signed.get(one, one) for one in chosen}) == len(chosen)
            and all(
                one in group and (not self.staged or given[one] >= place)
                for place, (one, group) in enumerate(zip(chosen, wanted, strict=True))
            )
            for chosen in permutations(given, len(wanted))
        )

    def stage(self, people: frozenset[str], given: Mapping[str, int], signed: Mapping[str, str]) -> int:
        """Which stage is to be answered."""
        last = len(self.groups) - 1 if self.staged else 0
        return next((place for place in range(last) if not self.holds(people, given, signed, place + 1)), last)

    def reachable(self, people: frozenset[str], against: set[str]) -> bool:
        """Whether everybody but those could make it up."""
        return self.holds(people, dict.fromkeys(self.voters(people) - against, 99))


SOME, OTHERS = frozenset({"ada", "bo"}), frozenset({"bo", "cy", "owner"})
RULES = (
    Rule(),
    Rule(approvals=2),
    Rule(approvals=2, veto=frozenset({"cy"})),
    Rule(groups=(SOME, OTHERS)),
    Rule(groups=(SOME, OTHERS), staged=True),
    Rule(groups=(SOME, OTHERS), staged=True, veto=frozenset({"cy"})),
    Rule(groups=(SOME,), veto=frozenset({"cy"})),
    Rule(groups=(SOME, OTHERS), named=True),
    Rule(groups=(SOME, OTHERS), staged=True, named=True),
)
"""What organisations of the lives ask, in the names of their people."""
