"""A recovery ends without a key: said by the person, by who governs, by colleagues, or by its time."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.audit.event import ActorType
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain import outcome
from approvals_hub.escalations import store as escalations
from approvals_hub.escalations.advance import Advance
from approvals_hub.escalations.recall import Recall
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people import invite_store as invites
from approvals_hub.people import store as people
from approvals_hub.people.device import PENDING
from approvals_hub.people.session import PersonCredential, Session, admit_person_in
from approvals_hub.stepup import recovery_store as store
from approvals_hub.stepup.announce_recovery import announce_recovery_in
from approvals_hub.stepup.recovery import COMPLETED, ENDED, Recovery, recovery_unknown
from approvals_hub.stepup.revoke_device import revoke_device_in


@dataclass(frozen=True, slots=True)
class EndRecovery:
    """Cancels one; the half that others run inside their own units takes everything of it away."""

    db: Database
    advance: Advance
    recall: Recall
    recorder: Recorder
    clock: Clock

    async def __call__(self, credential: PersonCredential, recovery_id: str) -> Recovery:
        """Cancel one's own, or that of a member one governs. It is a no: it needs no fresh factor.

        Doing it again is the same answer. Raises NotFound, Conflict where its key counts already, Unauthenticated.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> Recovery | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            await tx.lock("recoveries", recovery_id)
            found = await store.find(tx, recovery_id)
            if found is None or not await _may_end_in(tx, session, found):
                return recovery_unknown()
            if found.state == COMPLETED:
                return _completed()
            if not found.live:
                return found
            return await self.end_in(tx, found, cause="cancelled", by=session.person_id, actor_type="person", now=now)

        return settled(await self.db.run(work))

    async def end_in(
        self, tx: Tx, recovery: Recovery, *, cause: str, by: str, actor_type: ActorType, now: int
    ) -> Recovery:
        """End it where it is live: its link, sessions, key and question go with it. How it stands afterwards."""
        ended = await store.end(tx, recovery.id, state=ENDED, cause=cause, by=by, at=now)
        if ended is None:
            return await store.find(tx, recovery.id) or recovery
        await invites.use_invite(tx, ended.invite_id, now=now)
        await people.end_sessions_of_invite(tx, ended.invite_id, at=now)
        await self._drop_key_in(tx, ended, cause, by, actor_type, now)
        await self._drop_question_in(tx, ended, now)
        await announce_recovery_in(
            tx, self.recorder, "recovery.ended", ended, by=by, actor_type=actor_type, now=now, decision=cause
        )
        return ended

    async def _drop_key_in(self, tx: Tx, ended: Recovery, cause: str, by: str, actor_type: ActorType, now: int) -> None:
        device = None if ended.device_id is None else await people.device(tx, ended.device_id)
        if device is not None and device["state"] == PENDING:
            await revoke_device_in(
                tx,
                self.recorder,
                device,
                org_id=ended.org_id,
                by=by,
                actor_type=actor_type,
                cause=f"recovery_{cause}",
                now=now,
            )

    async def _drop_question_in(self, tx: Tx, ended: Recovery, now: int) -> None:
        if ended.escalation_id is None:
            return
        await tx.lock("escalations", ended.escalation_id)
        question = await escalations.find(tx, ended.escalation_id)
        if question is not None and question.open:
            await self.advance.end_in(tx, question, state=outcome.WITHDRAWN, by="hub", at=now, cause="recovery_ended")
        elif question is not None and question.token_state == outcome.READY:
            await self.recall.revoke_in(tx, question, cause="recovery_ended", by="hub", actor_type="hub", now=now)


async def _may_end_in(tx: Tx, session: Session, recovery: Recovery) -> bool:
    if session.person_id == recovery.person_id:
        return True
    governs = session.org_id == recovery.org_id and session.allows(Permission.GOVERN_PEOPLE)
    return governs and await orgs.member(tx, recovery.org_id, recovery.person_id) is not None


def _completed() -> Conflict:
    return Conflict(
        "recovery_completed",
        "the new key counts already",
        next_step="Revoke that key: DELETE /v1/devices/{id}.",
    )
