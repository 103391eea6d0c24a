"""What is known about an open question: what was frozen when it opened, and the dated facts that came since.

Both are data that can be stored and read again; nothing else decides who is told. A fact that is dated `t` is known to
everybody who asks at `t` or later, and says nothing about an earlier instant: so asking again never takes back what was
said before.
"""

from __future__ import annotations

from typing import Final

import msgspec

from approvals_hub.routing.absence import Absence, Chain
from approvals_hub.routing.hours import Hours
from approvals_hub.routing.route import Route
from approvals_hub.routing.schedule import Override, Schedule

DELIVERED: Final = "delivered"
OPENED: Final = "opened"
FAILED: Final = "failed"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Frozen at opening. Names of a route that are not resolved here tell nobody."""

    escalation_id: str
    opened_at: int
    route: Route
    people: tuple[str, ...]
    """Who may answer: ids of the frozen requirement. Nobody else is told, except who stands in for one of them."""
    named: dict[str, str] = {}
    """The route's people as it writes them → their ids."""
    groups: dict[str, tuple[str, ...]] = {}
    """Name → members at opening, in order. Who joins later is not asked."""
    schedules: dict[str, Schedule] = {}
    """Name → schedule at opening, with the overrides known then."""
    barred: tuple[str, ...] = ()
    """The asking agent's owner and the requester: they never stand in, and nobody hands over to them."""
    may_stand_in: tuple[str, ...] = ()
    """Who may be a delegate: people in a role that answers."""
    quiet: dict[str, Hours] = {}
    """Person → quiet hours at opening."""
    urgent: bool = False
    """Whether the organisation or its policy calls its risk critical: then nobody's quiet hours count."""
    rooms: tuple[str, ...] = ()
    """Channels of the organisation itself that have one address and no person's."""
    tells_rooms_at_once: bool = False
    """Whether every room is told at the opening, as nobody wrote a route."""


class Contact(msgspec.Struct, frozen=True):
    """A device or address at which a person is told on one channel, from `since` until it is gone."""

    id: str
    person: str
    channel: str
    since: int = 0
    until: int | None = None

    def works(self, at: int) -> bool:
        """Whether something may be sent there at this instant."""
        return self.since <= at and (self.until is None or at < self.until)


class Receipt(msgspec.Struct, frozen=True):
    """What became of a telling: `delivered` to the device, `failed` for good, `opened` by the person.

    Without a telling it is the person who opened the question, wherever that was.
    """

    person: str
    kind: str
    at: int
    telling: str | None = None


class HandOver(msgspec.Struct, frozen=True):
    """ "Not mine, ask X": `person` asks that `to` be told instead."""

    person: str
    to: str
    at: int


class Left(msgspec.Struct, frozen=True):
    """Somebody left a group: from then on it does not tell them any more."""

    group: str
    person: str
    at: int


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What came since, each with its instant by the hub's clock. The order within a list says nothing, except for a
    person's contacts: they are in the order in which they are to be tried, which stays while a question is open. Turned
    round, it would tell what was not told."""

    expires_at: int
    contacts: tuple[Contact, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    answered: dict[str, int] = {}
    """Person → when their answer came."""
    gone: dict[str, int] = {}
    """Person → when they stopped counting: disabled, removed, no longer in a role that answers."""
    left: tuple[Left, ...] = ()
    absences: tuple[Absence, ...] = ()
    hand_overs: tuple[HandOver, ...] = ()
    overrides: dict[str, tuple[Override, ...]] = {}
    """Schedule → overrides recorded since the opening."""


class Telling(msgspec.Struct, frozen=True):
    """One person is told once, at one address. The same telling has the same id for ever."""

    id: str
    at: int
    """When it is due, in milliseconds."""
    level: int
    """From 1."""
    person: str
    chain: Chain
    """From the person who was asked to the one who is told, as it was when they were first asked. For a decision it is
    `standing.may_answer` that says through whom."""
    channel: str
    contact: str
    reason: str
    """`first`, `fallback` (the way before it brought nothing), `repeat`, `remind`, or `new_address`."""
