"""OpenID Connect as a step-up: any eID broker, a company's own sign-in, or (for signing in alone) public accounts.

The person is sent to the provider and comes back with a code. The provider signs who they are, how and when they proved
it, and the hash of what they decide (`nonce`). Nothing is kept between two calls but what the provider publishes.

A code is good once. Where the provider takes a code and its answer is lost, `complete` is ProviderDown first and
Refused when it is called again: the person signs in anew.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from identity.attempt import wishes
from identity.errors import Cancelled, ProviderDown, Refused, TimedOut, WrongPerson
from identity.jwks import Jwks
from identity.oidc_answer import code_of, returned
from identity.oidc_claims import amr_of, claims_of
from identity.oidc_discovery import Discovery
from identity.oidc_id_token import Expected, IdToken, verify
from identity.oidc_reach import Reach
from identity.oidc_request import Sent, acr_accepted, authorization_url
from identity.oidc_settings import OidcSettings
from identity.oidc_token import TokenEndpoint
from identity.proof import Binding, Challenge, Factor, Pending, Proof, Purpose, State, StepUp
from identity.provider import TIME_LIMIT

if TYPE_CHECKING:
    from aiohttp import ClientSession


class Oidc:
    """One OpenID provider. Keeps its description and its keys, and nothing of any person."""

    signs_in = True
    proofs_expire = True

    def __init__(
        self,
        settings: OidcSettings,
        session: ClientSession,
        *,
        elsewhere: ClientSession | None = None,
        name: str = "oidc",
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        time_limit: float = TIME_LIMIT - 1,
    ) -> None:
        """`name` as in settings, policies and tokens; `tls`: the hub's certificate, for `tls_client_auth` alone;
        `clock` in milliseconds since 1970 UTC; `time_limit`: seconds that a call may take.

        `session` keeps no cookies: they would tie one person's sign-in to the next one's. `elsewhere` is the session
        for other origins than those of the settings (`oidc_reach`). Raises Misconfigured.
        """
        self._settings = settings
        self._name = name
        reach = Reach(settings, session, elsewhere)
        self._discovery = Discovery(settings, reach, clock)
        self._jwks = Jwks(self._discovery.keys, clock)
        self._tokens = TokenEndpoint(settings, reach, tls)
        self._time_limit = time_limit

    @property
    def name(self) -> str:
        """As the settings call it."""
        return self._name

    async def begin(self, factor: Factor, step_up: StepUp) -> Challenge:
        """Where to send the person, as `shown["redirect"]`. Raises Refused, ProviderDown, Misconfigured."""
        if step_up.purpose is Purpose.DECISION and not self._settings.decisions:
            raise Refused("this identity provider is for signing in, not for decisions")
        sent = Sent.for_step_up(step_up)
        async with self._in_time():
            provider = await self._discovery.provider()
        url = authorization_url(provider.authorization_endpoint, self._settings, step_up, sent)
        return Challenge(sent.kept(), {"redirect": url}, step_up.expires_at)

    async def collect(self, factor: Factor, step_up: StepUp, state: State, *, now: int) -> Proof | Pending:
        """Always Pending: the person's browser brings the answer."""
        return Pending(state, {})

    async def complete(
        self, factor: Factor, step_up: StepUp, state: State, answer: Any, *, now: int
    ) -> Proof | Pending:
        """Take `{"code", "state", "iss"?}`, `{"error", "state"}` or `{"cancel": true}`. Raises any NotProven."""
        sent = Sent.of(state, step_up)
        if now >= step_up.expires_at:
            raise TimedOut("the step-up has ended")
        if wishes(answer, "cancel"):
            raise Cancelled("the person ended it")
        came_back = returned(answer, sent)
        async with self._in_time():
            provider = await self._discovery.provider()
            code = code_of(came_back, (self._settings.issuer,), sends_iss=provider.sends_iss)
            # Before the code is spent: without the keys the token that it is worth would be lost.
            await self._jwks.refresh()
            tokens = await self._tokens.redeem(provider, sent, code, now=now)
            expected = Expected(
                nonce=sent.nonce,
                code=code,
                began_at=step_up.began_at,
                now=now,
                algorithms=provider.algorithms,
                acr=acr_accepted(self._settings, step_up),
            )
            found = await verify(tokens, self._jwks, self._settings, expected)
        return self._proof(factor, step_up, found, tokens.id_token, expected)

    async def cancel(self, state: State) -> None:
        """Nothing runs at the provider that could be ended; the caller forgets the state."""

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._time_limit):
                yield
        except TimeoutError:
            raise ProviderDown("the identity provider did not answer in time") from None

    def _proof(self, factor: Factor, step_up: StepUp, found: IdToken, id_token: str, expected: Expected) -> Proof:
        settings = self._settings
        subject = f"{found.issuer}|{found.subject}"
        if not factor.is_mine(subject):
            raise WrongPerson("somebody else signed in")
        octets = id_token.encode()
        about = claims_of(
            found.claims,
            groups_claim=settings.groups_claim,
            group_claim=settings.group_claim,
            email_is_verified=settings.email_is_verified,
            vouches_with=settings.vouches_with,
            vouches_for=settings.vouches_for,
        )
        return Proof(
            method=self._name,
            amr=amr_of(found.claims, settings.amr),
            binding=Binding.NONCE,
            at=min(max(found.at, step_up.began_at), expected.now),
            subject=subject,
            identified=settings.identified,
            acr_reported=_level(found, settings),
            once=(f"code:{sha256(expected.code.encode()).hexdigest()}", f"nonce:{expected.nonce}"),
            data=None if step_up.purpose is Purpose.DECISION else {"claims": about.kept()},
            # With the key: in a year the provider does not publish it any more.
            evidence={"id_token": octets, "key": _pem(found)},
            auth_ref=f"sha256:{sha256(octets).hexdigest()}",
            facts=_facts(found),
        )


def _level(found: IdToken, settings: OidcSettings) -> str | None:
    """What the settings say that the provider's word is worth; None where it says nothing that they know."""
    told = found.acr if settings.level_claim == "acr" else found.claims.get(settings.level_claim)
    return settings.levels.get(told) if isinstance(told, str) else None


def _facts(found: IdToken) -> dict[str, str | int | bool]:
    """What a policy may ask about; nothing personal."""
    facts: dict[str, str | int | bool] = {"auth_time_known": found.auth_time is not None}
    if found.auth_time is not None:
        facts["auth_time"] = found.auth_time
    if found.acr is not None:
        facts["acr"] = found.acr
    return facts


def _pem(found: IdToken) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return found.key.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
