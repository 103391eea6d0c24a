"""What all channels of this package share: the time limit, the expiry, and that nothing is raised."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from notify.channel import TIME_LIMIT
from notify.delivery import AFTER, Delivery, TryLater, permanent
from notify.message import Message

M = TypeVar("M", bound=Message)
T = TypeVar("T")


@dataclass(slots=True)
class Attempt:
    """How far one attempt has come, for the moment when time is up."""

    on_its_way: bool = False
    """Set before the first byte of the message leaves."""


class Sender(ABC, Generic[M]):
    """The frame of a channel: `_send` does the work, within the limit."""

    name: str
    takes: type[M]

    def __init__(self, *, clock: Callable[[], int], time_limit: float = TIME_LIMIT) -> None:
        """`clock` gives milliseconds since 1970 UTC; `time_limit` is in seconds."""
        self._clock = clock
        self._time_limit = time_limit

    async def send(self, address: str, message: M) -> Delivery:
        """Send it now, once. Raises nothing."""
        if self._is_late(message):
            return permanent("the message has expired")
        return await self._within_limit(lambda attempt: self._send(address, message, attempt))

    async def close(self) -> None:
        """Nothing is kept open."""

    @abstractmethod
    def masked(self, address: str) -> str:
        """As much of an address as its owner needs to know it again."""

    @abstractmethod
    async def _send(self, address: str, message: M, attempt: Attempt) -> Delivery: ...

    def _is_late(self, message: M) -> bool:
        return message.expires_at is not None and self._clock() >= message.expires_at

    async def _within_limit(self, sending: Callable[[Attempt], Awaitable[T]]) -> T | TryLater:
        attempt = Attempt()
        try:
            async with asyncio.timeout(self._time_limit):
                return await sending(attempt)
        except TimeoutError:
            return TryLater(AFTER, "no answer within the time limit", perhaps_sent=attempt.on_its_way)
        except Exception as error:
            # What nobody foresaw, of a library or of hostile bytes. Its text may quote the message: only its kind is
            # told.
            return TryLater(AFTER, f"it failed with {type(error).__name__}", perhaps_sent=attempt.on_its_way)
