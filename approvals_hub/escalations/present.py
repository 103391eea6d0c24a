"""An approver looks at a question: the exact action, and, once it is painted, the statement to sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock, to_text
from approvals_hub.core.errors import Forbidden, HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain import outcome
from approvals_hub.domain.presentation import present
from approvals_hub.escalations import facts_store, store
from approvals_hub.escalations.advance import Advance
from approvals_hub.escalations.eligible import asked_later, refuse_unasked
from approvals_hub.escalations.escalation import Escalation, Question
from approvals_hub.escalations.match_number import tries_left_in
from approvals_hub.escalations.nonce import Nonces
from approvals_hub.escalations.place import Place, readable_in
from approvals_hub.escalations.read_asker import Asker, asker_in
from approvals_hub.escalations.refusals import ended_conflict, unknown
from approvals_hub.escalations.refused import refused_request
from approvals_hub.escalations.stood_in import stood_in_for_in
from approvals_hub.keys.vault import Vault
from approvals_hub.notifications.acknowledge import opened_in
from approvals_hub.people import store as people
from approvals_hub.people.acting import Acting
from approvals_hub.people.device import ACTIVE
from approvals_hub.people.session import PersonCredential, Session, admit_person_in
from approvals_hub.routing.stand_in import StoodIn
from approvals_hub_client.canonical import b64u, loads
from approvals_hub_client.statement import PROFILE


class Card(msgspec.Struct, frozen=True):
    """Everything an approver is shown, from the hub's own records."""

    escalation: Escalation
    org_name: str
    asker: Asker
    action: dict[str, Any]
    presentation: dict[str, Any]
    may_answer: bool
    may_approve: bool
    """Whether an approval would count now: whoever can only stop it may answer and not approve."""
    tries_left: int | None
    """How many wrong numbers this person may still type; None where none is asked for."""
    asked_later: bool
    """Whether a later stage asks this person."""
    handed_by: str | None
    """The name of who handed it over to this person; of several, the last."""
    handed_to: str | None
    """The name of who this person had told instead."""
    ended_by_name: str | None
    person_id: str
    now: int
    stands_in: tuple[StoodIn, ...] = ()
    """In whose places this person may answer."""


class View(msgspec.Struct, frozen=True):
    """The statement's template for one device, and the hub's time."""

    statement: dict[str, Any]
    kind: str
    alg: str
    credential_id: str | None
    """base64url; the only passkey that may sign this."""
    now: int


