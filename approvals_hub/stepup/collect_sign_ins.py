"""Asks providers how running sign-ins stand, and keeps a proof until the page that began takes its session."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial

from approvals_hub.core.clock import SECOND, Clock
from approvals_hub.db.database import Database, Tx
from approvals_hub.stepup import sign_in_store as store
from approvals_hub.stepup.ask import TOLD, ask
from approvals_hub.stepup.begin_sign_in import keep_in
from approvals_hub.stepup.sign_in_attempt import PROVEN_LIFE, Attempt, asked_with, proven_of
from approvals_hub.stepup.sign_in_ways import ANYBODY, SignInWays
from approvals_hub.stepup.step_up import ENDED, LEASE, PROVEN, RUNNING, Kept
from identity.errors import NotProven, ProviderDown
from identity.proof import Pending, Proof

AT_ONCE = 50
"""Attempts that are asked about at the same time."""
AGAIN = 2 * SECOND
"""When a provider is asked again that had no answer, in milliseconds, unless it said when."""


@dataclass(frozen=True, slots=True)
class CollectSignIns:
    """One round of asking; a worker calls it again and again, in every process. A crash costs one lease."""

    db: Database
    ways: SignInWays
    clock: Clock

    async def __call__(self) -> int:
        """Ask about all that are due, and drop what is overdue; returns how many were moved on."""
        now = self.clock.now()

        async def look(tx: Tx) -> bool:
            return await store.any_due(tx, now)

        if not await self.db.read(look):
            return 0

        async def claim(tx: Tx) -> list[tuple[Attempt, Kept]]:
            claimed = await store.claim_due(tx, now=now, until=now + LEASE, limit=AT_ONCE)
            return [(one, await self.ways.kept_in(tx, one)) for one in claimed if one.state_at(now) == RUNNING]

        due = await self.db.run(claim)
        await asyncio.gather(*[self._collect(*one) for one in due])
        return len(due) + await self._end_overdue()

    async def _collect(self, attempt: Attempt, kept: Kept) -> None:
        provider = self.ways.methods.provider(attempt.method)
        if provider is None:
            return
        asked, now = asked_with(attempt, kept.asked), self.clock.now()
        said = await ask(attempt.method, lambda: provider.collect(ANYBODY, asked, kept.state, now=now), kinds=TOLD)
        at = self.clock.now()

        async def work(tx: Tx) -> None:
            await tx.lock("sign_ins", attempt.id)
            present = await store.find(tx, attempt.id)
            if present is None or present.state_at(at) != RUNNING or present.version != attempt.version:
                # The page answered or ended it meanwhile: what was said is about a state that is gone.
                return
            if isinstance(said, Pending):
                again = Kept(dict(said.state), dict(said.shown), kept.asked, said.collect_every)
                await keep_in(tx, self.ways, present, again, at)
            elif isinstance(said, Proof) and (proven := proven_of(said)) is not None:
                await store.keep(
                    tx,
                    present.id,
                    version=present.version,
                    state=PROVEN,
                    sealed=await self.ways.seal_kept_in(tx, present.id, proven),
                    collect_at=None,
                    expires_at=min(at + PROVEN_LIFE, present.expires_at),
                )
            elif isinstance(said, NotProven) and not said.final:
                wait = int(said.retry_after * 1000) if isinstance(said, ProviderDown) else AGAIN
                await store.collect_later(tx, present.id, at=at + wait)
            else:
                await store.finish(tx, present.id, state=ENDED)
            tx.changed(f"sign-in:{present.id}")

        await self.db.run(work)

    async def _end_overdue(self) -> int:
        """Drop what nobody finished, and tell its provider."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[tuple[str, Kept]]:
            over = await store.drop_overdue(tx, now=now, limit=AT_ONCE)
            return [(one.method, await self.ways.kept_in(tx, one)) for one in over]

        over = await self.db.run(work)
        for method, kept in over:
            provider = self.ways.methods.provider(method)
            if provider is not None:
                await ask(method, partial(provider.cancel, kept.state))
        return len(over)
