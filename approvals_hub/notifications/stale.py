"""Nothing was heard of a device for long: its person hears of it before a question finds out that it is not told."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from approvals_hub.core.clock import DAY, Clock
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.notifications import store, telling_store
from approvals_hub.notifications.outbox import WAKE
from approvals_hub.notifications.outlets import org_of
from approvals_hub.notifications.tell_news import telling_id
from approvals_hub.orgs import store as orgs
from approvals_hub.people import contact_store as contacts
from approvals_hub.people.contact import STALE_AFTER, heard_at
from approvals_hub.people.device import TELL_WITHIN

PUSH_STALE = "push.stale"
"""The kind of news that says so."""
WORTH_SAYING = 30 * DAY
"""How long after that it is news, in milliseconds. Tellings are kept for longer, so what was said is known."""
TOGETHER = 7 * DAY
"""Devices that fall silent within the same span of so many milliseconds are one piece of news."""
PAGE = 200
"""Addresses that are looked at in one round."""


@dataclass(frozen=True, slots=True)
class WarnOfStale:
    """Queues it once for each silence, to every address of the person: the silent one too, as it may well work, and
    pressing what arrives there ends the silence."""

    db: Database
    clock: Clock

    async def __call__(self) -> int:
        """Look at the addresses that have fallen silent; returns of how many their person is told now."""
        now, after, told = self.clock.now(), "", 0
        while True:

            async def look(tx: Tx, after: str = after) -> list[Row]:
                return await contacts.silent(
                    tx, since=now - STALE_AFTER, not_before=now - STALE_AFTER - WORTH_SAYING, after=after, limit=PAGE
                )

            rows = await self.db.read(look)
            for row in rows:
                told += await self._one(row, now)
            if len(rows) < PAGE:
                return told
            after = rows[-1]["id"]

    async def _one(self, contact: Row, now: int) -> int:
        person_id, news_id = contact["person_id"], _news_id(contact)

        async def work(tx: Tx) -> int:
            await tx.lock("people", person_id)
            if await telling_store.find(tx, telling_id(news_id, contact["id"])) is not None:
                return 0
            own = org_of(contact["channel"])
            here = [row["org_id"] for row in await orgs.memberships(tx, person_id) if own in (None, row["org_id"])]
            if not here or await store.is_queued(tx, person_id, PUSH_STALE):
                return 0
            await store.add(
                tx,
                row_id=news_id,
                org_id=here[0],
                kind=PUSH_STALE,
                person_id=person_id,
                due_at=now,
                expires_at=now + TELL_WITHIN,
            )
            tx.changed(WAKE)
            return 1

        return await self.db.run(work)


def _news_id(contact: Row) -> str:
    """The same for all of a person's devices that fell silent in the same span."""
    span = heard_at(contact["registered_at"], contact["last_used_at"]) // TOGETHER
    return "out_" + hashlib.sha256(f"{PUSH_STALE} {contact['person_id']} {span}".encode()).hexdigest()[:32]
