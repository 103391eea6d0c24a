"""Asks providers how running step-ups stand: the hub does, every two seconds or so, however many pages look on."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass

from approvals_hub.core.clock import HOUR, Clock
from approvals_hub.core.errors import HubError
from approvals_hub.db.database import Database, Tx
from approvals_hub.stepup import step_up_store as store
from approvals_hub.stepup.complete_step_up import held_for_in
from approvals_hub.stepup.methods import Held, Methods, ask, asked_with
from approvals_hub.stepup.settle_step_up import SettleStepUp
from approvals_hub.stepup.step_up import KEPT, LEASE, RUNNING, Kept, Step
from approvals_hub.stepup.step_up_event import ended_event
from identity.errors import NotProven, ProviderDown

AT_ONCE = 50
"""Step-ups that are asked about at the same time."""


@dataclass(frozen=True, slots=True)
class CollectStepUps:
    """One round of asking; a worker calls it again and again, in every process. A crash costs one lease."""

    db: Database
    methods: Methods
    settle: SettleStepUp
    clock: Clock

    async def __call__(self) -> int:
        """Ask about all that are due, and end what is overdue; returns how many were moved on."""
        now = self.clock.now()

        async def look(tx: Tx) -> bool:
            return await store.any_due(tx, now)

        if not await self.db.read(look):
            return 0

        async def claim(tx: Tx) -> list[tuple[Step, Kept, Held]]:
            found = []
            for step in await store.claim_due(tx, now=now, until=now + LEASE, limit=AT_ONCE):
                kept = await self.methods.kept_in(tx, step)
                held = None if kept is None else await held_for_in(tx, self.methods, step, kept)
                if kept is not None and held is not None and step.state_at(now) == RUNNING:
                    found.append((step, kept, held))
            return found

        due = await self.db.run(claim)
        await asyncio.gather(*[self._collect(*one) for one in due])
        return len(due) + await self._end_overdue()

    async def _collect(self, step: Step, kept: Kept, held: Held) -> None:
        provider = self.methods.provider(step.method)
        if provider is None:
            return
        asked, now = asked_with(step, kept.asked), self.clock.now()
        said = await ask(step.method, lambda: provider.collect(held.factor, asked, kept.state, now=now))
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
                after = said.retry_after if isinstance(said, ProviderDown) else 2.0
                await store.collect_later(tx, step.id, at=at + int(after * 1000))

        await self.db.run(work, org=step.org_id)

    async def _end_overdue(self) -> int:
        """End what nobody finished, and tell its provider."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[tuple[Step, Kept | None]]:
            over = []
            for step in await store.overdue(tx, now, AT_ONCE):
                kept = await self.methods.kept_in(tx, step)
                ended = await store.end(tx, step.id, cause="timed_out", hint=None)
                if ended is not None:
                    await self.settle.recorder.record(tx, ended_event(ended, "timed_out", now))
                    tx.changed(f"step-up:{step.id}")
                    over.append((step, kept))
            await store.forget_expired(tx, ended_before=now - KEPT, hour=now // HOUR, limit=500)
            return over

        over = await self.db.run(work)
        for step, kept in over:
            provider = self.methods.provider(step.method)
            if kept is not None and provider is not None:
                await ask(step.method, lambda provider=provider, kept=kept: provider.cancel(kept.state))  # type: ignore[misc]  # both are bound above
        return len(over)
