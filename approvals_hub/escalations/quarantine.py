"""Everything that makes an agent stop: its open questions end, its unredeemed tokens are void, in one unit of work."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.agents import store as agents
from approvals_hub.agents.agent import ACTIVE, PAUSED, REVOKED
from approvals_hub.audit.event import ActorType, Event, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import DAY
from approvals_hub.db.database import Tx
from approvals_hub.domain import outcome
from approvals_hub.escalations import store
from approvals_hub.escalations.advance import Advance
from approvals_hub.notifications.notice import add_notice_in, readers_in
from approvals_hub.notifications.outbox import queue_person

ALERT_WITHIN = DAY
"""How long an admin is told that an agent was quarantined, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Pauses and revokes agents; the halves that other use cases run inside their own units."""

    advance: Advance
    recorder: Recorder

    async def pause_in(
        self, tx: Tx, agent_id: str, *, cause: str, by: str, actor_type: ActorType, now: int, but: str | None = None
    ) -> bool:
        """Pause an active agent; False where it was not active. `but` names a question that has its own end."""
        changed = await agents.set_state(tx, agent_id, old=(ACTIVE,), new=PAUSED, cause=cause, at=now)
        if changed is None:
            return False
        await self.silence_in(tx, agent_id, cause="agent_paused", now=now, but=but)
        await self._record(tx, "agent.paused", changed["org_id"], agent_id, cause, by, actor_type, now)
        governs = await readers_in(tx, changed["org_id"])
        # An ordinary pause is no alarm: it stands in the list, and nobody's phone rings.
        await add_notice_in(
            tx, org_id=changed["org_id"], kind="agent_paused", subject_id=agent_id, by_id=by, at=now, told=governs
        )
        if cause == "not_me":
            await self._alert_admins(tx, changed["org_id"], [each for each in governs if each != by], now)
        return True

    async def revoke_in(self, tx: Tx, agent_id: str, *, by: str, actor_type: ActorType, now: int) -> bool:
        """Revoke an agent for good; False where it was revoked before. Its waiting polls and sockets end."""
        changed = await agents.set_state(tx, agent_id, old=(ACTIVE, PAUSED), new=REVOKED, cause=None, at=now)
        if changed is None:
            return False
        await agents.end_keys(tx, agent_id, until=now)
        await agents.revoke_api_keys(tx, agent_id, at=now)
        await self.silence_in(tx, agent_id, cause="agent_revoked", now=now)
        await self._record(tx, "agent.revoked", changed["org_id"], agent_id, None, by, actor_type, now)
        return True

    async def resume_in(self, tx: Tx, agent_id: str, *, by: str, actor_type: ActorType, now: int) -> bool:
        """Let a paused agent ask again; False where it was not paused. What ended stays ended."""
        changed = await agents.set_state(tx, agent_id, old=(PAUSED,), new=ACTIVE, cause=None, at=now)
        if changed is None:
            return False
        tx.changed(f"agent:{agent_id}")
        await self._record(tx, "agent.resumed", changed["org_id"], agent_id, None, by, actor_type, now)
        return True

    async def silence_in(
        self,
        tx: Tx,
        agent_id: str,
        *,
        cause: str,
        now: int,
        state: str = outcome.WITHDRAWN,
        by: str = "hub",
        actor_type: ActorType = "hub",
        but: str | None = None,
    ) -> int:
        """End an agent's open questions and void its unredeemed tokens; returns how many questions ended.

        The caller holds the agent's row. So nothing that the agent asks at this moment is missed: asking holds it too.
        """
        ended = 0
        for row in await store.open_of_agent(tx, agent_id):
            if row["id"] == but:
                continue
            await tx.lock("escalations", row["id"])
            escalation = await store.find(tx, row["id"])
            if escalation is not None and escalation.overdue(now):
                await self.advance.expire_in(tx, escalation, now)
            elif escalation is not None and escalation.open:
                await self.advance.end_in(
                    tx, escalation, state=state, by=by, cause=cause, at=now, actor_type=actor_type
                )
                ended += 1
        for row in await store.revoke_tokens_of(tx, agent_id, cause=cause):
            await self.recorder.record(
                tx,
                Event(
                    kind="token.revoked",
                    org_id=row["org_id"],
                    at=now,
                    actor_type=actor_type,
                    actor_id=by,
                    agent_id=agent_id,
                    escalation_id=row["id"],
                    decision=cause,
                    detail={"jti": row["jti"]},
                ),
            )
            tx.changed(row["id"])
        tx.changed(f"agent:{agent_id}")
        return ended

    async def _record(
        self,
        tx: Tx,
        kind: Kind,
        org_id: str,
        agent_id: str,
        cause: str | None,
        by: str,
        actor_type: ActorType,
        now: int,
    ) -> None:
        await self.recorder.record(
            tx,
            Event(
                kind=kind,
                org_id=org_id,
                at=now,
                actor_type=actor_type,
                actor_id=by,
                agent_id=agent_id,
                decision=cause,
            ),
        )

    async def _alert_admins(self, tx: Tx, org_id: str, governs: list[str], now: int) -> None:
        """Somebody asks in a person's name: whoever can look into it hears so on every channel that they have."""
        for person_id in governs:
            await queue_person(
                tx, kind="agent.paused", org_id=org_id, person_id=person_id, at=now, until=now + ALERT_WITHIN
            )
