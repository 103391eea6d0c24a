"""An OpenID provider and the hub's side of it, a browser between them, and two people: Anna, who is asked, and Bo."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
from aiohttp import ClientSession, DummyCookieJar

from identity.oidc import Oidc
from identity.oidc_settings import OidcSettings
from identity.proof import Challenge, Factor, Pending, Proof, State, StepUp
from tests.contracts.step_up import asked
from tests.fakes.openid_provider import CLIENT, SECRET, OpenIdProvider

ANNA = {"sub": "anna-sub-77", "name": "Anna Ångström", "email": "anna@example.se", "email_verified": True}
BO = {"sub": "bo-sub-4242", "name": "Bo Öberg", "email": "bo@example.se", "email_verified": True}


class Scene:
    """The parts, and the steps that tests share."""

    def __init__(self, session: ClientSession) -> None:
        self.session = session
        self.now = asked.START
        self.op = OpenIdProvider(lambda: self.now)
        self.op.signed_in = ANNA
        self.factor = Factor(is_mine=lambda subject: subject == f"{self.op.issuer}|{ANNA['sub']}")

    def listens(self) -> None:
        """The provider is there: its issuer is known."""
        self.settings = OidcSettings(issuer=self.op.issuer, client_id=CLIENT, client_secret=SECRET)
        self.provider = self.provider_with()

    def provider_with(self, *, name: str = "oidc", time_limit: float = 5.0, tls: Any = None, **changes: Any) -> Oidc:
        """A provider with other settings."""
        settings = msgspec.structs.replace(self.settings, **changes)
        return Oidc(settings, self.session, name=name, tls=tls, clock=self.clock, time_limit=time_limit)

    def clock(self) -> int:
        return self.now

    def step_up(self, intent: bytes = b"pay 85 USD", **changes: Any) -> StepUp:
        return asked.step_up(self.now, intent=intent, **changes)

    async def begun(self, step_up: StepUp) -> Challenge:
        return await self.provider.begin(self.factor, step_up)

    async def came_back(self, challenge: Challenge, person: dict[str, Any] = ANNA) -> dict[str, str]:
        """What the person's browser brings: it follows `redirect`, and is sent back."""
        self.op.signed_in = person
        async with self.session.get(challenge.shown["redirect"], allow_redirects=False) as response:
            assert response.status == 302, await response.text()
            return dict(parse_qsl(urlsplit(response.headers["Location"]).query))

    async def completed(self, step_up: StepUp, state: State, answer: Any) -> Proof | Pending:
        return await self.provider.complete(self.factor, step_up, state, answer, now=self.now)

    async def proven(self, step_up: StepUp | None = None, person: dict[str, Any] = ANNA) -> Proof:
        """Begin, sign in, complete."""
        step_up = step_up or self.step_up()
        challenge = await self.begun(step_up)
        proof = await self.completed(step_up, challenge.state, await self.came_back(challenge, person))
        assert isinstance(proof, Proof)
        return proof


@asynccontextmanager
async def openid_scene() -> AsyncIterator[Scene]:
    """A fresh provider that listens."""
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        scene = Scene(session)
        await scene.op.open()
        scene.listens()
        try:
            yield scene
        finally:
            await scene.op.close()
