"""Works out who is told of the open questions now, and has it sent: rows alone, a worker sends them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from approvals_hub.core.clock import Clock
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.escalations import facts_store, store
from approvals_hub.escalations.advance import Advance
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.routes import read_frozen, tells_people
from approvals_hub.notifications import store as outbox
from approvals_hub.notifications import telling_store
from approvals_hub.notifications.address_book import AddressBook
from approvals_hub.notifications.outbox import OPENED, WAKE
from approvals_hub.notifications.outlets import Outlets
from approvals_hub.notifications.telling import NOBODY, ROOM
from approvals_hub.people import contact_store
from approvals_hub.routing.absence import DEPTH
from approvals_hub.routing.question import Contact, Facts, HandOver, Receipt
from approvals_hub.routing.resolve import Since, what_came_in
from approvals_hub.routing.rooms import RoomTelling, rooms_told
from approvals_hub.routing.stages import Stages, answer_of
from approvals_hub.routing.timetable import UNREACHABLE, Answer

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
            stages = read_frozen(routing)
            outlets = await self.book.outlets_in(tx, org_id)
            came = await what_came_in(tx, org_id, escalation.created_at)
            told = who_is_told(stages, came)
            await self.book.complete_in(tx, outlets, told, now)
            facts, masked = await facts_in(tx, escalation, told, came)
            await self._tell_rooms_in(tx, outlets, escalation, rooms_told(stages.begun[0], facts, now))
            if not tells_people(stages):
                await outbox.put_off(tx, row_id, at=escalation.expires_at)
                return
            found = answer_of(
                stages,
                facts,
                shown_to=await facts_store.shown_to(tx, escalation.id),
                stays=escalation.asked().veto or (),
                now=now,
            )
            await self._write_in(tx, outlets, escalation, found, masked)
            await _say_in(tx, escalation, found.reach)
            await outbox.put_off(tx, row_id, at=found.next_at or escalation.expires_at)
            if found.end is not None:
                await self.advance.end_in(
                    tx, escalation, state=found.end.outcome, by="hub", cause=found.end.cause, at=now
                )

        await self.db.run(work, org=org_id)

    async def _write_in(
        self, tx: Tx, outlets: Outlets, escalation: Escalation, found: Answer, masked: Mapping[str, str]
    ) -> None:
        new = False
        for telling in found.told:
            outlet = outlets.by_key.get(telling.channel)
            # A channel that has gone since the opening: what waits there fails, and the next way is tried.
            lane = telling.channel if outlet is None else outlet.lane(masked.get(telling.contact, ""))
            new |= await telling_store.add(
                tx,
                telling_id=telling.id,
                org_id=escalation.org_id,
                kind=OPENED,
                escalation_id=escalation.id,
                person_id=telling.person,
                contact_id=telling.contact,
                channel=telling.channel,
                lane=lane,
                level=telling.level,
                reason=telling.reason,
                replaces=outlet is not None and outlet.replaces,
                due_at=telling.at,
                expires_at=escalation.expires_at,
            )
        if new:
            tx.changed(WAKE)

    async def _tell_rooms_in(
        self, tx: Tx, outlets: Outlets, escalation: Escalation, told: Sequence[RoomTelling]
    ) -> None:
        new = False
        for telling in told:
            if telling.channel not in outlets.by_key:
                continue
            new |= await telling_store.add(
                tx,
                telling_id=telling.id,
                org_id=escalation.org_id,
                kind=OPENED,
                escalation_id=escalation.id,
                person_id=NOBODY,
                contact_id=NOBODY,
                channel=telling.channel,
                lane=telling.channel,
                level=telling.level,
                reason=ROOM,
                replaces=False,
                due_at=telling.at,
                expires_at=escalation.expires_at,
            )
        if new:
            tx.changed(WAKE)


def who_is_told(stages: Stages, came: Since) -> list[str]:
    """Whoever can be told: who is asked, and who stands in for somebody."""
    people = dict.fromkeys(stages.people())
    for _ in range(DEPTH):
        people |= {each.delegate: None for each in came.absences if each.person in people and each.delegate is not None}
    return list(people)


async def facts_in(tx: Tx, escalation: Escalation, told: list[str], came: Since) -> tuple[Facts, Mapping[str, str]]:
    """What came since it opened, but for who counts no more; and how each contact is shown."""
    contacts = await contact_store.of_people(tx, told, org_id=escalation.org_id, since=escalation.created_at)
    receipts = await telling_store.receipts_of(tx, escalation.id)
    facts = Facts(
        expires_at=escalation.expires_at,
        contacts=tuple(
            Contact(row["id"], row["person_id"], row["channel"], row["created_at"], row["gone_at"]) for row in contacts
        ),
        receipts=tuple(Receipt(row["person_id"], row["kind"], row["at"], row["telling_id"]) for row in receipts),
        answered=await facts_store.answered(tx, escalation.id),
        hand_overs=tuple(
            HandOver(row["person_id"], row["to_id"], row["at"])
            for row in await facts_store.hand_overs(tx, escalation.id)
        ),
        **came.parts(),
    )
    return facts, {row["id"]: row["masked"] for row in contacts}


async def _say_in(tx: Tx, escalation: Escalation, reach: str) -> None:
    """Whoever asks hears at once that nobody can be reached, and that somebody can be again."""
    counts = UNREACHABLE in (reach, escalation.delivery)
    changed = await store.set_delivery(tx, escalation.id, delivery=reach, counts=counts)
    if changed is not None and counts:
        tx.changed(escalation.id)
        tx.changed(f"agent:{escalation.agent_id}")
