"""Taking an approval back before it is redeemed."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from approvals_hub.audit.event import ActorType, Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock, to_text
from approvals_hub.core.errors import Conflict, Forbidden, HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain import outcome
from approvals_hub.escalations import store
from approvals_hub.escalations.escalation import Approval, Escalation
from approvals_hub.escalations.place import readable_in
from approvals_hub.escalations.refusals import unknown
from approvals_hub.escalations.refused import refused_request
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import Acting
from approvals_hub.people.session import PersonCredential, Session, admit_person_in


@dataclass(frozen=True, slots=True)
class Recall:
    """Revokes the token of an approved escalation."""

    db: Database
    recorder: Recorder
    clock: Clock

    async def __call__(self, credential: PersonCredential, escalation_id: str) -> Escalation:
        """An approver who counted, an owner or an admin takes it back. Doing it again is the same answer.

        Raises NotFound, Forbidden, Conflict where there is nothing to recall any more.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> Escalation | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            await tx.lock("escalations", escalation_id)
            escalation = await store.find(tx, escalation_id)
            if escalation is None or escalation.org_id != session.org_id:
                escalation = None
            result = unknown() if escalation is None else await self._recall_in(tx, escalation, session, now)
            if isinstance(result, HubError):
                by = Acting(session.org_id, "person", session.person_id, session.roles)
                await self.recorder.record(tx, refused_request("recall", result, by, escalation, now))
            return result

        return settled(await self.db.run(work, org=credential.org_id))

    async def _recall_in(self, tx: Tx, escalation: Escalation, session: Session, now: int) -> Escalation | HubError:
        counted = escalation.approval is not None and session.person_id in approver_ids(escalation.approval)
        if not counted and not session.allows(Permission.RECALL):
            reads = await readable_in(tx, session, escalation, now) is not None
            return not_your_approval() if reads else unknown()
        if escalation.token_state == outcome.REVOKED:
            return escalation
        if escalation.token_state_at(now) != outcome.READY:
            return Conflict(
                "nothing_to_recall",
                f"the escalation is {escalation.state} and its token {escalation.token_state_at(now)}",
                next_step="Contact whoever carries the action out.",
                extra={"outcome": escalation.state, "token_state": escalation.token_state_at(now)},
            )
        return await self.revoke_in(
            tx, escalation, cause="recalled", by=session.person_id, actor_type="person", now=now
        )

    async def revoke_in(
        self, tx: Tx, escalation: Escalation, *, cause: str, by: str, actor_type: ActorType, now: int
    ) -> Escalation:
        """Void a ready token, record it, wake the agent; the present state where somebody was faster."""
        changed = await store.change_token(tx, escalation.id, new=outcome.REVOKED, cause=cause)
        if changed is None:
            return await store.find(tx, escalation.id) or escalation
        await self.recorder.record(
            tx,
            Event(
                kind="token.revoked",
                org_id=changed.org_id,
                at=now,
                actor_type=actor_type,
                actor_id=by,
                agent_id=changed.agent_id,
                escalation_id=changed.id,
                action_id=changed.action_id,
                action_type=changed.action_type,
                decision=cause,
                detail={"jti": changed.jti, "at": to_text(now)},
            ),
        )
        tx.changed(changed.id)
        tx.changed(f"agent:{changed.agent_id}")
        return changed


def approver_ids(approval: str) -> set[str]:
    """The people whose approval counted, and those in whose place one did."""
    votes = msgspec.json.decode(approval, type=Approval).approvers
    return {each["person_id"] for vote in votes for each in (vote, *vote.get("stands_in", []))}


def not_your_approval() -> Forbidden:
    """Readable, but neither this person's approval nor theirs to govern."""
    return Forbidden(
        "not_your_approval",
        "only somebody whose approval counted, an owner or an admin may recall it",
        next_step="Ask one of them.",
    )
