"""Asks providers how running step-ups stand: the hub does, every two seconds or so, however many pages look on."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from approvals_hub.core.clock import HOUR, Clock
from approvals_hub.core.errors import HubError
from approvals_hub.core.log import logger
from approvals_hub.db.database import Database, Tx
from approvals_hub.stepup import expected_store, sending_store, tries_store
from approvals_hub.stepup import step_up_store as store
from approvals_hub.stepup.ask import TOLD, ask
from approvals_hub.stepup.complete_step_up import held_for_in
from approvals_hub.stepup.met_elsewhere import note_met_in
from approvals_hub.stepup.methods import Held, Methods, asked_with
from approvals_hub.stepup.over import FACTOR_REMOVED, UNREADABLE, over_in
from approvals_hub.stepup.said import pause
from approvals_hub.stepup.settle_step_up import SettleStepUp
from approvals_hub.stepup.step_up import KEPT, LEASE, REPLAYS_KEPT, RUNNING, Kept, Step
from approvals_hub.stepup.step_up_event import ended_event
from identity.errors import NotProven, ProviderDown

log = logger("stepup")

AT_ONCE = 50
"""Step-ups that one round begins to ask about."""
MOST = 500
"""Those that one process asks about at the same time, while vendors are silent."""
PATIENCE = 1.0
"""Seconds that a round waits for its answers: a silent vendor must not keep the others waiting."""


@dataclass(frozen=True, slots=True)
class CollectStepUps:
    """One round of asking; a worker calls it again and again, in every process. A crash costs one lease."""

    db: Database
    methods: Methods
    settle: SettleStepUp
    clock: Clock
    patience: float = PATIENCE
    _calls: set[asyncio.Task[None]] = field(default_factory=set)
    """Calls to vendors that go on; those of earlier rounds too."""

    async def __call__(self) -> int:
        """Ask about all that are due, and end what is overdue; returns how many were moved on."""
        now = self.clock.now()

        async def look(tx: Tx) -> bool:
            return await store.any_due(tx, now)

        if not await self.db.read(look):
            return 0
        due, gone = await self._claim(now)
        over = await self._end_overdue()
        calls = [self._begin(self._collect(*one)) for one in due]
        calls += [self._begin(self._cancel(*one)) for one in (*gone, *over)]
        if calls:
            await asyncio.wait(calls, timeout=self.patience)
        return len(due) + len(gone) + len(over)

    async def forget(self) -> int:
        """Drop what ended long ago and proved nothing, what was expected in vain, and the counts of past hours.

        What a proof used up goes once it could not be brought again; where its provider does not say that this comes,
        it stays. Returns how many rows went.
        """
        now, short = self.clock.now(), self.methods.of_short_proofs()

        async def work(tx: Tx) -> int:
            rows = await store.forget_expired(tx, ended_before=now - KEPT, limit=500)
            rows += await store.forget_used(tx, methods=short, before=now - REPLAYS_KEPT, limit=500)
            rows += await expected_store.forget_expired(tx, before=now, limit=500)
            rows += await note_met_in(tx, self.settle.recorder, now)
            rows += await sending_store.forget_full(tx, now=now, limit=500)
            return rows + await tries_store.forget_expired(tx, hour=now // HOUR)

        return await self.db.run(work)

    async def stop(self) -> None:
        """Give the calls that go on a moment, then end them: their leases run out, and another process asks."""
        if self._calls:
            await asyncio.wait(self._calls, timeout=self.patience)
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name="step-ups:call")
        self._calls.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._calls.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("step_up_not_collected", exc_info=error)

    async def _claim(self, now: int) -> tuple[list[tuple[Step, Kept, Held]], list[tuple[Step, Kept | None]]]:
        """What is to be asked about, and what need not be any more: that has ended."""

        async def work(tx: Tx) -> tuple[list[tuple[Step, Kept, Held]], list[tuple[Step, Kept | None]]]:
            due, gone = [], []
            limit = min(AT_ONCE, MOST - len(self._calls))
            for step in await store.claim_due(tx, now=now, until=now + LEASE, limit=max(limit, 0)):
                if step.state_at(now) != RUNNING:
                    continue
                kept = await self.methods.kept_in(tx, step)
                held = None if kept is None else await held_for_in(tx, self.methods, step, kept)
                cause = await over_in(tx, step, now)
                if cause is None and kept is not None and held is not None:
                    due.append((step, kept, held))
                    continue
                cause = cause or (UNREADABLE if kept is None else FACTOR_REMOVED)
                if await self._end_in(tx, step, cause, now):
                    gone.append((step, kept))
            return due, gone

        return await self.db.run(work)

    async def _collect(self, step: Step, kept: Kept, held: Held) -> None:
        provider = self.methods.provider(step.method)
        if provider is None:
            return
        asked, now = asked_with(step, kept.asked), self.clock.now()
        said = await ask(
            step.method,
            lambda: provider.collect(held.factor, asked, kept.state, now=now),
            kinds=TOLD,
            question=step.escalation_id,
        )
        at, salt = self.clock.now(), os.urandom(16)

        async def work(tx: Tx) -> None:
            await tx.lock("step_ups", step.id)
            present = await store.find(tx, step.id)
            if present is None or present.state_at(at) != RUNNING or present.version != step.version:
                # The person answered or ended it meanwhile: what was said is about a state that is gone.
                return
            result = await self.settle.after_in(
                tx, present, kept, said, source="provider", counted=False, salt=salt, now=at
            )
            if isinstance(result, HubError) and isinstance(said, NotProven) and not said.final:
                after = pause(said.retry_after if isinstance(said, ProviderDown) else 2.0)
                assert after is not None
                await store.collect_later(tx, step.id, at=at + after)

        await self.db.run(work, org=step.org_id)

    async def _end_overdue(self) -> list[tuple[Step, Kept | None]]:
        """End what nobody finished; its provider is to be told."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[tuple[Step, Kept | None]]:
            over = []
            for step in await store.overdue(tx, now, AT_ONCE):
                kept = await self.methods.kept_in(tx, step)
                if await self._end_in(tx, step, "timed_out", now):
                    over.append((step, kept))
            return over

        return await self.db.run(work)

    async def _end_in(self, tx: Tx, step: Step, cause: str, now: int) -> bool:
        ended = await store.end(tx, step.id, cause=cause, hint=None)
        if ended is None:
            return False
        await self.settle.recorder.record(tx, ended_event(ended, cause, now))
        tx.changed(f"step-up:{step.id}")
        return True

    async def _cancel(self, step: Step, kept: Kept | None) -> None:
        provider = self.methods.provider(step.method)
        if kept is not None and provider is not None:
            await ask(step.method, lambda: provider.cancel(kept.state), question=step.escalation_id)
