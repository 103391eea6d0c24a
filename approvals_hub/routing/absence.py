"""Who stands in for somebody who is away: dated, at most two steps from the person who was asked, never in a circle,
and never the one whose agent asks.

A delegate need not be among the frozen people of a question: that is the one way in which somebody who was not asked
may answer, so everything unclear ends the search with nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import msgspec

from approvals_hub.core.clock import DAY
from approvals_hub.core.errors import Conflict, Invalid

DEPTH: Final = 2
"""Delegations between the person who was asked and the one who answers."""
LONGEST: Final = 400 * DAY
"""How long one absence may last, in milliseconds."""
NAMED: Final = "named"
DELEGATE: Final = "delegate"
HANDED_OVER: Final = "handed_over"


class Absence(msgspec.Struct, frozen=True):
    """Somebody is away from one instant until another, with or without somebody who stands in.

    It counts from `recorded_at` at the earliest, so that nothing that was said about the past changes. Ending one early
    means a new `until`, no earlier than the moment of the change.
    """

    person: str
    since: int
    until: int
    delegate: str | None = None
    recorded_at: int = 0
    recorded_by: str | None = None
    """Who wrote it, where that is known; an admin may write it for somebody."""
    id: str = ""

    @property
    def from_when(self) -> int:
        """When it begins to count."""
        return max(self.since, self.recorded_at)

    def covers(self, at: int) -> bool:
        """Whether it counts at this instant."""
        return self.from_when <= at < self.until


class Link(msgspec.Struct, frozen=True):
    """One step of a chain: a person, and how the question came to them: `named`, `delegate` or `handed_over`."""

    person: str
    how: str


Chain = tuple[Link, ...]
"""From the person who was asked to the one who answers; a receipt shows it whole."""


def stand_in(
    person: str, absences: Iterable[Absence], at: int, *, may_stand_in: Collection[str], barred: Collection[str]
) -> Chain | None:
    """The chain from `person` to whoever answers for them at `at`: the person alone where they are not away.

    None where nobody does: away without a delegate, more than DEPTH steps, a circle, a delegate who is `barred` (the
    owner of the asking agent, the requester) or is not among those who `may_stand_in`, or who wrote an absence of
    somebody else in the chain: nobody gives themselves what is another's to decide.
    """
    chain, never = [Link(person, NAMED)], set(barred)
    while (away := absence_of(chain[-1].person, absences, at)) is not None:
        delegate = away.delegate
        met = {link.person for link in chain}
        if away.recorded_by != away.person and away.recorded_by is not None:
            never.add(away.recorded_by)
        if delegate is None or delegate in never or delegate not in may_stand_in or delegate in met:
            return None
        if len(chain) > DEPTH:
            return None
        chain.append(Link(delegate, DELEGATE))
    return tuple(chain)


def absence_of(person: str, absences: Iterable[Absence], at: int) -> Absence | None:
    """The absence of this person that counts at `at`. Of several the one recorded last counts, in a fixed order."""
    return max(
        (absence for absence in absences if absence.person == person and absence.covers(at)),
        key=lambda absence: (absence.recorded_at, absence.since, absence.until, absence.delegate or ""),
        default=None,
    )


def check_absence(new: Absence, existing: Sequence[Absence]) -> Absence:
    """The absence, if it may be written beside those that exist.

    Raises Invalid for dates that are no period of at most LONGEST or for a delegate who is the person; Conflict where
    it would make a circle, or a chain of more than DEPTH delegations, at any instant: then nobody would be asked.
    """
    if not new.since < new.until <= new.since + LONGEST or new.until <= new.recorded_at:
        raise Invalid(
            "absence_invalid",
            f"an absence ends after it begins, in the future, and lasts {LONGEST // DAY} days at most",
            next_step="Correct the dates.",
            field="$.until",
        )
    if new.delegate == new.person:
        raise Invalid(
            "delegate_invalid",
            "nobody stands in for themselves",
            next_step="Name somebody else, or nobody.",
            field="$.delegate",
        )
    together = [*_connected(new, existing), new]
    # Chains change only where an absence begins or ends.
    for at in sorted({border for each in together for border in (each.from_when, each.until)}):
        if new.covers(at):
            _check_chains({name: absence_of(name, together, at) for name in {each.person for each in together}})
    return new


def _connected(new: Absence, existing: Sequence[Absence]) -> list[Absence]:
    """Those that can be in one chain with the new one: an organisation has many that cannot."""
    near = {name for name in (new.person, new.delegate) if name is not None}
    rest, found = [each for each in existing if each.delegate is not None or each.person == new.person], list[Absence]()
    while joined := [each for each in rest if each.person in near or each.delegate in near]:
        found += joined
        near |= {name for each in joined for name in (each.person, each.delegate) if name is not None}
        rest = [each for each in rest if each not in joined]
    return found


def _check_chains(away: dict[str, Absence | None]) -> None:
    """Raises Conflict where these absences, at one instant, make a circle or too long a chain."""
    for person in sorted(away):
        met = [person]
        while (absence := away.get(met[-1])) is not None and absence.delegate is not None:
            if absence.delegate in met or len(met) > DEPTH:
                problem = "a circle" if absence.delegate in met else f"a chain of more than {DEPTH} delegations"
                raise Conflict(
                    "delegation_too_long",
                    f"with this absence the delegations make {problem}: nobody would be asked",
                    next_step="Name a delegate who is there during that time.",
                    extra={"chain": [*met, absence.delegate]},
                )
            met.append(absence.delegate)
