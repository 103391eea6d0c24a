"""A person answers: the signature is checked on the received bytes, the rest against the database, in one unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from approvals_hub.audit.record import Recorder
from approvals_hub.audit.watch import LogWatch
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Forbidden, HubError, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.decisions import store
from approvals_hub.decisions.answer import Answer, Signed, read, refuse_unexplained
from approvals_hub.decisions.answered_from import refuse_from
from approvals_hub.decisions.counted import lapsed
from approvals_hub.decisions.event import Proven, claimed_again, decided, refused
from approvals_hub.decisions.measure import Timed, timed_in
from approvals_hub.decisions.quorum import APPROVE, NOT_ME
from approvals_hub.decisions.read_receipts import Words, receipt_in
from approvals_hub.decisions.receipt import Receipt
from approvals_hub.decisions.refuse_answer import answered_conflict, too_soon, too_weak
from approvals_hub.decisions.settle import Settle
from approvals_hub.domain.assurance import combined, copies_of, of_device
from approvals_hub.escalations import store as escalations
from approvals_hub.escalations.advance import Advance
from approvals_hub.escalations.eligible import not_eligible, refuse_unasked
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.intent import check_nonce, untrue
from approvals_hub.escalations.match_number import refuse_number_in
from approvals_hub.escalations.nonce import Nonces
from approvals_hub.escalations.place import Place, readable_in
from approvals_hub.escalations.refusals import ended_conflict, nonce_refused, unknown
from approvals_hub.keys.vault import Vault
from approvals_hub.people import store as people
from approvals_hub.people.device import ACTIVE
from approvals_hub.people.session import PersonCredential, Session, admit_person_in
from approvals_hub.routing.stand_in import text_of
from approvals_hub.stepup.spend_step_up import spend_listed_in
from approvals_hub.stepup.use_device import note_copies_in, note_use_in
from approvals_hub.stepup.verify import DeviceSignatures, Verified
from approvals_hub_client.canonical import b64u, dumps
from approvals_hub_client.statement import intent_hash, intent_of


@dataclass(frozen=True, slots=True)
class Decide:
    """Takes one signed answer per approver and escalation."""

    db: Database
    signatures: DeviceSignatures
    nonces: Nonces
    vault: Vault
    advance: Advance
    settle: Settle
    recorder: Recorder
    clock: Clock
    audience: str
    log_watch: LogWatch

    async def __call__(self, credential: PersonCredential, escalation_id: str, answer: Answer) -> Receipt:
        """Answer. The same decision again returns the first receipt.

        Raises Malformed, Invalid (form, field, nonce), Forbidden (signature, device, person), Conflict with the
        outcome or the present answer, Unavailable for an approval while the log is not sealed.
        """
        signed = read(answer, escalation_id=escalation_id, audience=self.audience)
        statement = signed.statement
        verified = await self.signatures.check(
            statement["device_id"], signed.message, answer.signature, answer.assertion
        )
        decision_id, jti, now = new_id("dec"), new_id("jti"), self.clock.now()

        async def work(tx: Tx) -> Receipt | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            escalation, at = await self._hold_in(tx, escalation_id, signed.decision)
            place = None if escalation is None else await readable_in(tx, session, escalation, at)
            if escalation is None or place is None:
                return unknown()
            result = await self._answer_in(
                tx, session, escalation, place, signed, answer, verified, decision_id, jti, at
            )
            if isinstance(result, HubError):
                valid = False if isinstance(verified, HubError) else None
                await self.recorder.record(tx, refused(escalation, session, signed, result, valid, at))
            return result

        return settled(await self.db.run(work, org=credential.org_id))

    async def _hold_in(self, tx: Tx, escalation_id: str, decision: str) -> tuple[Escalation | None, int]:
        """The escalation, held against other units, and the time from then on: an answer that had to wait is late.

        not_me holds its agent first, as everything that stops one does: in the other order, two people who both say
        not_me to the same agent would wait for each other.
        """
        if decision == NOT_ME and (found := await escalations.find(tx, escalation_id)) is not None:
            await tx.lock("agents", found.agent_id)
        await tx.lock("escalations", escalation_id)
        at = self.clock.now()
        return await escalations.find(tx, escalation_id), at

    async def _answer_in(
        self,
        tx: Tx,
        session: Session,
        escalation: Escalation,
        place: Place,
        signed: Signed,
        answer: Answer,
        verified: Verified | HubError,
        decision_id: str,
        jti: str,
        now: int,
    ) -> Receipt | HubError:
        if isinstance(verified, HubError):
            return verified
        refusal = await self._untrue(tx, session, escalation, place, signed, verified)
        refusal = refusal or refuse_from(answer.answered_from, signed.decision, escalation.asked())
        refusal = refusal or refuse_unexplained(answer, signed.decision, escalation.asked())
        if refusal is not None:
            return refusal
        before = await store.current(tx, escalation.id, session.person_id)
        if before is not None and before["decision"] == signed.decision and not lapsed(escalation, place, before):
            if signed.claimed:
                await self.recorder.record(tx, claimed_again(escalation, session, signed, before["id"], now))
            row = await store.find(tx, before["id"])
            assert row is not None
            return await receipt_in(tx, self.vault, row, now, repeated=True)
        if place.before and signed.decision == APPROVE:
            return not_eligible()
        if escalation.overdue(now):
            escalation = await self.advance.expire_in(tx, escalation, now)
        refusal = self._too_late(escalation, before, signed.decision, now)
        if refusal is None and signed.decision == APPROVE:
            refusal = self.log_watch.refuse_approval(escalation.org_id)
        if refusal is not None:
            return refusal
        nonce = await self._nonce(tx, signed.statement, now, first=before is None)
        if isinstance(nonce, HubError):
            return nonce
        timed = await timed_in(
            tx, escalation_id=escalation.id, person_id=session.person_id, decision=signed.decision, now=now
        )
        if signed.decision == APPROVE and (early := too_soon(escalation.asked(), timed.read_ms)) is not None:
            return early
        refusal = await refuse_number_in(tx, self.vault, self.recorder, escalation, signed.statement, nonce, now)
        if refusal is not None:
            return refusal
        proven = await self._proven_in(tx, session, escalation, signed, verified, decision_id, now)
        if isinstance(proven, HubError):
            await note_copies_in(tx, verified, now)
            return proven
        if before is not None:
            await store.supersede(tx, before["id"], at=now)
        await self._store_in(
            tx, escalation, place, session, signed, answer, verified, proven, timed, decision_id, nonce, now
        )
        await self.settle.after_vote_in(
            tx, escalation, signed, reason=answer.reason, decision_id=decision_id, jti=jti, now=now
        )
        row = await store.find(tx, decision_id)
        assert row is not None
        # The words are at hand: they are not opened again to be shown to whoever just sent them.
        return await receipt_in(tx, self.vault, row, now, stepped_up=bool(proven.steps), reason=Words(answer.reason))

    async def _untrue(
        self, tx: Tx, session: Session, escalation: Escalation, place: Place, signed: Signed, verified: Verified
    ) -> HubError | None:
        """Why the statement is not this person's answer to this very question."""
        refusal = untrue(signed.statement, escalation, session.person_id)
        if refusal is not None:
            return refusal
        device = await people.device(tx, verified.device_id)
        if device is None or device["person_id"] != session.person_id or device["state"] != ACTIVE:
            return Forbidden(
                "device_not_active",
                "the signing device is not an active one of yours",
                next_step="Enrol this device again.",
                field="$.statement.device_id",
            )
        return refuse_unasked(place, escalation.stage, approves=signed.decision == APPROVE and not place.before)

    async def _proven_in(
        self,
        tx: Tx,
        session: Session,
        escalation: Escalation,
        signed: Signed,
        verified: Verified,
        decision_id: str,
        now: int,
    ) -> Proven | HubError:
        """How strongly the person is proven, by the signature and the step-ups that the statement lists: these are
        spent. An approval that is not proven as the requirement asks is refused; deny and not_me never are."""
        asked = escalation.asked()
        listed: list[str] = signed.statement["step_up"]
        copies = copies_of(backup_eligible=verified.backup_eligible, backed_up=verified.backed_up)
        device = of_device(verified.kind, copies, asked.passkeys)
        if signed.decision == APPROVE and not asked.satisfied_by(device.acr, device.methods) and not listed:
            return too_weak(asked, device)
        steps = await spend_listed_in(
            tx,
            listed,
            person_id=session.person_id,
            escalation_id=escalation.id,
            intent_hash=intent_hash(intent_of(signed.statement)) if listed else "",
            decision_id=decision_id,
            fresh_within=asked.fresh_within,
            now=now,
        )
        if isinstance(steps, HubError):
            return steps
        found = combined(device, [step.evidence() for step in steps])
        if signed.decision == APPROVE and not asked.satisfied_by(found.acr, found.methods):
            return too_weak(asked, found)
        return Proven(found, steps)

    @staticmethod
    def _too_late(escalation: Escalation, before: Row | None, decision: str, now: int) -> HubError | None:
        """An approval may become a denial or not_me until the token is redeemed; nothing else changes."""
        if escalation.open:
            return None if before is None or before["decision"] == APPROVE else answered_conflict(before)
        mine = before is not None and before["decision"] == APPROVE
        if mine and decision != APPROVE and escalation.token_state_at(now) == "ready":
            return None
        return ended_conflict(escalation) if before is None else answered_conflict(before, escalation)

    async def _nonce(self, tx: Tx, statement: dict[str, Any], now: int, *, first: bool) -> bytes | HubError:
        """The nonce's bytes. It is bound to this person and question: a `first` answer to it can have spent none."""
        raw = check_nonce(self.nonces, statement, now)
        if isinstance(raw, bytes) and not first and await store.nonce_spent(tx, raw):
            return nonce_refused("nonce_invalid", "the nonce was not issued for this, or was used before")
        return raw

    async def _store_in(
        self,
        tx: Tx,
        escalation: Escalation,
        place: Place,
        session: Session,
        signed: Signed,
        answer: Answer,
        verified: Verified,
        proven: Proven,
        timed: Timed,
        decision_id: str,
        nonce: bytes,
        now: int,
    ) -> None:
        assurance = proven.assurance
        evidence = {
            "statement": b64u(answer.statement),
            "signature": None if answer.signature is None else b64u(answer.signature),
            "assertion": answer.assertion,
            "reason": answer.reason,
            "reason_salt": answer.reason_salt,
            "answered_from": None if answer.answered_from is None else answer.answered_from.members(),
        }
        sealed = await self.vault.seal_in(tx, session.person_id, dumps(evidence), f"decision:{decision_id}")
        await store.add(
            tx,
            id=decision_id,
            org_id=escalation.org_id,
            escalation_id=escalation.id,
            approver_id=session.person_id,
            device_id=verified.device_id,
            decision=signed.decision,
            reason_code=signed.statement["reason_code"],
            nonce=nonce,
            statement_hash=signed.statement_hash,
            sealed=sealed,
            acr=assurance.acr,
            amr=" ".join(assurance.amr),
            methods=" ".join(assurance.methods),
            binding=assurance.binding,
            stage=escalation.stage,
            stands_in=text_of(place.stands_in),
            at=now,
            read_ms=timed.read_ms,
            hurried=None if timed.hurried is None else int(timed.hurried),
        )
        await note_use_in(tx, self.recorder, verified, org_id=escalation.org_id, now=now)
        event = decided(escalation, session, signed, verified, proven, timed, decision_id, now, place.stands_in)
        await self.recorder.record(tx, event)
