"""A world in which tellings have consequences, watched by a hub with a virtual clock.

Devices answer a telling after their own delay; other facts come at their instants. The hub sees a fact from its instant
on and never before, so what it says at one instant cannot rest on a later one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from approvals_hub.core.clock import SECOND
from approvals_hub.routing.question import Contact, Facts, Question, Receipt, Telling
from approvals_hub.routing.timetable import Answer, answer

Device = tuple[int | None, int | None, int | None]
"""Seconds after a telling at which a device says delivered, failed, opened; None for never."""


def known(everything: Facts, now: int) -> Facts:
    """What of these facts has come by now."""
    return msgspec.structs.replace(
        everything,
        contacts=tuple(_contact(each, now) for each in everything.contacts if each.since <= now),
        receipts=tuple(each for each in everything.receipts if each.at <= now),
        answered={person: when for person, when in everything.answered.items() if when <= now},
        gone={person: when for person, when in everything.gone.items() if when <= now},
        left=tuple(each for each in everything.left if each.at <= now),
        absences=_recorded(everything.absences, now),
        hand_overs=tuple(each for each in everything.hand_overs if each.at <= now),
        overrides={name: _recorded(each, now) for name, each in everything.overrides.items()},
    )


def _contact(contact: Contact, now: int) -> Contact:
    """That an address will be gone is not known before it is."""
    gone = contact.until is not None and contact.until <= now
    return contact if gone else msgspec.structs.replace(contact, until=None)


def _recorded(dated: tuple[Any, ...], now: int) -> tuple[Any, ...]:
    return tuple(each for each in dated if each.recorded_at <= now)


@dataclass
class Watch:
    """Asks the hub at chosen instants and lets devices react to what it tells."""

    question: Question
    facts: Facts
    devices: dict[str, Device]
    told: dict[str, Telling] = field(default_factory=dict)
    receipts: list[Receipt] = field(default_factory=list)

    def ask(self, now: int) -> Answer:
        """What the hub says at an instant, asked again as long as a device reacts at that very instant."""
        count = -1
        while count < len(self.receipts):
            count = len(self.receipts)
            found = self._ask(now)
        return found

    def _ask(self, now: int) -> Answer:
        """New tellings reach their devices. Fails if anything that was said before is taken back."""
        found = answer(self.question, known(self.all_facts, now), now)
        by_id = {telling.id: telling for telling in found.told}
        assert len(by_id) == len(found.told), "two tellings with one id"
        assert {name: by_id.get(name) for name in self.told} == self.told, "a telling was taken back or changed"
        for telling in found.told:
            if telling.id not in self.told:
                self.told[telling.id] = telling
                self.receipts += self._reactions(telling)
        return found

    @property
    def all_facts(self) -> Facts:
        """Those that were given and the receipts so far, whenever they come."""
        return msgspec.structs.replace(self.facts, receipts=(*self.facts.receipts, *self.receipts))

    def next_fact(self, now: int) -> int | None:
        """The next instant at which the hub learns something."""
        facts = self.all_facts
        instants = [
            *(each.at for each in (*facts.receipts, *facts.left, *facts.hand_overs)),
            *(edge for each in facts.contacts for edge in (each.since, each.until) if edge is not None),
            *facts.answered.values(),
            *facts.gone.values(),
            *(each.recorded_at for each in facts.absences),
            *(each.recorded_at for found in facts.overrides.values() for each in found),
        ]
        return min((instant for instant in instants if instant > now), default=None)

    def _reactions(self, telling: Telling) -> list[Receipt]:
        delays = zip(("delivered", "failed", "opened"), self.devices.get(telling.contact, (None,) * 3), strict=True)
        return [
            Receipt(telling.person, kind, telling.at + delay * SECOND, telling.id)
            for kind, delay in delays
            if delay is not None
        ]


def every_second(watch: Watch) -> Answer:
    """Ask at every second until it has ended."""
    now = watch.question.opened_at
    while (found := watch.ask(now)).end is None:
        now += SECOND
    return found


def from_change_to_change(watch: Watch) -> Answer:
    """Ask only when the hub said that something changes, or a fact came."""
    now = watch.question.opened_at
    while (found := watch.ask(now)).end is None:
        assert found.next_at is not None
        assert found.next_at > now
        fact = watch.next_fact(now)
        now = found.next_at if fact is None else min(found.next_at, fact)
    return found
