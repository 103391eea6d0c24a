"""A claimed telling with its address and what it is about; what is not to be sent any more is settled instead."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.core.log import logger
from approvals_hub.core.sealing import SealBroken
from approvals_hub.db.database import Row, Tx
from approvals_hub.notifications import channel_store as channels
from approvals_hub.notifications import telling_store as store
from approvals_hub.notifications.address_book import CONTEXT, AddressBook
from approvals_hub.notifications.attempt import Attempt
from approvals_hub.notifications.compose import Subject
from approvals_hub.notifications.outlets import name_of, org_of
from approvals_hub.notifications.own_channels import Ready
from approvals_hub.notifications.subject import Shown, subject_in
from approvals_hub.notifications.telling import CANCELLED, FAILED, REMOVED
from approvals_hub.people import contact_store as contacts

log = logger("notifications")


@dataclass(frozen=True, slots=True)
class OpenTelling:
    """Reads what is needed to send one, within the unit that claims it: a channel that was changed counts as it is."""

    book: AddressBook
    shown: Shown

    async def opened_in(self, tx: Tx, row: Row, now: int) -> Attempt | None:
        """The attempt; None where nothing is to be sent any more, or can be."""
        subject = await subject_in(tx, row, self.shown)
        if subject is None or now >= row["expires_at"]:
            await store.settle(tx, row["id"], state=CANCELLED, provider_id=None, at=now)
            return None
        try:
            ready, stored = None, None
            org_id = org_of(row["channel"])
            if org_id is not None:
                stored = await channels.find(tx, org_id, name_of(row["channel"]))
                ready = None if stored is None else await self.book.own.read_in(tx, stored)
            if org_id is None or ready is not None:
                attempt = await self._addressed_in(tx, row, subject, ready, stored)
                if attempt is not None:
                    return attempt
        except (LookupError, SealBroken) as error:
            about = row["escalation_id"]
            log.error("telling_not_opened", telling_id=row["id"], escalation_id=about, why=type(error).__name__)
        await store.settle(tx, row["id"], state=FAILED, provider_id=None, at=now)
        return None

    async def _addressed_in(
        self, tx: Tx, row: Row, subject: Subject, ready: Ready | None, stored: Row | None
    ) -> Attempt | None:
        if ready is not None and stored is not None and ready.address is not None:
            return Attempt(row, stored["recipient"] or "…", stored["language"], ready.address, subject, ready=ready)
        contact = await contacts.find(tx, row["contact_id"])
        if contact is None and row["kind"] == REMOVED:
            contact = await contacts.find_removed(tx, row["contact_id"])
        if contact is None:
            return None
        sealed, context = bytes(contact["address"]), CONTEXT + contact["id"]
        address = await self.book.vault.unseal_in(tx, row["person_id"], sealed, context)
        return Attempt(row, contact["masked"], contact["language"], address.decode(), subject, contact, ready)
