"""How many requests of one caller wait at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from approvals_hub.core.errors import TooMany


class Waiters:
    """Counts long-polls and sockets by caller; a caller without any takes no memory."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: dict[str | bytes, int] = {}

    def enter(self, caller: str | bytes, most: int) -> None:
        """Count one more. Raises TooMany at the limit; whoever entered must `leave`."""
        count = self._counts.get(caller, 0)
        if count >= most:
            raise TooMany(
                "too_many_waiters",
                f"{most} requests of this caller wait already",
                next_step="Wait for several questions on one socket: GET /v1/agent/stream.",
                retry_after=5,
            )
        self._counts[caller] = count + 1

    def leave(self, caller: str | bytes) -> None:
        """Count one less."""
        count = self._counts[caller] - 1
        if count:
            self._counts[caller] = count
        else:
            del self._counts[caller]

    @contextmanager
    def one(self, caller: str | bytes, most: int) -> Iterator[None]:
        """One more for as long as the block runs. Raises TooMany."""
        self.enter(caller, most)
        try:
            yield
        finally:
            self.leave(caller)

    def __len__(self) -> int:
        """How many callers wait."""
        return len(self._counts)
