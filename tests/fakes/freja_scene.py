"""A Freja provider with a fake Freja behind it, and two people: Anna, who is asked, and Bo, who is not."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import ClientSession, DummyCookieJar
from cryptography.hazmat.primitives.serialization import Encoding

from identity.freja import Freja
from identity.freja_settings import FrejaSettings, tls
from identity.proof import Challenge, Factor, Pending, Proof, State, StepUp
from tests.contracts.step_up import asked
from tests.fakes.freja import FakeFreja, Person, Signature
from tests.fakes.mutual_tls import MutualTls

ANNA = Person("199001011239", "anna-for-this-hub")
BO = Person("198505052388", "bo-for-this-hub")


class Scene:
    """The parts, and the steps that tests share."""

    def __init__(self, fake: FakeFreja, session: ClientSession, mutual: MutualTls, folder: Path) -> None:
        self.fake = fake
        self.session = session
        self.folder = folder
        self.now = asked.START
        self.factor = Factor(is_mine=lambda subject: subject in (f"SE{ANNA.ssn}", ANNA.user_id))
        published = folder / "freja_jws.pem"
        published.write_bytes(fake.signer[1].public_bytes(Encoding.PEM))
        self.settings = FrejaSettings(
            certificate=mutual.certificate,
            key=mutual.key,
            server_ca=mutual.ca,
            jws_certificates=(str(published),),
            environment="test",
            url=fake.base_url,
        )
        self.provider = self.provider_with()

    def provider_with(self, *, time_limit: float = 5.0, **changes: Any) -> Freja:
        """A provider with other settings."""
        settings = msgspec.structs.replace(self.settings, **changes)
        return Freja(settings, self.session, tls(settings), clock=lambda: self.now, time_limit=time_limit)

    def step_up(self, intent: bytes = b"pay 85 USD", **changes: Any) -> StepUp:
        return asked.step_up(self.now, intent=intent, **changes)

    async def begun(self, step_up: StepUp) -> Challenge:
        return await self.provider.begin(self.factor, step_up)

    async def collected(self, step_up: StepUp, state: State) -> Proof | Pending:
        return await self.provider.collect(self.factor, step_up, state, now=self.now)

    def opened(self, challenge: Challenge, person: Person = ANNA) -> Signature:
        """Somebody opens what the page shows."""
        return self.fake.scan(challenge.shown["link"], person)

    async def signed(self, step_up: StepUp, person: Person = ANNA, **bent: Any) -> Proof:
        """Begin, open, approve, collect."""
        challenge = await self.begun(step_up)
        self.fake.approve(self.opened(challenge, person), **bent)
        proof = await self.collected(step_up, challenge.state)
        assert isinstance(proof, Proof)
        return proof


@asynccontextmanager
async def freja_scene() -> AsyncIterator[Scene]:
    """A fresh fake that listens, and a provider that knows it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mutual = MutualTls(folder)
        scenes: list[Scene] = []
        fake = FakeFreja(mutual.server(), lambda: scenes[0].now)
        fake.people += [ANNA, BO]
        await fake.open()
        async with ClientSession(cookie_jar=DummyCookieJar()) as session:
            scenes.append(Scene(fake, session, mutual, folder))
            try:
                yield scenes[0]
            finally:
                await fake.close()
