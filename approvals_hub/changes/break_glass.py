"""Break-glass as a noun: two owners or admins together cut the waiting time of one recovery short.

It lets in nothing that colleagues have not signed for, and no one person opens it: docs/decisions has why it is this.
"""

from __future__ import annotations

from typing import Final

import msgspec

from approvals_hub.core.clock import MINUTE
from approvals_hub.core.errors import NotFound
from approvals_hub.core.row import Row

ASKED: Final = "asked"
OPEN: Final = "open"
USED: Final = "used"
ENDED: Final = "ended"

LONGEST: Final = 60 * MINUTE
"""How long it may take from the first person's word to the last moment it counts, in milliseconds."""
SHORTEST: Final = 5 * MINUTE
REASON_LIMIT: Final = 1000
"""Characters."""


class BreakGlass(msgspec.Struct, frozen=True, kw_only=True):
    """One of them; times in milliseconds."""

    id: str
    org_id: str
    recovery_id: str
    state: str
    cause: str | None
    asked_by: str
    asked_at: int
    joined_by: str | None
    joined_at: int | None
    expires_at: int
    ended_at: int | None
    ended_by: str | None

    @property
    def live(self) -> bool:
        """Whether it has not ended, as far as the state says; the clock may say otherwise."""
        return self.state in (ASKED, OPEN)


COLUMNS: Final = ", ".join(BreakGlass.__struct_fields__)


def of(row: Row) -> BreakGlass:
    """That of a stored row that has `COLUMNS`."""
    return BreakGlass(**dict(row))


def break_glass_unknown() -> NotFound:
    """No such one here."""
    return NotFound("break_glass_unknown", "there is no such break-glass here", next_step="Look at the list.")
