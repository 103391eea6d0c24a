"""The bus says only "this changed"; the database says what is.

Whoever waits subscribes, then reads, then sleeps: a change between the reading and the sleeping is not lost. A topic is
a name (`esc_…`, `inbox:per_…`). Nothing secret goes over the bus, and a lost message costs a moment, not an approval.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from types import TracebackType
from typing import Protocol


class Bus(Protocol):
    """Carries topics from whoever has committed to whoever waits."""

    def subscribe(self, *topics: str) -> Subscription:
        """Hear of every topic published from now on. Close it, or use it in a `with` block."""

    def publish(self, topics: Iterable[str]) -> None:
        """Wake who waits for these topics, in every process that shares the bus. Never blocks, never raises."""

    def wake_everybody(self) -> None:
        """Let every waiter of this process read again: messages may have been lost, or the hub is stopping."""

    def __len__(self) -> int:
        """How many topics somebody in this process waits for."""


class Subscription:
    """One waiter's ear: remembers that something was published since it last looked."""

    __slots__ = ("_bus", "_changed", "_sleeper", "_topics")

    def __init__(self, bus: LocalBus, topics: tuple[str, ...]) -> None:
        self._bus = bus
        self._topics = topics
        self._changed = False
        self._sleeper: asyncio.Future[None] | None = None

    async def wait(self, seconds: float | None = None) -> bool:
        """Sleep until a topic is published, or for `seconds`; at once when one was since the last `wait`.

        True when something was published. One task at a time may wait.
        """
        if not self._changed:
            loop = asyncio.get_running_loop()
            self._sleeper = loop.create_future()
            timer = None if seconds is None else loop.call_later(max(seconds, 0), self._stir)
            try:
                await self._sleeper
            finally:
                self._sleeper = None
                if timer is not None:
                    timer.cancel()
        changed, self._changed = self._changed, False
        return changed

    def wake(self) -> None:
        """End the sleep, now or when it begins."""
        self._changed = True
        self._stir()

    def close(self) -> None:
        """Hear nothing more. May be called twice."""
        topics, self._topics = self._topics, ()
        for topic in topics:
            self._bus.forget(topic, self)

    def __enter__(self) -> Subscription:
        """Itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close."""
        self.close()

    def _stir(self) -> None:
        if self._sleeper is not None and not self._sleeper.done():
            self._sleeper.set_result(None)


class LocalBus:
    """The `Bus` within one process: everything happens on one event loop."""

    def __init__(self) -> None:
        # Most topics have one waiter, which then stands for itself: a set costs as much memory as the waiter.
        self._waiters: dict[str, Subscription | set[Subscription]] = {}

    def subscribe(self, *topics: str) -> Subscription:
        """Hear of every topic published from now on."""
        subscription = Subscription(self, topics)
        for topic in topics:
            there = self._waiters.get(topic)
            if there is None:
                self._waiters[topic] = subscription
            elif isinstance(there, set):
                there.add(subscription)
            else:
                self._waiters[topic] = {there, subscription}
        return subscription

    def publish(self, topics: Iterable[str]) -> None:
        """Wake who waits for these topics."""
        for topic in topics:
            there = self._waiters.get(topic)
            if there is None:
                continue
            if isinstance(there, set):
                for subscription in there:
                    subscription.wake()
            else:
                there.wake()

    def wake_everybody(self) -> None:
        """Let every waiter read again: messages may have been lost, or the hub is stopping."""
        self.publish(list(self._waiters))

    def forget(self, topic: str, subscription: Subscription) -> None:
        """Take one waiter off a topic; for `Subscription.close`."""
        there = self._waiters.get(topic)
        if isinstance(there, set):
            there.discard(subscription)
            if not there:
                del self._waiters[topic]
        elif there is subscription:
            del self._waiters[topic]

    def __len__(self) -> int:
        """How many topics somebody waits for."""
        return len(self._waiters)
