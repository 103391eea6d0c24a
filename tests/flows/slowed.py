"""Two seconds of the event loop that take longer than any computer is busy: what a bound in seconds says, by no clock.

Whoever waits under a slowed loop and is answered was woken: a timer that would have answered has not run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

SLOWER = 20


@contextmanager
def slowed() -> Iterator[None]:
    """Within: every timer of this event loop, those that run already too, takes twenty times as long."""
    loop = asyncio.get_running_loop()
    began, real = loop.time(), monotonic()
    loop.time = lambda: began + (monotonic() - real) / SLOWER  # type: ignore[method-assign]
    try:
        yield
    finally:
        del loop.time
