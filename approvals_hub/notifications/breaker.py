"""Leaves a channel alone that takes nothing: its rows wait where they are, and cost nobody anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from approvals_hub.core.clock import SECOND

FAILURES: Final = 5
"""In a row, after which the channel is left alone."""
FIRST: Final = 10
"""Seconds for which it is left alone the first time; each further time twice as long."""
LONGEST: Final = 160
"""Seconds at most."""
AT_ONCE: Final = 100
"""Messages under way at the same time in one lane."""
UNPROVEN: Final = 10
"""As many in one that has not answered yet since it was first used, or left alone: a vendor that takes connections and
says nothing costs the others no more than these."""


@dataclass(slots=True)
class Breaker:
    """One lane's: a channel's, or one of its hosts'. Times in milliseconds."""

    failures: int = 0
    opened: int = 0
    """How often in a row it has been left alone."""
    closed_until: int = 0
    """Nothing is sent before this instant."""
    revision: str = ""
    """Of the channel that this is known of: another one is tried anew."""
    trying: bool = False
    """Half-open: one message is out to see whether the channel works again."""
    proven: bool = False
    """Whether it has answered about a message since it was first used, or left alone."""
    throttled: set[str] = field(default_factory=set)
    """Who was throttled since it last worked: each counts once, however often and with however many addresses."""

    @property
    def most(self) -> int:
        """How many messages may be under way."""
        return AT_ONCE if self.proven else UNPROVEN

    def allows(self, now: int, free: int) -> int:
        """How many messages may be sent now, at most `free`: none while it is left alone, then one."""
        if self.failures < FAILURES:
            return free
        return 0 if self.trying or now < self.closed_until else min(free, 1)

    def sending(self) -> None:
        """A message goes out."""
        self.trying = self.failures >= FAILURES

    def worked(self) -> bool:
        """The channel answers about messages, whatever it says of this one. True where it had been left alone."""
        was_alone = self.opened > 0
        self.failures = self.opened = self.closed_until = 0
        self.trying, self.proven = False, True
        self.throttled.clear()
        return was_alone

    def failed(self, now: int, *, throttled: str | None = None) -> bool:
        """It took nothing. True where it is left alone from now on. `throttled` is whose address may be the only one
        that gets too much."""
        if throttled is not None:
            if throttled in self.throttled:
                self.trying = False
                return False
            self.throttled.add(throttled)
        was_closed = self.failures < FAILURES
        half_open, self.trying = self.trying, False
        self.failures += 1
        if self.failures < FAILURES or not (was_closed or half_open):
            return False
        self.proven = False
        self.closed_until = now + min(FIRST * 2 ** min(self.opened, 8), LONGEST) * SECOND
        self.opened += 1
        return True

    def unknown(self) -> None:
        """Nothing was learnt: the attempt was broken off."""
        self.trying = False
