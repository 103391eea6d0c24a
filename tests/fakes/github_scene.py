"""Signing in with GitHub: GitHub, the hub's side of it, and the browser between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
from aiohttp import ClientSession, DummyCookieJar

from identity.oidc_github import GitHub, GitHubSettings
from identity.proof import Challenge, Factor, Proof, Purpose, StepUp
from tests.contracts.step_up import asked
from tests.fakes.github import CLIENT, SECRET, FakeGitHub

USER = {"id": 583231, "login": "octocat", "name": "Anna Ångström", "email": "public@example.se"}
ADDRESSES = [
    {"email": "old@example.se", "primary": False, "verified": True},
    {"email": "anna@example.se", "primary": True, "verified": True},
]


class Scene:
    """The parts, and the steps that tests share."""

    def __init__(self, fake: FakeGitHub, session: ClientSession) -> None:
        self.fake = fake
        self.session = session
        self.now = asked.START
        fake.signed_in, fake.addresses = USER, ADDRESSES
        self.settings = GitHubSettings(CLIENT, SECRET, url=fake.base_url, api_url=fake.base_url)
        self.factor = Factor(is_mine=lambda subject: subject == f"{fake.base_url}|583231")

    def provider(self, *, time_limit: float = 2.0, **changes: Any) -> GitHub:
        settings = msgspec.structs.replace(self.settings, **changes)
        return GitHub(settings, self.session, clock=lambda: self.now, time_limit=time_limit)

    def step_up(self, intent: bytes = b"sign in", **changes: Any) -> StepUp:
        return asked.step_up(self.now, intent=intent, **{"purpose": Purpose.SIGN_IN, **changes})

    async def came_back(self, challenge: Challenge) -> dict[str, str]:
        async with self.session.get(challenge.shown["redirect"], allow_redirects=False) as response:
            return dict(parse_qsl(urlsplit(response.headers["Location"]).query))

    async def proven(self, step_up: StepUp | None = None, **changes: Any) -> Proof:
        step_up = step_up or self.step_up()
        provider = self.provider(**changes)
        challenge = await provider.begin(self.factor, step_up)
        answer = await self.came_back(challenge)
        proof = await provider.complete(self.factor, step_up, challenge.state, answer, now=self.now)
        assert isinstance(proof, Proof)
        return proof


@asynccontextmanager
async def github_scene() -> AsyncIterator[Scene]:
    """A fresh fake that listens."""
    fake = FakeGitHub()
    await fake.open()
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        try:
            yield Scene(fake, session)
        finally:
            await fake.close()
