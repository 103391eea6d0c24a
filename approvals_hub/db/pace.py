"""Which units of work are short enough for the event loop: learned by measuring them."""

from __future__ import annotations

import math
from types import CodeType

from approvals_hub.db.database import Work

_SHORT_SECONDS = 0.002
_WAITED_SECONDS = 0.02
_FADING = 0.95


class Pace:
    """Remembers how long the units of each function take.

    A statement costs a few microseconds on the event loop, but sqlite3 gives the interpreter's lock away around each:
    from another thread every one of them may wait for a busy loop to give the lock back. So short units run on the loop
    and what a file has never run, or has run long, runs on the connection's own thread.
    """

    def __init__(self) -> None:
        self._seconds: dict[CodeType, float] = {}
        self._short_seconds = _SHORT_SECONDS

    def is_short(self, work: Work[object]) -> bool:
        """Whether units like this one have been short; False for one that has never run or cannot be told apart."""
        code = getattr(work, "__code__", None)
        return self._seconds.get(code, math.inf) < self._short_seconds if code is not None else False

    def took(self, work: Work[object], busy: float, passed: float) -> None:
        """Learn from the CPU seconds and the wall-clock seconds of one run.

        A long run counts for dozens of short ones, so that work of changing length stays off the loop. What passed
        counts only when it was very long: then the disk was waited for, not merely a turn on a busy machine.
        """
        code = getattr(work, "__code__", None)
        if code is not None:
            seconds = passed if passed > _WAITED_SECONDS else busy
            before = self._seconds.get(code, 0.0)
            self._seconds[code] = seconds if seconds > before else before * _FADING + seconds * (1 - _FADING)
