"""Completes what only waited for its time: questions that have all their votes behind a time lock.

The lock and the votes are rows, so a crash loses nothing, and two processes that look at one question at once approve
it once. Late is safe: until this has run a denial still wins, and after the question's end nothing is approved.
"""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.audit.watch import LogWatch
from approvals_hub.core.clock import Clock
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Tx
from approvals_hub.decisions.settle import Settle
from approvals_hub.escalations import store as escalations

PAGE = 200
"""Questions looked at in one turn."""


@dataclass(frozen=True, slots=True)
class Complete:
    """Approves questions whose lock has run out and whose votes still hold."""

    db: Database
    settle: Settle
    log_watch: LogWatch
    clock: Clock

    async def __call__(self) -> int:
        """Act on everything that is due; returns how many were approved. While a log is not sealed, its questions
        wait, as an approval by a person would be refused."""
        now = self.clock.now()
        due = await self.db.read(lambda tx: escalations.waited(tx, now, PAGE))
        return sum([await self._one(escalation_id) for escalation_id in due])

    async def _one(self, escalation_id: str) -> bool:
        jti = new_id("jti")

        async def work(tx: Tx) -> bool:
            await tx.lock("escalations", escalation_id)
            now = self.clock.now()
            escalation = await escalations.find(tx, escalation_id)
            if escalation is None or not escalation.waited(now) or escalation.overdue(now):
                return False
            if self.log_watch.refuse_approval(escalation.org_id) is not None:
                return False
            return await self.settle.after_waiting_in(tx, escalation, jti=jti, now=now)

        return await self.db.run(work)
