"""Time that passes at once: where a fake says nothing, whoever asked it need not wait for the own limit."""

from __future__ import annotations

import asyncio

MOST = 3
"""Times that it passes while one silence lasts: what else waits on the same loop has limits of its own."""


class Hurry:
    """One fake's. A fake in a process of its own, or before one that measures, leaves `seconds` at nothing."""

    def __init__(self) -> None:
        self.seconds = 0.0
        """What passes where it is silent to somebody; a little more than they wait."""
        self._left = MOST
        self.silences = 0
        """How often it has said nothing since the silence began."""

    def silence_begins(self) -> None:
        """From here it counts anew."""
        self._left, self.silences = MOST, 0

    def silent_to_somebody(self) -> None:
        """The present event loop's clock is so much later from now on; what waits until then is woken."""
        self.silences += 1
        if self.seconds and self._left:
            self._left -= 1
            pass_at_once(self.seconds)


def pass_at_once(seconds: float) -> None:
    """The present event loop's clock is so much later from now on; what waits until then is woken."""
    loop = asyncio.get_running_loop()
    now = loop.time
    loop.time = lambda: now() + seconds  # type: ignore[method-assign]
