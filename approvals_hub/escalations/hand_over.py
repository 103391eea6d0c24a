""" "Not mine, ask X": somebody who is asked has another of those who are asked told of the question instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, HubError, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.domain.beside import read_beside
from approvals_hub.escalations import facts_store, store
from approvals_hub.escalations.advance import Advance
from approvals_hub.escalations.eligible import refuse_unasked, stands_in_only
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.place import readable_in
from approvals_hub.escalations.read_asker import asker_in
from approvals_hub.escalations.refusals import ended_conflict, unknown
from approvals_hub.escalations.refused import refused_request
from approvals_hub.escalations.routes import read_frozen
from approvals_hub.escalations.tell import facts_in, who_is_told
from approvals_hub.notifications.outbox import queue_handed_over
from approvals_hub.people import store as people
from approvals_hub.people.acting import Acting
from approvals_hub.people.session import PersonCredential, Session, admit_person_in
from approvals_hub.routing.hand_over import check_hand_over
from approvals_hub.routing.question import Facts, HandOver, Question
from approvals_hub.routing.resolve import what_came_in
from approvals_hub.routing.route import KEEP_WAITING, Route
from approvals_hub.routing.stages import Stages, facts_of


class Named(msgspec.Struct, frozen=True):
    """Somebody to whom a question can be handed over."""

    person_id: str
    name: str


class HandedOver(msgspec.Struct, frozen=True):
    """Who handed which question over to whom, and when."""

    escalation_id: str
    by: Named
    to: Named
    at: int


@dataclass(frozen=True, slots=True)
class HandOvers:
    """Moves who is told of a question, within the frozen people. Nobody may answer more than before, or less."""

    db: Database
    advance: Advance
    recorder: Recorder
    clock: Clock

    async def candidates(self, credential: PersonCredential, escalation_id: str) -> list[Named]:
        """To whom this person could hand the question over now.

        Raises NotFound for a question that is not theirs to read, Forbidden where they are not asked, Conflict where
        they are not asked yet or it has ended.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> list[Named] | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            found = await _asked_in(tx, await store.find(tx, escalation_id), session, now)
            if isinstance(found, HubError) or found.overdue(now):
                return found if isinstance(found, HubError) else []
            question, facts = await _known_in(tx, found, session.person_id)
            able = [
                to
                for to in question.people
                if _refusal(found, question, facts, HandOver(session.person_id, to, now)) is None
            ]
            names = await people.names(tx, able)
            return sorted((Named(person, names.get(person, "")) for person in able), key=lambda each: each.name)

        return settled(await self.db.read(work, org=credential.org_id))

    async def __call__(self, credential: PersonCredential, escalation_id: str, to: str) -> HandedOver:
        """Have `to` told now, and this person no more. The same again answers the same.

        Raises as `candidates` does; Conflict also where somebody else cannot be named, or nobody any more.
        """
        now, row_id = self.clock.now(), new_id("hov")

        async def work(tx: Tx) -> HandedOver | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            await tx.lock("escalations", escalation_id)
            result = await self._hand_over_in(tx, session, escalation_id, to, row_id, now)
            if isinstance(result, HubError):
                by = Acting(session.org_id, "person", session.person_id, session.roles)
                known = await store.find(tx, escalation_id)
                await self.recorder.record(tx, refused_request("hand_over", result, by, known, now))
            return result

        return settled(await self.db.run(work, org=credential.org_id))

    async def _hand_over_in(
        self, tx: Tx, session: Session, escalation_id: str, to: str, row_id: str, now: int
    ) -> HandedOver | HubError:
        escalation = await store.find(tx, escalation_id)
        if (
            escalation is not None
            and escalation.overdue(now)
            and await readable_in(tx, session, escalation, now) is not None
        ):
            escalation = await self.advance.expire_in(tx, escalation, now)
        found = await _asked_in(tx, escalation, session, now)
        if isinstance(found, HubError):
            return found
        before = await facts_store.hand_over_by(tx, escalation_id, session.person_id)
        if before is not None and before["to_id"] == to:
            return await _handed_in(tx, before)
        new = HandOver(session.person_id, to, now)
        refusal = _refusal(found, *await _known_in(tx, found, session.person_id), new)
        if refusal is not None:
            return refusal
        await facts_store.add_hand_over(
            tx,
            hand_over_id=row_id,
            org_id=found.org_id,
            escalation_id=escalation_id,
            person_id=session.person_id,
            to_id=to,
            at=now,
        )
        await self.recorder.record(tx, _event(found, new))
        await queue_handed_over(tx, escalation_id=escalation_id, person_id=session.person_id, at=now)
        for person_id in (session.person_id, to):
            tx.changed(f"inbox:{person_id}")
        row = await facts_store.hand_over_by(tx, escalation_id, session.person_id)
        assert row is not None
        return await _handed_in(tx, row)


