"""The page that began a sign-in brings an answer, takes its session, looks how it stands, or ends it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.stepup import sign_in_store as store
from approvals_hub.stepup.admit_sign_in import AdmitSignIn, Arrival, Chance
from approvals_hub.stepup.ask import TOLD, ask, shown_now
from approvals_hub.stepup.begin_sign_in import keep_in
from approvals_hub.stepup.sign_in import SignedIn
from approvals_hub.stepup.sign_in_attempt import (
    Attempt,
    Proven,
    ShownAttempt,
    asked_with,
    attempt_busy,
    attempt_ended,
    not_signed_in,
    proven_of,
    secret_hash,
    unknown_attempt,
)
from approvals_hub.stepup.sign_in_ways import ANYBODY, SignInWays
from approvals_hub.stepup.step_up import COLLECT_AFTER, ENDED, LEASE, MOST_TRIES, PROVEN, RUNNING, Kept, vendor_refused
from identity.errors import Misconfigured, NotProven, ProviderDown
from identity.proof import Pending, Proof
from identity.provider import Moving


@dataclass(frozen=True, slots=True)
class CompleteSignIn:
    """Every call brings the attempt's secret: a page that somebody else began signs nobody in."""

    db: Database
    ways: SignInWays
    admit: AdmitSignIn
    clock: Clock

    async def __call__(self, attempt_id: str, secret: str, answer: Any, arrival: Arrival) -> ShownAttempt | SignedIn:
        """Take an answer, or none where the provider is asked by the hub. A proof opens a session, once.

        Raises NotFound (also for a wrong secret), Conflict (it is over), Forbidden (the answer is none, or another
        attempt's), Unavailable (also while the provider is being asked: `sign_in_busy`), and Unauthenticated, always
        the same, for everything that signs nobody in.
        """
        now, chance = self.clock.now(), Chance()

        async def reserve(tx: Tx) -> tuple[Attempt, Kept] | ShownAttempt | SignedIn | HubError:
            await tx.lock("sign_ins", attempt_id)
            attempt = await self._own_in(tx, attempt_id, secret)
            if isinstance(attempt, HubError):
                return attempt
            if attempt.state_at(now) == PROVEN:
                return await self._open_in(tx, attempt, await self.ways.proven_in(tx, attempt), arrival, chance, now)
            if attempt.state_at(now) != RUNNING:
                return attempt_ended(attempt)
            kept = await self.ways.kept_in(tx, attempt)
            if answer is None:
                return ShownAttempt(attempt, self._picture(attempt, kept, now), now)
            if attempt.leased_at(now):
                return attempt_busy()
            reserved = await store.reserve_try(tx, attempt.id, most=MOST_TRIES, now=now, leased_until=now + LEASE)
            return attempt_ended(attempt) if reserved is None else (reserved, kept)

        found = await self.db.run(reserve)
        if isinstance(found, HubError):
            raise found
        return found if not isinstance(found, tuple) else await self._complete(*found, answer, arrival, chance)

    async def _complete(
        self, attempt: Attempt, kept: Kept, answer: Any, arrival: Arrival, chance: Chance
    ) -> ShownAttempt | SignedIn:
        provider = self.ways.methods.providers[attempt.method]
        asked, now = asked_with(attempt, kept.asked), self.clock.now()
        said = await ask(
            attempt.method, lambda: provider.complete(ANYBODY, asked, kept.state, answer, now=now), kinds=TOLD
        )
        at = self.clock.now()

        async def work(tx: Tx) -> ShownAttempt | SignedIn | HubError:
            await tx.lock("sign_ins", attempt.id)
            present = await store.find(tx, attempt.id)
            if present is None or present.state_at(at) != RUNNING:
                return attempt_ended(attempt)
            if isinstance(said, Proof):
                proven = proven_of(said)
                if proven is not None:
                    return await self._open_in(tx, present, proven, arrival, chance, at)
            if isinstance(said, Pending):
                again = Kept(dict(said.state), dict(said.shown), kept.asked, said.collect_every)
                return await keep_in(tx, self.ways, present, again, at) or attempt_ended(present)
            if isinstance(said, NotProven) and not said.final and present.tries < MOST_TRIES:
                # The lease is over.
                await store.collect_later(tx, attempt.id, at=at + COLLECT_AFTER)
                return vendor_refused(said)
            await store.finish(tx, attempt.id, state=ENDED)
            is_ours = isinstance(said, ProviderDown | Misconfigured)
            return vendor_refused(said) if is_ours and isinstance(said, NotProven) else not_signed_in()

        result = await self.db.run(work)
        if isinstance(result, HubError):
            raise result
        return result

    async def read(self, attempt_id: str, secret: str) -> ShownAttempt:
        """How it stands; changes nothing and asks no provider. Raises NotFound."""
        now = self.clock.now()

        async def work(tx: Tx) -> tuple[Attempt, Kept | None] | HubError:
            attempt = await self._own_in(tx, attempt_id, secret)
            if isinstance(attempt, HubError):
                return attempt
            return attempt, await self.ways.kept_in(tx, attempt) if attempt.state == RUNNING else None

        attempt, kept = settled(await self.db.read(work))
        return ShownAttempt(attempt, {} if kept is None else self._picture(attempt, kept, now), now)

    async def cancel(self, attempt_id: str, secret: str) -> ShownAttempt:
        """End it, here and at the provider. One that has ended stays as it is. Raises NotFound."""
        now = self.clock.now()

        async def work(tx: Tx) -> tuple[Attempt, Kept | None] | HubError:
            attempt = await self._own_in(tx, attempt_id, secret)
            if isinstance(attempt, HubError):
                return attempt
            kept = await self.ways.kept_in(tx, attempt) if attempt.state == RUNNING else None
            return await store.finish(tx, attempt.id, state=ENDED) or attempt, kept

        attempt, kept = settled(await self.db.run(work))
        provider = self.ways.methods.provider(attempt.method)
        if kept is not None and provider is not None:
            await ask(attempt.method, lambda: provider.cancel(kept.state))
        return ShownAttempt(attempt, {}, now)

    async def _own_in(self, tx: Tx, attempt_id: str, secret: str) -> Attempt | HubError:
        """The attempt of whoever holds its secret. A way that is not offered any more has no attempts."""
        attempt = await store.find(tx, attempt_id)
        held = attempt is not None and hmac.compare_digest(attempt.secret_hash, secret_hash(secret))
        if attempt is None or not held or attempt.method not in self.ways.ways:
            return unknown_attempt()
        return attempt

    async def _open_in(
        self, tx: Tx, attempt: Attempt, proven: Proven, arrival: Arrival, chance: Chance, now: int
    ) -> SignedIn | HubError:
        return await self.admit.open_in(tx, attempt, proven, arrival, chance, now)

    def _picture(self, attempt: Attempt, kept: Kept, now: int) -> dict[str, Any]:
        """What the browser may see at this moment: some providers' picture moves each second (BankID's QR code)."""
        if attempt.state_at(now) != RUNNING:
            return {}
        provider: object = self.ways.methods.provider(attempt.method)
        if isinstance(provider, Moving):
            asked = asked_with(attempt, kept.asked)
            return shown_now(attempt.method, provider, asked, kept.state, now) or dict(kept.shown)
        return dict(kept.shown)
