"""A BankID provider with a fake BankID behind it, and two people: Anna, who is asked, and Bo, who is not."""

from __future__ import annotations

import functools
import hashlib
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from aiohttp import ClientSession

from identity.bankid import BankID
from identity.bankid_settings import BankIDSettings, tls
from identity.proof import Challenge, Client, Factor, Pending, Proof, Purpose, State, StepUp
from tests.fakes.bankid import FakeBankID
from tests.fakes.bankid_certificates import Authorities, Person
from tests.fakes.bankid_orders import Order

DOMAIN = "hub.example.se"
WORDS = "Godkänn: betala 85 USD till Ångström & Co"
PHONE = Client("192.0.2.10", "Mozilla/5.0 (Linux; Android 14; Pixel 8) Mobile", same_device=True)
COMPUTER = Client("192.0.2.10", "Mozilla/5.0 (X11; Linux x86_64)", same_device=False)


@functools.cache
def authorities() -> Authorities:
    """One set of authorities for all tests of a process: keys take time."""
    return Authorities()


@functools.cache
def foreign_authorities() -> Authorities:
    """Another set with the same names: somebody who calls themselves BankID."""
    return Authorities()


@functools.cache
def anna() -> Person:
    return authorities().person("199001011239", "Anna", "Ångström")


@functools.cache
def bo() -> Person:
    return authorities().person("198505052388", "Bo", "Öberg")


def step_up_for(now: int, intent: bytes = b"pay 85 USD", **changes: Any) -> StepUp:
    """A decision's step-up, five minutes long, with the page on a computer and the app on a phone."""
    intent_hash = "sha256:" + hashlib.sha256(intent).hexdigest()
    step_up_id = "stp_" + hashlib.sha256(intent + str(now).encode()).hexdigest()[:16]
    asked = StepUp(
        id=step_up_id,
        intent_hash=intent_hash,
        challenge=hashlib.sha256(step_up_id.encode() + intent_hash.encode()).digest(),
        purpose=Purpose.DECISION,
        visible=f"{WORDS}\n{intent.decode(errors='replace')}",
        language="sv",
        client=COMPUTER,
        began_at=now,
        expires_at=now + 300_000,
        return_url=f"https://{DOMAIN}/step-ups/{step_up_id}",
    )
    return replace(asked, **changes)


class Scene:
    """The parts, and the steps that tests share."""

    def __init__(self, fake: FakeBankID, session: ClientSession) -> None:
        self.fake = fake
        self.session = session
        self.now = time.time_ns() // 1_000_000
        self.anna = anna()
        self.bo = bo()
        self.factor = Factor(is_mine=lambda subject: subject == self.anna.personal_number)
        self.settings = BankIDSettings(url=fake.url, environment="test", **fake.settings_files)
        self.provider = self.provider_with()

    def provider_with(self, *, time_limit: float = 5.0, **changes: Any) -> BankID:
        """A provider with other settings."""
        settings = msgspec.structs.replace(self.settings, **changes)
        return BankID(
            settings, self.session, tls(settings), domain=DOMAIN, clock=lambda: self.now, time_limit=time_limit
        )

    def step_up(self, intent: bytes = b"pay 85 USD", **changes: Any) -> StepUp:
        return step_up_for(self.now, intent, **changes)

    def open(self, shown: Any, person: Person | None = None) -> Order:
        """Somebody opens the order that a page shows, by its link or its QR code."""
        who = person or self.anna
        return self.fake.follow(shown["auto_start"], who) if "auto_start" in shown else self.fake.scan(shown["qr"], who)

    async def begun(self, step_up: StepUp) -> Challenge:
        return await self.provider.begin(self.factor, step_up)

    async def collected(self, step_up: StepUp, state: State) -> Proof | Pending:
        return await self.provider.collect(self.factor, step_up, state, now=self.now)

    async def completed(self, step_up: StepUp, state: State, answer: Any) -> Proof | Pending:
        return await self.provider.complete(self.factor, step_up, state, answer, now=self.now)

    async def signed(self, step_up: StepUp, person: Person | None = None, **bent: Any) -> Proof | Pending:
        """Begin, open, approve, collect."""
        challenge = await self.begun(step_up)
        self.fake.approve(self.open(challenge.shown, person), **bent)
        return await self.collected(step_up, challenge.state)


@asynccontextmanager
async def bankid_scene() -> AsyncIterator[Scene]:
    """A fresh fake with the shared authorities, listening, and a provider that knows it."""
    with tempfile.TemporaryDirectory() as folder:
        scenes: list[Scene] = []
        fake = FakeBankID(authorities(), Path(folder), lambda: scenes[0].now)
        await fake.start()
        async with ClientSession() as session:
            scenes.append(Scene(fake, session))
            try:
                yield scenes[0]
            finally:
                await fake.stop()


def nonce_of(url: str | None) -> dict[str, str]:
    """What the page reads from the fragment of the address that the app came back to."""
    assert url is not None
    return {"return_nonce": urlsplit(url).fragment.removeprefix("return_nonce=")}
