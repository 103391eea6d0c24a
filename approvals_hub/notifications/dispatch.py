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

from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import SECOND, Clock
from approvals_hub.core.errors import Invalid
from approvals_hub.core.log import logger
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.events.bus import Bus
from approvals_hub.notifications import channel_store as channels
from approvals_hub.notifications import telling_store as store
from approvals_hub.notifications.address_book import AddressBook
from approvals_hub.notifications.attempt import LONGEST_SAID, Attempt, attempt_in
from approvals_hub.notifications.breaker import Breaker
from approvals_hub.notifications.compose import composed
from approvals_hub.notifications.open_telling import OpenTelling
from approvals_hub.notifications.outbox import WAKE
from approvals_hub.notifications.outlets import key_in, key_of, org_of
from notify.channel import Channel
from notify.delivery import AFTER, Cause, Delivery, Failed, TryLater, bad_settings, permanent

log = logger("notifications")

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
    open_telling: OpenTelling
    recorder: Recorder
    _breakers: dict[str, Breaker] = field(default_factory=dict)
    _under_way: dict[str, int] = field(default_factory=dict)
    _crowded: set[str] = field(default_factory=set)
    """Lanes that had no room when they were last looked at."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __call__(self) -> int:
        """Begin to send what is due; returns how much that is. It does not wait for the sending."""
        now = self.clock.now()
        lanes = await self.db.read(self._lanes_in)
        room = {lane: self._room(lane, revision, now) for lane, (at, revision) in lanes.items() if at <= now}
        asked = [lane for lane, free in room.items() if free]
        if not asked:
            return 0

        async def claim(tx: Tx) -> list[Attempt]:
            claimed: list[Attempt] = []
            for lane in asked:
                for row in await store.claim(tx, lane=lane, now=now, until=now + LEASE, limit=room[lane]):
                    attempt = await self.open_telling.opened_in(tx, row, now)
                    if attempt is not None:
                        claimed.append(attempt)
            return claimed

        claimed = await self.db.run(claim)
        for attempt in claimed:
            self._begin(attempt)
        return len(claimed)

    async def next_at(self) -> int | None:
        """When there is something to send next, in milliseconds; it may be past, where a channel is left alone."""
        return min((at for at, _ in (await self.db.read(self._lanes_in)).values()), default=None)

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self) -> None:
        """Break off what is under way: it is sent again when its lease is over."""
        for task in self._tasks:
            task.cancel()
        await self.idle()

    async def _lanes_in(self, tx: Tx) -> dict[str, tuple[int, str]]:
        """Lane → when something is due there, and how its channel stands. What no channel is known of is left out."""
        found: dict[str, tuple[int, str]] = {}
        rows = await store.due_lanes(tx)
        orgs = sorted({org for row in rows if (org := org_of(key_in(row["lane"]))) is not None})
        stands = {}
        if orgs and not self.book.own.off:
            # A channel that is gone has no revision: its rows are claimed, and fail.
            stands = {key_of(row["org_id"], row["name"]): row["revision"] for row in await channels.revisions(tx, orgs)}
        for row in rows:
            key = key_in(row["lane"])
            if key in self.book.settings.channels:
                found[row["lane"]] = (row["at"], "")
            elif org_of(key) is not None and not self.book.own.off:
                found[row["lane"]] = (row["at"], stands.get(key, ""))
        return found

    def _room(self, lane: str, revision: str, now: int) -> int:
        breaker = self._breakers.get(lane)
        if breaker is None or breaker.revision != revision:
            breaker = self._breakers[lane] = Breaker(revision=revision)
        free = max(breaker.most - self._under_way.get(lane, 0), 0)
        if not free:
            self._crowded.add(lane)
        return breaker.allows(now, free)

    def _begin(self, attempt: Attempt) -> None:
        lane = attempt.row["lane"]
        self._under_way[lane] = self._under_way.get(lane, 0) + 1
        self._breakers[lane].sending()
        task = asyncio.create_task(self._send(attempt), name=f"telling:{attempt.row['id']}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, attempt: Attempt) -> None:
        lane = attempt.row["lane"]
        breaker = self._breakers[lane]
        try:
            began = monotonic()
            result = await self._delivery(attempt)
            latency = int((monotonic() - began) * 1000)
            learnt = self._learn(attempt.row, breaker, result)
            at = self.clock.now()

            async def work(tx: Tx) -> None:
                await attempt_in(tx, self.recorder, attempt, result, latency=latency, at=at)
                if learnt is True:
                    await channels.works_again(tx, lane)
                elif learnt is False:
                    await channels.leave_alone(
                        tx,
                        lane=lane,
                        channel=attempt.row["channel"],
                        since=at,
                        until=breaker.closed_until,
                        said=getattr(result, "why", "")[:LONGEST_SAID],
                    )

            await self.db.run(work)
        except Exception:
            about = attempt.row["escalation_id"]
            log.exception("telling_not_written_down", telling_id=attempt.row["id"], escalation_id=about)
        finally:
            breaker.unknown()
            self._under_way[lane] -= 1
            if lane in self._crowded:
                # Whoever waits for room would sleep on until something else happens.
                self._crowded.discard(lane)
                self.bus.publish([WAKE])

    async def _delivery(self, attempt: Attempt) -> Delivery:
        try:
            if attempt.ready is None:
                return await self._given(attempt, self.book.settings.channels[attempt.row["channel"]])
            async with self.book.own.lent(attempt.ready) as channel:
                return await self._given(attempt, channel)
        except Invalid as error:
            return bad_settings(error.detail)

    async def _given(self, attempt: Attempt, channel: Channel[Any]) -> Delivery:
        """What the channel makes of it."""
        try:
            url = self.public_url
            message = composed(
                attempt.subject, channel, language=attempt.language, public_url=url, seal_to=attempt.seal_to(url)
            )
        except ValueError as error:
            return permanent(str(error))
        try:
            async with asyncio.timeout(LONGEST_SEND):
                delivery: Delivery = await channel.send(attempt.address, message)
                return delivery
        except TimeoutError:
            return TryLater(AFTER, "no answer within the time limit", perhaps_sent=True)

    def _learn(self, row: Row, breaker: Breaker, result: Delivery) -> bool | None:
        """A vendor that speaks of this message or address works. True where it works again, False where it is left
        alone from now on, None where neither has changed."""
        channel = row["channel"]
        refused_us = isinstance(result, Failed) and result.cause is Cause.SETTINGS
        if refused_us:
            log.error("channel_refused", channel=channel, why=getattr(result, "why", ""))
            if getattr(result, "of_address", False):
                # Whoever registers what the vendor refuses would keep everybody else from being told.
                return None
        if not refused_us and not isinstance(result, TryLater):
            return True if breaker.worked() else None
        throttled = isinstance(result, TryLater) and result.of_address
        who = row["person_id"] or row["contact_id"]
        if breaker.failed(self.clock.now(), throttled=who if throttled else None):
            log.warning("channel_left_alone", channel=channel, why=getattr(result, "why", ""))
            return False
        return None
