"""A hub that tells people, and the vendors that take it: what flow tests about reaching people are written with."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub_client import AsyncHub
from approvals_hub_client.question import Question
from tests.contracts.channels.stage_apns import GONE, KEY, PEM, TOKEN
from tests.contracts.channels.stage_fcm import FID
from tests.contracts.channels.stage_webpush import CONTACT, PUBLIC
from tests.contracts.channels.stage_webpush import KEY as VAPID
from tests.fakes.apns_server import KEY_ID, TEAM_ID, TOPIC, ApnsServer
from tests.fakes.google_push import GooglePush, service_account
from tests.fakes.push_service import Browser, PushService
from tests.fakes.sms_gateway import SmsGateway
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.tls import Authority
from tests.flows.looked_through import everything
from tests.flows.test_step_up_codes import OWNER, Post, mail_table, sms_table
from tests.flows.world import TestClock, World, serve, set_up

PAYLOAD, JUSTIFICATION, CONTEXT = "canary-payload-7391", "canary-words-2846", "canary-chain-5520"
"""What no vendor may see."""
AHEAD = 60_000
"""Milliseconds by which those who look at the times of signatures are ahead: the hub's clock runs on."""
HERE = {"private_networks": ["127.0.0.0/8"]}
"""For channels that somebody's browser says the address of."""
WAYS = {"email_otp": {}, "sms_otp": {"allowed_prefixes": ["+467"]}}


@dataclass
class Vendors:
    """Every fake; each listens."""

    push: PushService
    apple: ApnsServer
    google: GooglePush
    mails: SmtpServer
    texts: SmsGateway

    def all_that_arrived(self) -> list[Any]:
        return [
            each for vendor in (self.push, self.apple, self.google, self.mails, self.texts) for each in vendor.arrived
        ]


@dataclass
class Reachable:
    """A hub with these vendors, its owner and an agent."""

    world: World
    vendors: Vendors
    bot: AsyncHub
    browsers: dict[str, Browser] = field(default_factory=dict)

    async def browser(self, name: str = "anna", *, kept: bool = True, by: SoftwarePhone | None = None) -> str:
        """The owner's device, or another's, takes push messages in a browser; one that is not kept is gone."""
        browser = self.vendors.push.subscribe(name)
        if kept:
            self.vendors.push.keep_browser(browser)
        self.browsers[name] = browser
        await self.register("phone", browser.subscription, by=by)
        return browser.subscription

    async def register(
        self, channel: str, address: Any, *, by: SoftwarePhone | None = None, **members: Any
    ) -> dict[str, Any]:
        """Where the owner's device is told, or another's."""
        owner = by or self.world.owner
        body = {"channel": channel, "address": address, **members}
        return dict(await owner.call("PUT", f"/v1/devices/{owner.device_id}/push", body))

    async def link(self, method: str) -> None:
        """The owner proves an address for codes."""
        await Post(self.world, self.vendors.mails, self.vendors.texts).link(method)
        self.vendors.mails.arrived.clear()
        self.vendors.texts.arrived.clear()

    async def ask(self, **changes: Any) -> Question:
        """A question that is full of canaries."""
        payload = {"note": PAYLOAD, "context": CONTEXT, "n": os.urandom(4).hex()}
        return await self.bot.ask("db.drop", payload, justification=JUSTIFICATION, **changes)

    async def tellings(self, question: Question) -> list[dict[str, Any]]:
        """What is written down of a question, oldest first."""

        async def work(tx: Any) -> Any:
            return await tx.rows(
                "SELECT * FROM tellings WHERE escalation_id = :id ORDER BY due_at, id", id=question.escalation_id
            )

        return [dict(row) for row in await self.world.hub.db.read(work)]

    async def attempts(self, question: Question) -> list[dict[str, Any]]:
        """The delivery log of a question."""

        async def work(tx: Any) -> Any:
            return await tx.rows(
                "SELECT * FROM delivery_attempts WHERE escalation_id = :id ORDER BY id", id=question.escalation_id
            )

        return [dict(row) for row in await self.world.hub.db.read(work)]

    async def view(self, question: Question) -> Any:
        """How the question stands, for its agent."""
        return (await self.bot.question(question.escalation_id)).view

    async def settle(self) -> None:
        """Everything that is due is told."""
        await self.world.hub.reach.settled()


@asynccontextmanager
async def vendors(folder: Path, *, now: int) -> AsyncIterator[Vendors]:
    """All of them, behind one authority whose certificate lies in `ca.pem`."""
    authority = Authority()
    (folder / "ca.pem").write_text(authority.pem())
    (folder / "apns-key").write_text(PEM)
    found = Vendors(
        PushService(authority, PUBLIC, now=now),
        ApnsServer(authority, KEY.public_key(), now=now + AHEAD),
        GooglePush(now=now + AHEAD),
        SmtpServer(authority),
        SmsGateway("46elks"),
    )
    found.apple.devices[TOKEN] = TOKEN
    found.apple.gone[GONE] = now + 3600_000
    found.google.devices[FID] = FID
    async with AsyncExitStack() as stack:
        for vendor in (found.push, found.apple, found.google, found.mails, found.texts):
            await vendor.open()
            stack.push_async_callback(vendor.close)
        yield found


def tables(found: Vendors) -> dict[str, dict[str, Any]]:
    """The tables `[channels.…]` of the settings."""
    apple = {"key_file": "apns-key", "key_id": KEY_ID, "team_id": TEAM_ID, "topic": TOPIC}
    google = {"service_account": service_account(found.google.base_url), "base_url": found.google.base_url}
    browser = {"private_key": VAPID, "contact": CONTACT, "hosts": [found.push.host], **HERE}
    return {
        "phone": {"kind": "webpush", "ca_file": "ca.pem", **browser},
        "iphone": {"kind": "apns", "ca_file": "ca.pem", "host": "localhost", "port": found.apple.port, **apple},
        "android": {"kind": "fcm", **google},
    }


@asynccontextmanager
async def reachable(
    place: str,
    folder: Path,
    *,
    time: TestClock | None = None,
    found: Vendors | None = None,
    more: dict[str, dict[str, Any]] | None = None,
) -> AsyncIterator[Reachable]:
    """A hub with every channel, on this database; `more` are further tables of channels."""
    time = time or TestClock()
    async with AsyncExitStack() as stack:
        found = found or await stack.enter_async_context(vendors(folder, now=time.clock().now()))
        world = await stack.enter_async_context(
            serve(
                folder,
                place,
                time=time,
                step_up=WAYS,
                mail=mail_table(found.mails, folder),
                sms=sms_table(found.texts),
                channels={**tables(found), **(more or {})},
            )
        )
        await set_up(world)
        yield Reachable(world, found, await world.agent())


def without_canaries(arrived: list[Any]) -> bool:
    """Whether nothing of what is asked, of why, or of any context is in it."""
    return not any(canary in everything(arrived) for canary in (PAYLOAD, JUSTIFICATION, CONTEXT))


__all__ = ["FID", "GONE", "OWNER", "TOKEN", "Reachable", "Vendors", "reachable", "without_canaries"]
