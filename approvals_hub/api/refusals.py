"""Refusals before anybody was known: counted by source, code and minute, then logged as one line each.

A line for every refusal would let whoever is refused fill the disk.
"""

from __future__ import annotations

from collections.abc import Callable

from approvals_hub.core.clock import MINUTE, to_text
from approvals_hub.core.log import logger

log = logger("api")

MOST = 5_000
"""Counters kept within a minute; what comes on top is counted together."""
OTHERS = "others"


class Refusals:
    """Counts in memory; `flush` logs the minutes that are over."""

    __slots__ = ("_counts", "_now")

    def __init__(self, now: Callable[[], int]) -> None:
        """`now` gives milliseconds since 1970."""
        self._now = now
        self._counts: dict[tuple[int, str, str], int] = {}

    def count(self, source: str, code: str) -> None:
        """Note one refusal; never waits and never fails."""
        minute = self._now() // MINUTE
        key = (minute, source, code)
        if key not in self._counts and len(self._counts) >= MOST:
            key = (minute, OTHERS, code)
        self._counts[key] = self._counts.get(key, 0) + 1

    def flush(self, *, everything: bool = False) -> int:
        """Log and forget the counters of past minutes, with `everything` those of this one too; how many."""
        minute = self._now() // MINUTE
        over = [key for key in self._counts if everything or key[0] < minute]
        for key in over:
            log.warning(
                "refused", source=key[1], code=key[2], count=self._counts.pop(key), minute=to_text(key[0] * MINUTE)
            )
        return len(over)
