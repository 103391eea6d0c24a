"""Has the news of people's own accounts sent to them, at every address that they have."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from approvals_hub.core.clock import HOUR, Clock
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.notifications import delivery_store as log
from approvals_hub.notifications import store, telling_store
from approvals_hub.notifications.address_book import AddressBook
from approvals_hub.notifications.outbox import WAKE
from approvals_hub.notifications.outlets import Outlets
from approvals_hub.notifications.telling import REMOVED
from approvals_hub.notifications.words import ADMIN, CHANNEL_REFUSED
from approvals_hub.people import contact_store as contacts
from approvals_hub.people.device import TELL_WITHIN

PAGE = 50
"""News that are looked at in one round."""
NOWHERE = HOUR
"""When news are looked at again whose person has no address, in milliseconds: one may come."""


@dataclass(frozen=True, slots=True)
class TellNews:
    """Makes tellings of the queued news. A row goes in the unit that writes them, so none is lost or said twice."""

    db: Database
    book: AddressBook
    clock: Clock

    async def __call__(self) -> int:
        """Look at what is due; returns at how much."""
        now = self.clock.now()

        async def look(tx: Tx) -> list[Row]:
            return await store.due_news(tx, now, PAGE)

        rows = await self.db.read(look)
        for row in rows:
            await self._one(row, now)
        return len(rows)

    async def _one(self, news: Row, now: int) -> None:
        person_id = news["person_id"]

        async def work(tx: Tx) -> None:
            await tx.lock("people", person_id)
            if not await store.is_due(tx, news["id"], now):
                return
            outlets = await self.book.outlets_in(tx, news["org_id"])
            await self.book.complete_in(tx, outlets, [person_id], now)
            found = await contacts.of_people(tx, [person_id], org_id=news["org_id"], since=now)
            if news["kind"] == REMOVED:
                found += await contacts.removed(tx, person_id, since=news["expires_at"] - TELL_WITHIN)
            there = [contact for contact in found if contact["channel"] in outlets.by_key]
            if news["kind"] == ADMIN + CHANNEL_REFUSED:
                there = await _by_others_in(tx, news["org_id"], there)
            if not there:
                await store.put_off(tx, news["id"], at=now + NOWHERE)
                return
            await store.take(tx, news["id"], now)
            for contact in there:
                await self._add_in(tx, outlets, news, contact, now)
            tx.changed(WAKE)

        await self.db.run(work)

    async def _add_in(self, tx: Tx, outlets: Outlets, news: Row, contact: Row, now: int) -> None:
        await telling_store.add(
            tx,
            telling_id=telling_id(news["id"], contact["id"]),
            org_id=news["org_id"],
            kind=news["kind"],
            escalation_id=None,
            person_id=news["person_id"],
            contact_id=contact["id"],
            channel=contact["channel"],
            lane=outlets.by_key[contact["channel"]].lane(contact["masked"]),
            level=0,
            reason="news",
            replaces=False,
            due_at=now,
            expires_at=news["expires_at"],
        )


async def _by_others_in(tx: Tx, org_id: str, there: list[Row]) -> list[Row]:
    """Those at channels that are not refused: that one is, is not said over it."""
    refused = set()
    for channel in {contact["channel"] for contact in there}:
        last = await log.last_word(tx, org_id, channel)
        if last is not None and last["status"] == "settings":
            refused.add(channel)
    return [contact for contact in there if contact["channel"] not in refused]


def telling_id(news_id: str, contact_id: str) -> str:
    """The same for the same news at the same address."""
    return "tel_" + hashlib.sha256(f"{news_id} {contact_id}".encode()).hexdigest()[:32]
