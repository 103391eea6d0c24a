"""One round of reaching people: who is to be told now, and the sending of it."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from approvals_hub.core.clock import SECOND, Clock
from approvals_hub.db.database import Database, Tx
from approvals_hub.escalations.tell import Tell
from approvals_hub.notifications import store as outbox
from approvals_hub.notifications.dispatch import Dispatch
from approvals_hub.notifications.outbox import WAKE as WAKE
from approvals_hub.notifications.stale import WarnOfStale
from approvals_hub.notifications.tell_news import TellNews

LONGEST_SLEEP = 1.0
"""Seconds until a worker looks again though nobody woke it: one read of the smallest time in an index."""
STOPPING = 8.0
"""Seconds that what is under way is given when the hub stops."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A worker calls it, in every process; whatever is left half done is done again by another."""

    db: Database
    clock: Clock
    tell: Tell
    tell_news: TellNews
    dispatch: Dispatch
    warn_of_stale: WarnOfStale
    """A worker of its own calls it now and then."""

    @property
    def off(self) -> bool:
        """Whether there can be no channel: then nobody is told, and what is queued waits."""
        book = self.dispatch.book
        return book.own.off and not book.settings.channels

    async def __call__(self) -> float:
        """One round; it does not wait for what it began to send. Returns the seconds until the next is due."""
        if self.off:
            return LONGEST_SLEEP
        looked_at = await self.tell() + await self.tell_news()
        sent = await self.dispatch()
        if looked_at or sent:
            return 0.0

        async def look(tx: Tx) -> int | None:
            return await outbox.next_due(tx, now)

        now = self.clock.now()
        due = await self.db.read(look)
        times = [at for at in (due, await self.dispatch.next_at()) if at is not None and at > now]
        return min([LONGEST_SLEEP, *((at - now) / SECOND for at in times)])

    async def settled(self) -> None:
        """Rounds until nothing is due and nothing is under way."""
        while await self() == 0.0:
            await self.dispatch.idle()

    async def stop(self) -> None:
        """Let what is under way end, for a while; the rest is sent by whoever comes next."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOPPING):
                await self.dispatch.idle()
        await self.dispatch.stop()
