"""Ends what ends by itself: questions nobody answered in time. Every end goes through `end_in`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from approvals_hub.audit.event import ActorType, Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.db.database import Database, Tx
from approvals_hub.escalations import inbox_store as inbox
from approvals_hub.escalations import number_store as numbers
from approvals_hub.escalations import store
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.notifications.outbox import queue_ended

PAGE = 200
"""Questions ended in one unit of work."""


@dataclass(frozen=True, slots=True)
class Advance:
    """Moves escalations on when time passes."""

    db: Database
    recorder: Recorder
    clock: Clock

    async def __call__(self) -> int:
        """End every question whose time is over; returns how many. A worker calls it, and late is not wrong:

        a decision after `expires_at` is refused whether or not this has run.
        """
        total = 0
        while True:
            now = self.clock.now()

            async def work(tx: Tx, now: int = now) -> int:
                rows = await store.due(tx, now, PAGE)
                for row in rows:
                    await tx.lock("escalations", row["id"])
                    escalation = await store.find(tx, row["id"])
                    if escalation is not None and escalation.overdue(now):
                        await self.expire_in(tx, escalation, now)
                return len(rows)

            count = await self.db.run(work)
            total += count
            if count < PAGE:
                return total

    async def expire_in(self, tx: Tx, escalation: Escalation, now: int) -> Escalation:
        """End one overdue question; how it stands where somebody ended it, or gave it more time, a moment before."""
        ended = await store.expire(tx, escalation.id, at=now)
        if ended is None:
            return await store.find(tx, escalation.id) or escalation
        await self.ended_in(tx, ended, by="hub", at=now, actor_type="hub")
        return ended

    async def end_in(
        self,
        tx: Tx,
        escalation: Escalation,
        *,
        state: str,
        by: str,
        at: int,
        cause: str | None = None,
        reason: bytes | None = None,
        actor_type: ActorType = "hub",
        detail: dict[str, Any] | None = None,
    ) -> Escalation | None:
        """Give an open question its outcome, tell those who show it, record it. None where it has ended already."""
        ended = await store.end(tx, escalation.id, state=state, by=by, cause=cause, at=at, reason=reason)
        if ended is None:
            return None
        await self.ended_in(tx, ended, by=by, at=at, actor_type=actor_type, detail=detail)
        return ended

    async def ended_in(
        self,
        tx: Tx,
        ended: Escalation,
        *,
        by: str,
        at: int,
        actor_type: ActorType,
        detail: dict[str, Any] | None = None,
    ) -> None:
        """What follows every end: no inbox shows it, nobody is asked any more, other screens are told, the record, the
        wake-ups."""
        readers = await inbox.close(tx, ended.id)
        await queue_ended(tx, escalation_id=ended.id, at=at)
        if ended.asked().number_match is not None:
            await numbers.forget(tx, ended.id)
        await self.recorder.record(
            tx,
            Event(
                kind="escalation.ended",
                org_id=ended.org_id,
                at=at,
                actor_type=actor_type,
                actor_id=by,
                agent_id=ended.agent_id,
                escalation_id=ended.id,
                action_id=ended.action_id,
                action_type=ended.action_type,
                decision=ended.state,
                trust=ended.trust,
                detail={"cause": ended.cause, "action_hash": ended.action_hash, **(detail or {})},
            ),
        )
        tx.changed(ended.id)
        tx.changed(f"agent:{ended.agent_id}")
        for person_id in readers:
            tx.changed(f"inbox:{person_id}")
