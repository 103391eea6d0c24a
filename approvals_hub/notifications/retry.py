"""When something is tried again: pure, so that it can be tested against a table."""

from __future__ import annotations

from typing import Final

from approvals_hub.core.clock import SECOND
from notify.delivery import AFTER

FIRST: Final = 10
"""Seconds after the first attempt that brought nothing; each further pause is twice as long."""
LONGEST: Final = 640
"""Seconds that a pause has at most, unless the vendor asks for more."""


def next_try(*, attempts: int, after: float, now: int, until: int) -> int | None:
    """When, in milliseconds, a message is tried again that `attempts` attempts did not deliver; None where its time is
    over by then. `after` is what the vendor asked for in seconds, or `AFTER` where it said nothing.
    """
    pause = float(min(FIRST * 2 ** min(attempts - 1, 16), LONGEST))
    if after != AFTER:
        pause = max(pause, after)
    at = now + int(pause * SECOND)
    return at if at < until else None
