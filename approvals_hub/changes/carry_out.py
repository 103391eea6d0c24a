"""Carries out what was decided: a recovered key counts once its waiting time is over and colleagues have agreed.

An answer of colleagues is not acted on by their request: the approved question with its unspent token *is* the queued
change, and this worker takes it from there. It may run late, twice, in two processes, or after a crash: each recovery
is judged and changed in one unit of work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from approvals_hub.changes import store as break_glass
from approvals_hub.changes.end_break_glass import use_break_glass_in
from approvals_hub.core.clock import Clock
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain import outcome
from approvals_hub.escalations import store as escalations
from approvals_hub.escalations.escalation import HUB, Escalation
from approvals_hub.keys.epoch import Epoch
from approvals_hub.orgs import membership_store as memberships
from approvals_hub.orgs import store as orgs
from approvals_hub.people import store as people
from approvals_hub.people.device import PENDING
from approvals_hub.people.person import ACTIVE
from approvals_hub.stepup import recovery_store as store
from approvals_hub.stepup.announce_recovery import announce_recovery_in
from approvals_hub.stepup.end_recovery import EndRecovery
from approvals_hub.stepup.recovery import COLLEAGUES, COMPLETED, WAITING, Recovery
from approvals_hub.tokens.spendable import still_approved_in

PAGE = 100
"""Recoveries carried out in one turn."""


@dataclass(frozen=True, slots=True)
class CarryOut:
    """Completes and ends recoveries."""

    db: Database
    end: EndRecovery
    clock: Clock
    epoch: Callable[[], Epoch]

    async def __call__(self) -> int:
        """Act on everything that is due; returns how many recoveries were looked at."""
        now = self.clock.now()
        due = await self.db.read(lambda tx: store.due(tx, now, PAGE))
        for recovery in due:
            await self._one(recovery.id, recovery.person_id)
        return len(due)

    async def _one(self, recovery_id: str, person_id: str) -> None:
        async def work(tx: Tx) -> None:
            await tx.lock("people", person_id)
            await tx.lock("recoveries", recovery_id)
            now = self.clock.now()
            recovery = await store.find(tx, recovery_id)
            if recovery is not None and recovery.live:
                await self._settle_in(tx, recovery, now)

        await self.db.run(work)

    async def _settle_in(self, tx: Tx, recovery: Recovery, now: int) -> None:
        question = await self._question_in(tx, recovery)
        cause = await self._refused_in(tx, recovery, question, now)
        if cause is not None:
            await self.end.end_in(tx, recovery, cause=cause, by=HUB, actor_type="hub", now=now)
        elif recovery.state == WAITING and recovery.waited(now) and _agreed(recovery, question):
            await self._complete_in(tx, recovery, question, now)

    async def _refused_in(self, tx: Tx, recovery: Recovery, question: Escalation | None, now: int) -> str | None:
        """Why nothing can come of it any more, or None."""
        member = await orgs.member(tx, recovery.org_id, recovery.person_id)
        if member is None or member["state"] != ACTIVE:
            return "person_gone"
        if recovery.epoch != self.epoch().epoch_id:
            return "restored_copy"
        device = None if recovery.device_id is None else await people.device(tx, recovery.device_id)
        if device is not None and device["state"] != PENDING:
            return "key_revoked"
        if now >= recovery.expires_at:
            return "expired"
        if recovery.way == COLLEAGUES and await memberships.count(tx, recovery.person_id) > 1:
            # Whoever joined another organisation meanwhile: its people were not asked.
            return "several_organisations"
        return None if question is None else await _said_no_in(tx, question, now)

    async def _complete_in(self, tx: Tx, recovery: Recovery, question: Escalation | None, now: int) -> None:
        assert recovery.device_id is not None
        if question is not None:
            spent = await escalations.change_token(tx, question.id, new=outcome.REDEEMED, cause=None)
            assert spent is not None  # the row is held since it was judged
            tx.changed(question.id)
        if not await store.activate(tx, recovery.device_id, recovery_id=recovery.id, at=now):
            return
        completed = await store.end(tx, recovery.id, state=COMPLETED, cause=None, by=HUB, at=now)
        assert completed is not None
        device = await people.device(tx, recovery.device_id)
        assert device is not None
        await announce_recovery_in(
            tx,
            self.end.recorder,
            "recovery.completed",
            completed,
            by=HUB,
            actor_type="hub",
            now=now,
            detail={"key_hash": device["key_hash"]},
        )
        glass = await break_glass.live_of_recovery(tx, recovery.id)
        if glass is not None and recovery.counts_at is not None and now < recovery.counts_at:
            await use_break_glass_in(tx, self.end.recorder, glass, now)

    @staticmethod
    async def _question_in(tx: Tx, recovery: Recovery) -> Escalation | None:
        if recovery.escalation_id is None:
            return None
        await tx.lock("escalations", recovery.escalation_id)
        return await escalations.find(tx, recovery.escalation_id)


def _agreed(recovery: Recovery, question: Escalation | None) -> bool:
    """Whether nobody else needs to say yes any more."""
    return recovery.way != COLLEAGUES or (question is not None and question.state == outcome.APPROVED)


async def _said_no_in(tx: Tx, question: Escalation, now: int) -> str | None:
    """How the question ended, where that was no approval which still stands."""
    if question.open:
        return None
    if question.state != outcome.APPROVED:
        return question.state
    if question.token_state_at(now) != outcome.READY:
        return question.token_cause or outcome.EXPIRED
    assert question.approval is not None
    approval = msgspec.json.decode(question.approval)
    asked, opened_at = question.asked(), question.created_at
    stands = await still_approved_in(tx, question.org_id, asked, approval, opened_at=opened_at)
    return None if stands else "approver_gone"
