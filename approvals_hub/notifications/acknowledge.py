"""A device says what became of a telling; whoever opens a question on a page has opened it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, NotFound, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Tx
from approvals_hub.notifications import telling_store as store
from approvals_hub.notifications.outbox import queue_again
from approvals_hub.people.session import PersonCredential, admit_person_in
from approvals_hub.routing.question import DELIVERED, OPENED


class Acknowledged(msgspec.Struct, frozen=True):
    """When a telling was first said to be there, and to be opened."""

    telling_id: str
    delivered_at: int | None
    opened_at: int | None


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Keeps the first receipt of each kind. It proves no identity and answers nothing."""

    db: Database
    clock: Clock

    async def __call__(self, credential: PersonCredential, telling_id: str, kind: str) -> Acknowledged:
        """A device of the told person has it, or they opened it. Raises NotFound for what was told to others."""
        now = self.clock.now()

        async def work(tx: Tx) -> Acknowledged | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            telling = await store.find(tx, telling_id)
            if telling is None or telling["person_id"] != session.person_id:
                return NotFound("telling_unknown", "nothing of this id was told to you", next_step="Open the inbox.")
            is_new = await store.keep_receipt(
                tx,
                receipt_id=new_id("rcp"),
                org_id=telling["org_id"],
                escalation_id=telling["escalation_id"],
                person_id=session.person_id,
                telling_id=telling_id,
                kind=kind,
                at=now,
            )
            if is_new and telling["escalation_id"] is not None:
                await queue_again(tx, escalation_id=telling["escalation_id"], at=now)
            found = await store.receipts(tx, telling_id)
            return Acknowledged(telling_id, found.get(DELIVERED), found.get(OPENED))

        return settled(await self.db.run(work, org=credential.org_id))


async def opened_in(tx: Tx, *, org_id: str, escalation_id: str, person_id: str, now: int) -> None:
    """The person has the question on a screen, wherever they were told of it."""
    is_new = await store.keep_receipt(
        tx,
        receipt_id=new_id("rcp"),
        org_id=org_id,
        escalation_id=escalation_id,
        person_id=person_id,
        telling_id=None,
        kind=OPENED,
        at=now,
    )
    if is_new:
        await queue_again(tx, escalation_id=escalation_id, at=now)