async def _asked_in(tx: Tx, escalation: Escalation | None, session: Session, now: int) -> Escalation | HubError:
    """The open question, where this person is asked by it themselves: whoever stands in for somebody answers, and moves
    nobody else's telling."""
    place = None if escalation is None else await readable_in(tx, session, escalation, now)
    if escalation is None or place is None:
        return unknown()
    if not escalation.open:
        return ended_conflict(escalation)
    own = msgspec.structs.replace(place, stands_in=())
    if place.stands_in and not own.seats():
        return stands_in_only()
    return refuse_unasked(own, escalation.stage) or escalation


def _refusal(escalation: Escalation, question: Question, facts: Facts, new: HandOver) -> HubError | None:
    """Why this cannot be handed over; None where it can."""
    try:
        check_hand_over(question, facts, new)
    except HubError as refusal:
        return refusal
    if new.to not in escalation.asked().asked_at(escalation.stage):
        return Conflict(
            "asked_later",
            "it cannot be handed over: they are asked when others have approved",
            next_step="Answer it, or name somebody else.",
        )
    return None


async def _known_in(tx: Tx, escalation: Escalation, person: str) -> tuple[Question, Facts]:
    """The question as this person's stage knows it, with the agent's owner as somebody to whom nobody hands it over,
    also where they may answer (docs/decisions/0021); and what came since."""
    asker = await asker_in(tx, escalation)
    text = await store.routing(tx, escalation.id)
    stages = read_frozen(text) if text is not None else _without_route(escalation)
    came = await what_came_in(tx, escalation.org_id, escalation.created_at)
    facts, _ = await facts_in(tx, escalation, who_is_told(stages, came), came)
    place, shown_to = stages.place_of(person), await facts_store.shown_to(tx, escalation.id)
    question = stages.begun[place]
    barred = (*question.barred, asker.owner_id)
    stays = escalation.asked().veto or ()
    return msgspec.structs.replace(question, barred=barred), facts_of(stages, place, facts, shown_to, stays)


def _without_route(escalation: Escalation) -> Stages:
    """Nobody is told of it by a channel: it is handed over all the same, and the other sees that on the card."""
    route = Route(name="none", levels=(), then=KEEP_WAITING)
    people = tuple(sorted(escalation.asked().asked_at(escalation.stage)))
    beside = read_beside(escalation.beside)
    question = Question(
        escalation_id=escalation.id,
        opened_at=escalation.created_at,
        route=route,
        people=people,
        barred=() if beside is None else beside.barred,
        may_stand_in=() if beside is None else beside.may_stand_in(escalation.asked().people),
    )
    return Stages((question,), route, route)


async def _handed_in(tx: Tx, row: Row) -> HandedOver:
    names: dict[str, Any] = await people.names(tx, [row["person_id"], row["to_id"]])
    by, to = (Named(person, names.get(person, "")) for person in (row["person_id"], row["to_id"]))
    return HandedOver(row["escalation_id"], by, to, row["at"])


def _event(escalation: Escalation, new: HandOver) -> Event:
    return Event(
        kind="escalation.handed_over",
        org_id=escalation.org_id,
        at=new.at,
        actor_type="person",
        actor_id=new.person,
        agent_id=escalation.agent_id,
        escalation_id=escalation.id,
        action_id=escalation.action_id,
        action_type=escalation.action_type,
        detail={"to": new.to},
    )
