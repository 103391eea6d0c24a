"""A telling as a noun: what kinds there are, and how one may end."""

from __future__ import annotations

from typing import Final

OPENED: Final = "escalation.opened"
"""Somebody is asked."""
ENDED: Final = "escalation.ended"
"""Takes the place of `OPENED` on a screen, where that one may be there."""

TEST: Final = "channel.test"
"""An admin sees whether a channel works."""
NOBODY: Final = ""
"""Whom a room tells, and at which contact."""
ROOM: Final = "room"
"""Why a room is told: the question is there."""

WAITING: Final = "waiting"
SENT: Final = "sent"
"""The vendor has taken it. That somebody has it, a receipt says."""
FAILED: Final = "failed"
"""It never will arrive there."""
CANCELLED: Final = "cancelled"
"""Its question ended first."""
