"""Works out who is told of the open questions now, and has it sent: rows alone, a worker sends them."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.core.clock import Clock
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.escalations import facts_store, store
from approvals_hub.escalations.advance import Advance
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.routes import read_frozen
from approvals_hub.notifications import store as outbox
from approvals_hub.notifications import telling_store
from approvals_hub.notifications.address_book import AddressBook
from approvals_hub.notifications.outbox import OPENED, WAKE
from approvals_hub.people import contact_store
from approvals_hub.routing.question import Contact, Facts, HandOver, Question, Receipt
from approvals_hub.routing.timetable import UNREACHABLE, Answer, answer

PAGE = 50
"""Questions that are looked at in one round."""


@dataclass(frozen=True, slots=True)
class Tell:
    """Looks at questions when something is due, and at no others. Whether it dies on the way is all the same: who is
    told follows from the facts, and each telling is written once by its id."""

    db: Database
    book: AddressBook
    advance: Advance
    clock: Clock

    async def __call__(self) -> int:
        """Look at what is due; returns at how many questions."""
        now = self.clock.now()

        async def look(tx: Tx) -> list[Row]:
            return await outbox.due_questions(tx, now, PAGE)

        rows = await self.db.read(look)
        for row in rows:
            await self._one(row["id"], row["escalation_id"], row["org_id"])
        return len(rows)

    async def _one(self, row_id: str, escalation_id: str, org_id: str) -> None:
        now = self.clock.now()

        async def work(tx: Tx) -> None:
            await tx.lock("escalations", escalation_id)
            escalation = await store.find(tx, escalation_id)
            if escalation is None or not escalation.open or not await outbox.is_due(tx, row_id, now):
                return
            routing = await store.routing(tx, escalation_id)
            if routing is None or escalation.overdue(now):
                await outbox.put_off(tx, row_id, at=escalation.expires_at)
                return
            question = read_frozen(routing)
            await self.book.complete_in(tx, question.people, now)
            found = answer(question, await facts_in(tx, question, escalation), now)
            await self._write_in(tx, escalation, found)
            await _say_in(tx, escalation, found.reach)
            await outbox.put_off(tx, row_id, at=found.next_at or escalation.expires_at)
            if found.end is not None:
                await self.advance.end_in(
                    tx, escalation, state=found.end.outcome, by="hub", cause=found.end.cause, at=now
                )

        await self.db.run(work, org=org_id)

    async def _write_in(self, tx: Tx, escalation: Escalation, found: Answer) -> None:
        new = False
        for telling in found.told:
            new |= await telling_store.add(
                tx,
                telling_id=telling.id,
                org_id=escalation.org_id,
                kind=OPENED,
                escalation_id=escalation.id,
                person_id=telling.person,
                contact_id=telling.contact,
                channel=telling.channel,
                level=telling.level,
                reason=telling.reason,
                replaces=self.book.replaces(telling.channel),
                due_at=telling.at,
                expires_at=escalation.expires_at,
            )
        if new:
            tx.changed(WAKE)


async def facts_in(tx: Tx, question: Question, escalation: Escalation) -> Facts:
    """What came since it opened."""
    contacts = await contact_store.of_people(tx, list(question.people), since=question.opened_at)
    receipts = await telling_store.receipts_of(tx, escalation.id)
    answered = await facts_store.answered(tx, escalation.id)
    shown_to = await facts_store.shown_to(tx, escalation.id)
    return Facts(
        expires_at=escalation.expires_at,
        contacts=tuple(
            Contact(row["id"], row["person_id"], row["channel"], row["created_at"], row["gone_at"]) for row in contacts
        ),
        receipts=tuple(Receipt(row["person_id"], row["kind"], row["at"], row["telling_id"]) for row in receipts),
        answered=answered,
        hand_overs=tuple(
            HandOver(row["person_id"], row["to_id"], row["at"])
            for row in await facts_store.hand_overs(tx, escalation.id)
        ),
        # Since when is not remembered. What was told them stays told, as it is written down.
        gone={
            person: question.opened_at
            for person in question.people
            if person not in shown_to and person not in answered
        },
    )


async def _say_in(tx: Tx, escalation: Escalation, reach: str) -> None:
    """Whoever asks hears at once that nobody can be reached, and that somebody can be again."""
    counts = UNREACHABLE in (reach, escalation.delivery)
    changed = await store.set_delivery(tx, escalation.id, delivery=reach, counts=counts)
    if changed is not None and counts:
        tx.changed(escalation.id)
        tx.changed(f"agent:{escalation.agent_id}")
