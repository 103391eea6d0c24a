"""Tries the channels of the settings without sending: at the start, and when whoever runs the hub asks."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field

import msgspec

from approvals_hub.core.clock import Clock
from approvals_hub.core.log import logger
from approvals_hub.notifications.attempt import LONGEST_SAID, status_of
from approvals_hub.notifications.channel import LastError
from approvals_hub.notifications.outlets import Outlets
from notify.channel import Rehearsable
from notify.delivery import AFTER, Delivered, Delivery, TryLater

LONGEST = 20.0
"""Seconds; a channel of ours ends before. One of another package that does not is broken off."""

log = logger("notifications")


class Rehearsed(msgspec.Struct, frozen=True):
    """What one channel met; `status` and `said` are None where nothing was in the way."""

    channel: str
    kind: str
    status: str | None
    said: str | None


@dataclass(slots=True)
class Rehearse:
    """One for each process, which remembers what it met. Those of organisations are not tried: whoever sets one up
    sends a test message, and a start would call everybody's servers at once."""

    outlets: Outlets
    clock: Clock
    _met: dict[str, LastError | None] = field(default_factory=dict)
    """Key → what was in the way; None where nothing was."""

    async def __call__(self) -> None:
        """Try those of which it is not known that nothing is in the way; a failure is said in the log, once."""
        known = {key for key, met in self._met.items() if met is None}
        await self._tried(self.outlets.channels.keys() - known)

    async def every(self) -> list[Rehearsed]:
        """Try all anew. Those that cannot be tried without sending are left out."""
        await self._tried(self.outlets.channels)
        return [
            Rehearsed(key, self.outlets.channels[key].name, None, None)
            if met is None
            else Rehearsed(key, self.outlets.channels[key].name, met.status, met.said)
            for key, met in sorted(self._met.items())
        ]

    def not_ready(self) -> dict[str, LastError]:
        """Key → what was in the way when it was last tried so."""
        return {key: met for key, met in self._met.items() if met is not None}

    async def _tried(self, keys: Collection[str]) -> None:
        # All at once: each ends within its own time limit, and one that hangs keeps no other waiting.
        await asyncio.gather(*(self._one(key) for key in keys))

    async def _one(self, key: str) -> None:
        channel = self.outlets.channels[key]
        if not isinstance(channel, Rehearsable):
            return
        result = await _met(channel)
        before = self._met.get(key)
        if result is None or isinstance(result, Delivered):
            self._met[key] = None
            if before is not None:
                log.info("channel_ready", channel=key, kind=channel.name)
            return
        met = LastError(self.clock.now(), status_of(result), result.why[:LONGEST_SAID])
        self._met[key] = met
        if before is None or (before.status, before.said) != (met.status, met.said):
            log.error("channel_not_ready", channel=key, kind=channel.name, status=met.status, why=met.said)


async def _met(channel: Rehearsable) -> Delivery | None:
    """What it met, also where it breaks its word to raise nothing and to end in time."""
    try:
        async with asyncio.timeout(LONGEST):
            return await channel.rehearse()
    except TimeoutError:
        return TryLater(AFTER, "no answer within the time limit")
    except Exception as error:
        return TryLater(AFTER, f"it failed with {type(error).__name__}")
