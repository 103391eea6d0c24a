"""What carries codes to people: the hub's own senders, and the mail servers and gateways that they speak to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import ClientSession, DummyCookieJar

from approvals_hub.notifications.codes import mail_sender, text_sender
from identity.code_mail import Mail
from identity.one_time_code import Send
from notify.sendgrid import SendGrid, SendGridSettings
from notify.sms import Sms
from notify.smtp import Smtp
from tests.contracts.channels import stage_sms, stage_smtp
from tests.contracts.step_up import asked
from tests.contracts.step_up.stage import TIME_LIMIT
from tests.fakes.hurry import Hurry
from tests.fakes.sendgrid import KEY, SendGridServer
from tests.fakes.sms_gateway import SmsGateway
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.tls import Authority
from tests.fakes.trouble import Arrival, Trouble

SENDING = TIME_LIMIT - 1
"""Seconds that one message may take: a provider waits a little longer, as in the hub."""


class Carrier(Protocol):
    """The server of a vendor."""

    arrived: list[Arrival]
    hurry: Hurry

    def plays(self, trouble: Trouble) -> AbstractContextManager[None]:
        """Within: that trouble."""

    def is_down(self) -> AbstractAsyncContextManager[None]:
        """Within: connections are refused."""


@dataclass(frozen=True)
class Mails:
    """Sends mail to a server that keeps it."""

    send: Send[Mail]
    carrier: Carrier


@dataclass(frozen=True)
class Texts:
    """The same of short texts."""

    send: Send[str]
    carrier: Carrier


def clock() -> int:
    """Milliseconds: a channel sends nothing that has expired."""
    return asked.START


@asynccontextmanager
async def by_smtp() -> AsyncIterator[Mails]:
    """Over a mail server with TLS and a sign-in."""
    authority = Authority()
    server = SmtpServer(authority)
    await server.open()
    settings = stage_smtp.settings(server, "starttls")
    channel = Smtp(settings, tls=authority.trusting(), clock=clock, time_limit=SENDING)
    try:
        yield Mails(mail_sender(channel, clock), server)
    finally:
        await channel.close()
        await server.close()


@asynccontextmanager
async def by_sendgrid() -> AsyncIterator[Mails]:
    """Through SendGrid."""
    server = SendGridServer()
    await server.open()
    settings = SendGridSettings(api_key=KEY, sender=server.sender, base_url=server.base_url)
    async with _session() as session:
        channel: Any = SendGrid(settings, session=session, clock=clock, time_limit=SENDING)
        yield Mails(mail_sender(channel, clock), server)
    await server.close()


@asynccontextmanager
async def by_gateway(kind: str) -> AsyncIterator[Texts]:
    """Through an SMS gateway that is known by name, or `http`, one that settings describe."""
    server = SmsGateway(kind)
    await server.open()
    async with _session() as session:
        settings = stage_sms.settings(kind, server.base_url)
        channel: Any = Sms(settings, session=session, clock=clock, time_limit=SENDING)
        yield Texts(text_sender(channel, clock), server)
    await server.close()


def _session() -> ClientSession:
    return ClientSession(cookie_jar=DummyCookieJar())
