"""What receipts say, whatever their order: the first instant of each kind, by telling and by person."""

from __future__ import annotations

import math
from typing import Final

from approvals_hub.routing.question import DELIVERED, FAILED, OPENED, Contact, Facts, Telling

NEVER: Final = math.inf


class Receipts:
    """An index of the facts about one question's tellings. A receipt about somebody else's telling says nothing."""

    def __init__(self, facts: Facts) -> None:
        self._first: dict[tuple[str, str, str], int] = {}
        self._opened: dict[str, list[int]] = {}
        self._contacts: dict[tuple[str, str], list[Contact]] = {}
        self._until: dict[str, int] = {}
        for receipt in facts.receipts:
            if receipt.telling is not None:
                key = (receipt.telling, receipt.person, receipt.kind)
                self._first[key] = min(receipt.at, self._first.get(key, receipt.at))
            if receipt.kind == OPENED:
                self._opened.setdefault(receipt.person, []).append(receipt.at)
        for contact in facts.contacts:
            self._contacts.setdefault((contact.person, contact.channel), []).append(contact)
            if contact.until is not None:
                self._until[contact.id] = contact.until
        self._answered = facts.answered

    def contacts(self, person: str, channel: str, at: float) -> list[Contact]:
        """Where a person can be told on a channel at an instant, in the order in which to try."""
        return [contact for contact in self._contacts.get((person, channel), []) if contact.works(int(at))]

    def all_contacts(self, person: str, channel: str) -> list[Contact]:
        """The same, whenever they work."""
        return self._contacts.get((person, channel), [])

    def opened(self, person: str, after: float = -NEVER) -> float:
        """When the person first opened the question after an instant."""
        return min((at for at in self._opened.get(person, []) if at > after), default=NEVER)

    def opened_by(self, telling: Telling) -> float:
        """When this telling was opened."""
        return self._first.get((telling.id, telling.person, OPENED), NEVER)

    def answered(self, person: str) -> float:
        """When the person answered."""
        return self._answered.get(person, NEVER)

    def delivered(self, telling: Telling) -> float:
        """When the device first said that it has it: opening says so too."""
        first = self._first.get((telling.id, telling.person, DELIVERED), NEVER)
        return min(first, self.opened_by(telling))

    def failed(self, telling: Telling) -> float:
        """When it was known that it does not arrive there: the channel said so, or the address is gone. NEVER for one
        that had arrived before."""
        first: float = self._first.get((telling.id, telling.person, FAILED), NEVER)
        first = min(first, self._until.get(telling.contact, NEVER))
        return NEVER if self.delivered(telling) < first else max(first, telling.at)