@dataclass(frozen=True, slots=True)
class Present:
    """Reads and marks questions on behalf of approvers."""

    db: Database
    vault: Vault
    recorder: Recorder
    advance: Advance
    nonces: Nonces
    clock: Clock
    audience: str
    """The hub's public URL."""

    async def __call__(self, credential: PersonCredential, escalation_id: str) -> Card:
        """The whole question; pure, it changes nothing. Raises NotFound for people it is not meant for."""
        now = self.clock.now()

        async def work(tx: Tx) -> Card | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            escalation = await store.find(tx, escalation_id)
            place = None if escalation is None else await readable_in(tx, session, escalation, now)
            if escalation is None or place is None:
                return unknown()
            return await self._card_in(tx, session, escalation, place, now)

        return settled(await self.db.read(work, org=credential.org_id))

    async def view(self, credential: PersonCredential, escalation_id: str, device_id: str) -> View:
        """The card was painted: marks the question seen and gives the statement to complete and sign.

        Issuing the nonce writes nothing and cancels nothing. Raises NotFound, Forbidden (not yours to answer, or not
        your device), Conflict with the outcome where it has ended.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> View | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            escalation = await store.find(tx, escalation_id)
            place = None if escalation is None else await readable_in(tx, session, escalation, now)
            if escalation is None or place is None:
                result: View | HubError = unknown()
            else:
                result = await self._view_in(tx, session, escalation, place, device_id, now)
            if isinstance(result, HubError):
                by = Acting(session.org_id, "person", session.person_id, session.roles)
                await self.recorder.record(tx, refused_request("view", result, by, escalation, now))
            return result

        return settled(await self.db.run(work, org=credential.org_id))

    async def _view_in(
        self, tx: Tx, session: Session, escalation: Escalation, place: Place, device_id: str, now: int
    ) -> View | HubError:
        if escalation.overdue(now):
            await tx.lock("escalations", escalation.id)
            escalation = await self.advance.expire_in(tx, escalation, now)
        if not escalation.open and escalation.token_state_at(now) != outcome.READY:
            return ended_conflict(escalation)
        refusal = refuse_unasked(place, escalation.stage)
        if refusal is not None:
            return refusal
        device = await people.device(tx, device_id)
        if device is None or device["person_id"] != session.person_id or device["state"] != ACTIVE:
            return Forbidden(
                "device_not_active",
                "this device is not an active one of yours",
                next_step="Enrol this device again.",
                field="$.device_id",
            )
        if escalation.open and escalation.seen_at is None and await store.mark_seen(tx, escalation.id, at=now):
            await self.recorder.record(tx, _seen(escalation, session, now))
            tx.changed(f"agent:{escalation.agent_id}")
        if escalation.open:
            await opened_in(
                tx, org_id=escalation.org_id, escalation_id=escalation.id, person_id=session.person_id, now=now
            )
        credential_id = None if device["credential_id"] is None else b64u(device["credential_id"])
        template = self._template(escalation, session.person_id, device_id, now)
        return View(template, device["kind"], device["alg"], credential_id, now)

    def _template(self, escalation: Escalation, person_id: str, device_id: str, now: int) -> dict[str, Any]:
        nonce, until = self.nonces.issue(escalation.id, person_id, device_id, now)
        return {
            "profile": PROFILE,
            "audience": self.audience,
            "org_id": escalation.org_id,
            "escalation_id": escalation.id,
            "revision": escalation.revision,
            "action_hash": escalation.action_hash,
            "presentation_hash": escalation.presentation_hash,
            "requirement_hash": escalation.requirement_hash,
            "decision": None,
            "reason_code": None,
            "reason_commitment": None,
            "match_code": None,
            "approver_id": person_id,
            "device_id": device_id,
            "nonce": nonce,
            "issued_at": to_text(now),
            "expires_at": to_text(until),
            "approval_valid_for": escalation.asked().approval_valid_for,
            "step_up": [],
        }

    async def _card_in(
        self, tx: Tx, session: Session, escalation: Escalation, place: Place, now: int
    ) -> Card | HubError:
        question = await self.question_in(tx, escalation)
        if question is None:
            return unknown()
        moves = await facts_store.hand_overs(tx, escalation.id)
        by = [move["person_id"] for move in moves if move["to_id"] == session.person_id]
        to = [move["to_id"] for move in moves if move["person_id"] == session.person_id]
        ended_by = [] if escalation.ended_by is None else [escalation.ended_by]
        names = await people.names(tx, [*by[-1:], *to, *ended_by])
        shown = presentation_of(escalation, question)
        left = await tries_left_in(tx, escalation, session.person_id)
        return Card(
            escalation=escalation,
            org_name=session.org_name,
            asker=await asker_in(tx, escalation),
            action=question.action,
            presentation=shown,
            may_answer=refuse_unasked(place, escalation.stage) is None,
            may_approve=left != 0 and refuse_unasked(place, escalation.stage, approves=True) is None,
            tries_left=left,
            asked_later=escalation.open and asked_later(place, escalation.stage),
            handed_by=names.get(by[-1]) if by else None,
            handed_to=names.get(to[0]) if to else None,
            ended_by_name=None if escalation.ended_by is None else names.get(escalation.ended_by),
            person_id=session.person_id,
            now=now,
            stands_in=await stood_in_for_in(tx, place.stands_in),
        )

    async def question_in(self, tx: Tx, escalation: Escalation) -> Question | None:
        """What lies sealed beside the escalation."""
        sealed = await store.sealed_question(tx, escalation.id)
        if sealed is None:
            return None
        plain = await self.vault.unseal_in(tx, escalation.org_id, sealed, f"escalation:{escalation.id}")
        return msgspec.convert(loads(plain, max_depth=40), Question)


def presentation_of(escalation: Escalation, question: Question) -> dict[str, Any]:
    """What people see of a question."""
    return present(
        question.action,
        escalation_id=escalation.id,
        revision=escalation.revision,
        audience=escalation.audience,
        justification=question.justification,
    )


def _seen(escalation: Escalation, session: Session, now: int) -> Event:
    return Event(
        kind="escalation.seen",
        org_id=escalation.org_id,
        at=now,
        actor_type="person",
        actor_id=session.person_id,
        agent_id=escalation.agent_id,
        escalation_id=escalation.id,
        action_id=escalation.action_id,
        action_type=escalation.action_type,
    )
