"""Sends what is due: claims it, sends it outside any unit of work, writes down what became of it.

Each telling is a task of its own, so many at once for each channel: an address that hangs delays nobody, and a channel
that takes nothing is left alone. Whoever dies between claiming and writing down has lost a lease; the telling is sent
again with the same id.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import structlog

from approvals_hub.core.clock import SECOND, Clock
from approvals_hub.core.sealing import SealBroken
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.events.bus import Bus
from approvals_hub.notifications import telling_store as store
from approvals_hub.notifications.address_book import CONTEXT, AddressBook
from approvals_hub.notifications.attempt import Attempt, attempt_in
from approvals_hub.notifications.breaker import Breaker
from approvals_hub.notifications.compose import composed
from approvals_hub.notifications.outbox import WAKE
from approvals_hub.notifications.subject import subject_in
from approvals_hub.notifications.telling import CANCELLED, FAILED
from approvals_hub.people import contact_store as contacts
from notify.delivery import AFTER, Cause, Delivery, Failed, TryLater, permanent

log = structlog.get_logger("notifications")

AT_ONCE = 100
"""Messages under way at the same time on one channel."""
LEASE = 40 * SECOND
"""How long one process has for sending, in milliseconds: longer than `LONGEST_SEND`."""
LONGEST_SEND = 20.0
"""Seconds; a channel of ours ends before. One of another package that does not is broken off."""


@dataclass(slots=True)
class Dispatch:
    """One for each process; a worker calls it again and again."""

    db: Database
    bus: Bus
    book: AddressBook
    clock: Clock
    public_url: str
    _breakers: dict[str, Breaker] = field(default_factory=dict)
    _under_way: dict[str, int] = field(default_factory=dict)
    _crowded: set[str] = field(default_factory=set)
    """Channels that had no room when they were last looked at."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __call__(self) -> int:
        """Begin to send what is due; returns how much that is. It does not wait for the sending."""
        now = self.clock.now()
        room = {name: self._room(name, now) for name in self.book.channels}
        asked = [name for name, free in room.items() if free]
        if not asked:
            return 0

        async def look(tx: Tx) -> int | None:
            return await store.next_due(tx, asked)

        due = await self.db.read(look)
        if due is None or due > now:
            return 0

        async def claim(tx: Tx) -> list[Attempt]:
            claimed: list[Attempt] = []
            for name in asked:
                for row in await store.claim(tx, channel=name, now=now, until=now + LEASE, limit=room[name]):
                    attempt = await self._opened_in(tx, row, now)
                    if attempt is not None:
                        claimed.append(attempt)
            return claimed

        claimed = await self.db.run(claim)
        for attempt in claimed:
            self._begin(attempt)
        return len(claimed)

    async def next_at(self) -> int | None:
        """When there is something to send next, in milliseconds; it may be past, where a channel is left alone."""

        async def look(tx: Tx) -> int | None:
            return await store.next_due(tx, list(self.book.channels))

        return await self.db.read(look)

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self) -> None:
        """Break off what is under way: it is sent again when its lease is over."""
        for task in self._tasks:
            task.cancel()
        await self.idle()

    def _room(self, channel: str, now: int) -> int:
        free = AT_ONCE - self._under_way.get(channel, 0)
        if not free:
            self._crowded.add(channel)
        return self._breakers.setdefault(channel, Breaker()).allows(now, free)

    def _begin(self, attempt: Attempt) -> None:
        channel = attempt.row["channel"]
        self._under_way[channel] = self._under_way.get(channel, 0) + 1
        self._breakers[channel].sending()
        task = asyncio.create_task(self._send(attempt), name=f"telling:{attempt.row['id']}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _opened_in(self, tx: Tx, row: Row, now: int) -> Attempt | None:
        """With its address and what it is about; None where it is not to be sent any more."""
        contact = await contacts.find(tx, row["contact_id"])
        subject = await subject_in(tx, row)
        if subject is None or now >= row["expires_at"]:
            await store.settle(tx, row["id"], state=CANCELLED, provider_id=None, at=now)
            return None
        if contact is None:
            await store.settle(tx, row["id"], state=FAILED, provider_id=None, at=now)
            return None
        try:
            address = await self.book.vault.unseal_in(
                tx, row["person_id"], bytes(contact["address"]), CONTEXT + contact["id"]
            )
        except (LookupError, SealBroken) as error:
            log.error("contact_not_opened", contact_id=contact["id"], why=type(error).__name__)
            await store.settle(tx, row["id"], state=FAILED, provider_id=None, at=now)
            return None
        return Attempt(row, contact, address.decode(), subject)

    async def _send(self, attempt: Attempt) -> None:
        channel = attempt.row["channel"]
        breaker = self._breakers[channel]
        try:
            began = monotonic()
            result = await self._delivery(attempt)
            latency = int((monotonic() - began) * 1000)
            self._learn(channel, breaker, result)
            at = self.clock.now()

            async def work(tx: Tx) -> None:
                await attempt_in(tx, attempt, result, latency=latency, at=at)

            await self.db.run(work)
        except Exception:
            log.exception("telling_not_written_down", telling_id=attempt.row["id"])
        finally:
            breaker.unknown()
            self._under_way[channel] -= 1
            if channel in self._crowded:
                # Whoever waits for room would sleep on until something else happens.
                self._crowded.discard(channel)
                self.bus.publish([WAKE])

    async def _delivery(self, attempt: Attempt) -> Delivery:
        channel: Any = self.book.channels[attempt.row["channel"]]
        language = attempt.contact["language"]
        try:
            message = composed(attempt.subject, channel, language=language, public_url=self.public_url)
        except ValueError as error:
            return permanent(str(error))
        try:
            async with asyncio.timeout(LONGEST_SEND):
                delivery: Delivery = await channel.send(attempt.address, message)
                return delivery
        except TimeoutError:
            return TryLater(AFTER, "no answer within the time limit", perhaps_sent=True)

    def _learn(self, channel: str, breaker: Breaker, result: Delivery) -> None:
        """A vendor that speaks of this message or address works."""
        refused_us = isinstance(result, Failed) and result.cause is Cause.SETTINGS
        if refused_us:
            log.error("channel_refused", channel=channel, why=getattr(result, "why", ""))
        if not refused_us and not isinstance(result, TryLater):
            breaker.worked()
        elif breaker.failed(self.clock.now()):
            log.warning("channel_left_alone", channel=channel, why=getattr(result, "why", ""))
