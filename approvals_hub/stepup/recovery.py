"""A recovery as a noun: somebody lost their keys and is on the way to a new one.

| way | who opens it | what its key waits for |
|---|---|---|
| `code` | the person, with a recovery code | the waiting time |
| `colleagues` | an owner, an admin or the operator makes a link | colleagues' signed approvals, and the waiting time |
| `host` | the operator, for the only owner | nothing: the link itself waited |
"""

from __future__ import annotations

from typing import Final

import msgspec

from approvals_hub.core.clock import DAY, HOUR
from approvals_hub.core.errors import Conflict, NotFound
from approvals_hub.core.row import Row

CODE: Final = "code"
COLLEAGUES: Final = "colleagues"
HOST: Final = "host"

OPEN: Final = "open"
WAITING: Final = "waiting"
COMPLETED: Final = "completed"
ENDED: Final = "ended"

RECOVER: Final = "recover"
"""The purpose of the invitation that a recovery's session comes from."""

LINK_LIFE: Final = 24 * HOUR
"""How long a recovery's link can be followed, in milliseconds, from the moment it opens."""
ENROL_WITHIN: Final = HOUR
"""How long after a code or a followed link the new key may come, in milliseconds; its session ends before."""
DECIDE_WITHIN: Final = 7 * DAY
"""How long colleagues have, and how long a key waits at most after its waiting time, in milliseconds."""


class Waits(msgspec.Struct, frozen=True):
    """How long recoveries wait, in milliseconds: time for the person to say that it was not them."""

    key: int = DAY
    """What a new key waits, by a code or by colleagues."""
    link: int = DAY
    """What the host's link waits."""


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """One recovery; times in milliseconds."""

    id: str
    org_id: str
    person_id: str
    way: str
    state: str
    cause: str | None
    opened_by: str
    invite_id: str
    wait: int
    usable_from: int
    expires_at: int
    opened_at: int
    device_id: str | None
    counts_at: int | None
    escalation_id: str | None
    hurried_until: int | None
    epoch: str
    ended_at: int | None
    ended_by: str | None

    @property
    def live(self) -> bool:
        """Whether it may still lead to a key, as far as the state says."""
        return self.state in (OPEN, WAITING)

    def takes_key(self, now: int) -> bool:
        """Whether a key may be enrolled for it now.

        Not any more once colleagues were asked about one: their answer is about that key and no other.
        """
        return self.live and now < self.expires_at and self.escalation_id is None

    def waited(self, now: int) -> bool:
        """Whether the waiting time is over, or two people together have cut it short."""
        hurried = self.hurried_until is not None and now < self.hurried_until
        return self.counts_at is not None and (hurried or now >= self.counts_at)


COLUMNS: Final = ", ".join(Recovery.__struct_fields__)


def of(row: Row) -> Recovery:
    """The recovery of a stored row that has `COLUMNS`."""
    return Recovery(**dict(row))


def recovery_unknown() -> NotFound:
    """No such one, or not yours: the same answer."""
    return NotFound("recovery_unknown", "there is no such recovery", next_step="Look at the list of recoveries.")


def recovery_over() -> Conflict:
    """It has ended, or its key is enrolled already."""
    return Conflict(
        "recovery_over",
        "this recovery takes no key any more: it has ended, or colleagues are asked about its key already",
        next_step="Begin a new one: with another recovery code, or by a new link.",
    )
