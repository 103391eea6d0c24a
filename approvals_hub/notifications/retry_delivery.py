"""Sends once more what never arrived, where its question is still open: a person has mended what was in the way."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, HubError, NotFound, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.domain import outcome
from approvals_hub.notifications import delivery_store as store
from approvals_hub.notifications.address_book import AddressBook
from approvals_hub.notifications.outbox import WAKE, queue_again
from approvals_hub.notifications.telling import FAILED, NOBODY, OPENED
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people import contact_store as contacts
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.names import answers
from approvals_hub.people.session import PersonCredential


class Retried(msgspec.Struct, frozen=True):
    """What is sent once more. `attempts`: how many there were before."""

    telling_id: str
    escalation_id: str
    attempts: int


@dataclass(frozen=True, slots=True)
class RetryDelivery:
    """Puts the telling of a failed attempt back into its lane. It is sent with the same id as before, so whoever has it
    already is not disturbed twice."""

    db: Database
    book: AddressBook
    recorder: Recorder
    clock: Clock

    async def __call__(self, asker: PersonCredential | OperatorCredential, delivery_id: str) -> Retried:
        """Send it again now, until its question ends.

        Raises NotFound for what the organisation's log does not have; Conflict for what asks nobody (news, tests, that
        a question is over), where the question has ended, where it has not failed, and where nobody has the address any
        more; Unauthenticated, Forbidden without the right to govern channels.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> Retried | HubError:
            who = await admit_acting_in(tx, asker, now, Permission.GOVERN_CHANNELS)
            if isinstance(who, HubError):
                return who
            found = await store.told(tx, who.org_id, delivery_id)
            if found is not None and found["question"] is not None:
                # Whoever ends the question locks it too, and cancels only what waits by then.
                await tx.lock("escalations", found["escalation_id"])
                found = await store.told(tx, who.org_id, delivery_id)
            if found is None:
                return NotFound("delivery_unknown", "there is no such attempt", next_step="Read the delivery log.")
            refusal = _refused(found, now) or await self._refused_in(tx, who.org_id, found)
            if refusal is not None:
                return refusal
            await store.send_again(tx, found["telling_id"], at=now, until=found["ends_at"])
            await self.recorder.record(
                tx,
                Event(
                    kind="delivery.retried",
                    org_id=who.org_id,
                    at=now,
                    actor_type=who.actor_type,
                    actor_id=who.actor_id,
                    escalation_id=found["escalation_id"],
                    detail={"delivery_id": delivery_id, "telling_id": found["telling_id"]},
                ),
            )
            # It is not known any more that it does not arrive: a question that reached nobody is tried again.
            await queue_again(tx, escalation_id=found["escalation_id"], at=now)
            tx.changed(WAKE)
            return Retried(found["telling_id"], found["escalation_id"], found["attempts"])

        return settled(await self.db.run(work, org=asker.org_id))

    async def _refused_in(self, tx: Tx, org_id: str, found: Row) -> HubError | None:
        """Why it would only fail again: the channel or the address is gone, or the person is asked nothing any more."""
        is_there = found["channel"] in (await self.book.outlets_in(tx, org_id)).by_key
        if found["person_id"] != NOBODY:
            roles = await orgs.roles_of(tx, org_id, [found["person_id"]])
            is_there = is_there and answers(roles.get(found["person_id"], ""))
            is_there = is_there and await contacts.find(tx, found["contact_id"]) is not None
        if is_there:
            return None
        return Conflict(
            "recipient_gone",
            "nobody is told there any more",
            next_step="Have the person set up an address again; an open question is then told there by itself.",
        )


def _refused(found: Row, now: int) -> HubError | None:
    if found["question"] is None or found["kind"] != OPENED:
        return Conflict(
            "delivery_not_a_question",
            "only what asks somebody is sent again",
            next_step="Send a test message over the channel instead.",
        )
    if found["question"] != outcome.OPEN or now >= found["ends_at"]:
        return Conflict(
            "escalation_ended", "the question has ended", next_step="Nothing is to be answered any more; ask anew."
        )
    if found["state"] != FAILED:
        return Conflict(
            "delivery_not_failed",
            f"this telling has not failed: it is {found['state']}",
            next_step="Wait: what is not there yet is tried again by itself.",
            extra={"state": found["state"]},
        )
    return None
