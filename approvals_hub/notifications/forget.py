"""Drops rows whose time is over: nonces, idempotency keys, challenges, unsent notices of ended questions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from approvals_hub.agents import store as agents
from approvals_hub.core.clock import DAY, Clock
from approvals_hub.db.database import Database, Tx
from approvals_hub.notifications import callback_store, channel_store, delivery_store, store, telling_store
from approvals_hub.people import contact_store as contacts
from approvals_hub.people import session_store
from approvals_hub.people import store as people
from approvals_hub.people.device import TELL_WITHIN
from approvals_hub.people.session import PLACE_KEPT
from approvals_hub.policies import draft_store
from approvals_hub.policies import store as policies

KEPT = 30 * DAY
"""How long tellings, receipts and calls back are kept after their time, in milliseconds."""
RESERVED = 64 * DAY
"""How long what counts against limits is kept: the longest window, and the longest life of a question before it."""
DRAFTS = 400 * DAY
"""How long an ended draft of a policy can be looked at, in milliseconds."""
ForgetIn = Callable[[Tx, int, int], Awaitable[int]]
"""Drops what is over at an instant, in milliseconds, at most so many rows of each kind; returns how many it were."""
PAGE = 2000
"""Rows of each kind dropped in one unit, so that it never holds the writer for long."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Keeps the tables of short-lived rows small."""

    db: Database
    clock: Clock
    forget_limits_in: ForgetIn
    """For tables of a feature above this one."""
    attempts_kept: int = KEPT
    """How long the delivery log is, in milliseconds."""
    page: int = PAGE

    async def __call__(self) -> int:
        """Drop what has expired, and where ended sessions came from; returns how many rows it were."""
        total = 0
        while True:
            now = self.clock.now()

            async def work(tx: Tx, now: int = now) -> int:
                dropped = await agents.forget_expired(tx, now, self.page)
                dropped += await people.forget_expired(tx, now, self.page)
                dropped += await session_store.forget_places(tx, before=now - PLACE_KEPT, limit=self.page)
                dropped += await contacts.forget_removed(tx, before=now - TELL_WITHIN, limit=self.page)
                dropped += await telling_store.forget_old(tx, before=now - KEPT, limit=self.page)
                dropped += await delivery_store.forget_old(tx, before=now - self.attempts_kept, limit=self.page)
                dropped += await self.forget_limits_in(tx, now, self.page)
                dropped += await policies.forget_old(tx, before=now - RESERVED, limit=self.page)
                dropped += await draft_store.forget_old(tx, before=now - DRAFTS, limit=self.page)
                dropped += await callback_store.forget_settled(tx, before=now - KEPT, limit=self.page)
                dropped += await channel_store.forget_tests(tx, before=now - DAY, limit=self.page)
                return dropped + await store.forget_expired(tx, now, self.page)

            count = await self.db.run(work)
            total += count
            if count < self.page:
                return total
