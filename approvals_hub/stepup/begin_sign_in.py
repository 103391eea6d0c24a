"""Somebody begins to sign in with an identity provider. Nobody knows yet who it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, NotFound, TooMany, settled
from approvals_hub.core.ids import new_id, new_secret
from approvals_hub.db.database import Database, Tx
from approvals_hub.stepup import sign_in_store as store
from approvals_hub.stepup.ask import BEGUN, ask
from approvals_hub.stepup.sign_in_attempt import (
    EVERYBODY_LIMIT,
    LIFE,
    SOURCE_LIMIT,
    Attempt,
    ShownAttempt,
    asked_with,
    attempt_ended,
    secret_hash,
)
from approvals_hub.stepup.sign_in_ways import ANYBODY, SignInWays
from approvals_hub.stepup.step_up import ENDED, RUNNING, Kept, vendor_refused
from identity.errors import NotProven

_WORDS = {"sv": "Logga in på {}.", "en": "Sign in at {}."}


@dataclass(frozen=True, slots=True)
class SignInAsked:
    """What a page sends."""

    method: str
    org_id: str | None = None
    language: str = "en"
    same_device: bool = True
    address: str = ""
    """Where the request came from, as the hub saw it."""
    source: str = ""
    """What that address counts as."""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class BegunSignIn:
    """The attempt, and the secret that binds it to the page: it is told once, and only its hash is kept."""

    shown: ShownAttempt
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BeginSignIn:
    """Begins an attempt and asks the provider."""

    db: Database
    ways: SignInWays
    clock: Clock
    public_url: str

    async def __call__(self, asked: SignInAsked) -> BegunSignIn:
        """Begin. Raises NotFound for a way that is not offered, here or by this organisation, TooMany, Unavailable."""
        way = self.ways.ways.get(asked.method)
        if way is None or (asked.org_id is not None and way.org_id not in (None, asked.org_id)):
            raise NotFound(
                "method_unknown",
                "nobody signs in this way here",
                next_step="Choose one that GET /v1/sign-in-ways lists.",
                field="$.method",
            )
        now, attempt_id, secret = self.clock.now(), new_id("sgn"), new_secret("sgn")

        async def work(tx: Tx) -> Attempt | HubError:
            refusal = await refuse_many_in(tx, asked.source, now)
            if refusal is not None:
                return refusal
            await store.add(
                tx,
                attempt_id=attempt_id,
                secret_hash=secret_hash(secret),
                method=asked.method,
                wanted_org=way.org_id or asked.org_id,
                source=asked.source,
                began_at=now,
                expires_at=now + LIFE,
            )
            attempt = await store.find(tx, attempt_id)
            assert attempt is not None
            return attempt

        attempt = settled(await self.db.run(work))
        return BegunSignIn(await self._ask(attempt, self._asked(asked)), secret)

    def _asked(self, asked: SignInAsked) -> dict[str, Any]:
        return {
            "visible": _WORDS.get(asked.language, _WORDS["en"]).format(self.public_url.partition("://")[2]),
            "language": asked.language,
            "address": asked.address,
            "user_agent": asked.user_agent,
            "same_device": asked.same_device,
            "return_url": f"{self.public_url}/return",
        }

    async def _ask(self, attempt: Attempt, asked: dict[str, Any]) -> ShownAttempt:
        provider = self.ways.methods.providers[attempt.method]
        answer = await ask(attempt.method, lambda: provider.begin(ANYBODY, asked_with(attempt, asked)), kinds=BEGUN)
        now = self.clock.now()

        async def work(tx: Tx) -> ShownAttempt | HubError:
            if isinstance(answer, NotProven):
                await store.finish(tx, attempt.id, state=ENDED)
                return vendor_refused(answer)
            kept = Kept(dict(answer.state), dict(answer.shown), asked, answer.collect_every)
            return await keep_in(tx, self.ways, attempt, kept, now) or attempt_ended(attempt)

        return settled(await self.db.run(work))


async def keep_in(tx: Tx, ways: SignInWays, attempt: Attempt, kept: Kept, now: int) -> ShownAttempt | None:
    """Keep what a provider remembers; None where the attempt was moved on meanwhile."""
    every = kept.collect_every
    found = await store.keep(
        tx,
        attempt.id,
        version=attempt.version,
        state=RUNNING,
        sealed=await ways.seal_kept_in(tx, attempt.id, kept),
        collect_at=None if every is None else now + int(every * 1000),
        expires_at=attempt.expires_at,
    )
    return None if found is None else ShownAttempt(found, kept.shown, now)


async def refuse_many_in(tx: Tx, source: str, now: int) -> TooMany | None:
    """Whether too many attempts came from this address, or in all, whoever they were about."""
    since = now - LIFE
    here = await store.begun_since(tx, since, source=source, limit=SOURCE_LIMIT)
    if here < SOURCE_LIMIT and await store.begun_since(tx, since, source=None, limit=EVERYBODY_LIMIT) < EVERYBODY_LIMIT:
        return None
    return TooMany(
        "too_many_sign_ins",
        "too many attempts to sign in were begun",
        next_step="Sign in with a passkey, or wait some minutes.",
        retry_after=120,
    )
