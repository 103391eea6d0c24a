"""Mail through SendGrid on a stage."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, DummyCookieJar

from notify.sendgrid import SendGrid, SendGridSettings
from tests.contracts.channels.numbered import HOSTILE_MAIL, mail
from tests.contracts.channels.stage import START, Stage
from tests.contracts.channels.vendor_stage import VendorStage
from tests.fakes.sendgrid import KEY, SendGridServer

WAIT = 42


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    server = SendGridServer()
    await server.open()
    server.resets_at = START // 1000 + WAIT
    settings = SendGridSettings(api_key=KEY, sender=server.sender, sender_name="Acme", base_url=server.base_url)
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        yield VendorStage(
            server,
            lambda limit: SendGrid(settings, session=session, clock=lambda: START, time_limit=limit),
            mail,
            address="anna@example.se",
            gone="nobody@example.se",
            hostile=HOSTILE_MAIL,
            secrets=[KEY],
            wait=WAIT,
        )
    await server.close()
