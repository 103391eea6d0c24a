"""Whether the hub is going down: whoever waits answers with what it has, and readiness says no."""

from __future__ import annotations


class Stopping:
    """Set once, when the process begins its graceful stop."""

    __slots__ = ("begun",)

    def __init__(self) -> None:
        """Begin as a hub that serves."""
        self.begun = False
