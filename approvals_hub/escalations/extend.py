"""More time for an open question, within what its requirement allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from approvals_hub.agents.admit import admit_agent_in
from approvals_hub.agents.agent import AgentCredential
from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import SECOND, Clock, to_text
from approvals_hub.core.errors import HubError, Invalid, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.escalations import inbox_store as inbox
from approvals_hub.escalations import store
from approvals_hub.escalations.advance import Advance
from approvals_hub.escalations.eligible import refuse_unasked
from approvals_hub.escalations.escalate import refuse_stopped
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.place import readable_in
from approvals_hub.escalations.recognise import salted_unless_refused_in
from approvals_hub.escalations.refusals import ended_conflict, unknown
from approvals_hub.escalations.refused import refused_request
from approvals_hub.keys.epoch import Epoch
from approvals_hub.keys.vault import Vault
from approvals_hub.notifications import outbox
from approvals_hub.people.acting import Acting
from approvals_hub.people.session import PersonCredential, admit_person_in


@dataclass(frozen=True, slots=True)
class Extend:
    """Moves `expires_at` of an open question; never back, never beyond its latest expiry."""

    db: Database
    vault: Vault
    recorder: Recorder
    advance: Advance
    clock: Clock
    epoch: Callable[[], Epoch]

    async def by_agent(self, credential: AgentCredential, escalation_id: str, expires_in: int) -> Escalation:
        """The asking agent wants `expires_in` seconds from now. Raises NotFound, Invalid, Conflict."""
        now = self.clock.now()

        async def work(tx: Tx) -> Escalation | HubError:
            agent = await admit_agent_in(tx, credential, now, epoch_started=self.epoch().started)
            if isinstance(agent, HubError):
                return agent
            await tx.lock("escalations", escalation_id)
            escalation = await store.find_of_agent(tx, escalation_id, agent.agent_id)
            by = Acting(agent.org_id, "agent", agent.agent_id, frozenset())
            refusal = refuse_stopped(agent)
            result = await self._recorded_in(tx, escalation, expires_in, now, by, refusal)
            return await salted_unless_refused_in(tx, self.vault, result)

        return settled(await self.db.run(work, org=credential.org_id))

    async def by_person(self, credential: PersonCredential, escalation_id: str, expires_in: int) -> Escalation:
        """Somebody who may answer wants more time. Raises NotFound, Invalid, Conflict."""
        now = self.clock.now()

        async def work(tx: Tx) -> Escalation | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            await tx.lock("escalations", escalation_id)
            escalation = await store.find(tx, escalation_id)
            if escalation is not None:
                place = await readable_in(tx, session, escalation, now)
                if place is None or refuse_unasked(place, escalation.stage) is not None:
                    escalation = None
            by = Acting(session.org_id, "person", session.person_id, session.roles)
            return await self._recorded_in(tx, escalation, expires_in, now, by, None)

        return settled(await self.db.run(work, org=credential.org_id))

    async def _recorded_in(
        self,
        tx: Tx,
        escalation: Escalation | None,
        expires_in: int,
        now: int,
        by: Acting,
        refusal: HubError | None,
    ) -> Escalation | HubError:
        result: Escalation | HubError
        if refusal is not None or escalation is None:
            result = refusal or unknown()
        else:
            result = await self._extend_in(tx, escalation, expires_in, now, by)
        if isinstance(result, HubError):
            await self.recorder.record(tx, refused_request("extend", result, by, escalation, now))
        return result

    async def _extend_in(
        self, tx: Tx, escalation: Escalation, expires_in: int, now: int, by: Acting
    ) -> Escalation | HubError:
        if escalation.overdue(now):
            escalation = await self.advance.expire_in(tx, escalation, now)
        if not escalation.open:
            return ended_conflict(escalation)
        expires_at = now + expires_in * SECOND
        if not escalation.expires_at <= expires_at <= escalation.latest_expiry:
            return Invalid(
                "expires_in_out_of_range",
                f"more time means an end from {to_text(escalation.expires_at)} to {to_text(escalation.latest_expiry)}",
                next_step="Ask for a time in that range.",
                field="$.expires_in",
            )
        extended = await store.extend(tx, escalation.id, expires_at=expires_at)
        if extended is None:
            return ended_conflict(escalation)
        await self.recorder.record(
            tx,
            Event(
                kind="escalation.extended",
                org_id=extended.org_id,
                at=now,
                actor_type=by.actor_type,
                actor_id=by.actor_id,
                agent_id=extended.agent_id,
                escalation_id=extended.id,
                action_id=extended.action_id,
                action_type=extended.action_type,
                detail={"expires_at": to_text(expires_at)},
            ),
        )
        await outbox.extend(tx, escalation_id=extended.id, expires_at=expires_at, at=now)
        for person_id in await inbox.readers(tx, extended.id):
            tx.changed(f"inbox:{person_id}")
        return extended
