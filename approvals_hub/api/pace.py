"""How fast one source may go: a token bucket each, bounded in number."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

from approvals_hub.core.errors import TooMany


class Pace:
    """Lets `per_minute` calls of a source through, all at once or spread."""

    __slots__ = ("_buckets", "_now", "_sources", "per_minute")

    def __init__(self, per_minute: int, sources: int, now: Callable[[], float] = monotonic) -> None:
        """`now` counts seconds; at most `sources` are remembered, and a forgotten one starts anew."""
        self.per_minute = per_minute
        self._sources = sources
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, source: str) -> None:
        """Count one call. Raises TooMany with the seconds until the next one is let through."""
        now = self._now()
        left, since = self._buckets.pop(source, (float(self.per_minute), now))
        left = min(self.per_minute, left + (now - since) * self.per_minute / 60)
        taken = left >= 1
        self._buckets[source] = (left - 1 if taken else left, now)
        if len(self._buckets) > self._sources:
            self._buckets.popitem(last=False)
        if not taken:
            raise TooMany(
                "too_many_attempts",
                f"more than {self.per_minute} of these a minute came from this address",
                next_step="Wait, then try again.",
                retry_after=max(1, round((1 - left) * 60 / self.per_minute)),
            )
