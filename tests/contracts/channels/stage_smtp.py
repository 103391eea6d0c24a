"""Mail over a server of one's own choice, on a stage."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from typing import Any

from notify.channel import Channel
from notify.smtp import Smtp, SmtpSettings
from tests.contracts.channels.numbered import HOSTILE_MAIL, mail
from tests.contracts.channels.stage import LIMIT, PATIENCE, START, Stage
from tests.fakes.smtp_server import PASSWORD, USER, Mode, SmtpServer
from tests.fakes.tls import Authority
from tests.fakes.trouble import Arrival, Trouble


class SmtpStage:
    """A server with real TLS."""

    address = "anna@example.se"
    gone = "nobody@example.se"
    tells_who_is_gone = True
    tells_an_id = True
    reads_answers = True
    says_words = True
    wait: float | None = None

    def __init__(self, server: SmtpServer, channel: Smtp, impatient: Smtp) -> None:
        self.channel: Channel[Any] = channel
        self.impatient: Channel[Any] = impatient
        self.server = server
        server.hurry.seconds = LIMIT

    def message(self, **changes: Any) -> Any:
        return mail(**changes)

    def arrived(self) -> list[Arrival]:
        return self.server.arrived

    def plays(self, trouble: Trouble) -> AbstractContextManager[None]:
        return self.server.plays(trouble)

    def is_down(self) -> AbstractAsyncContextManager[None]:
        return self.server.is_down()

    def trickles(self, *, size: int, pause: float) -> AbstractAsyncContextManager[None]:
        return self.server.trickles(size=size, pause=pause)

    async def asked(self) -> None:
        await self.server.asked.wait()

    async def flood_ended(self) -> None:
        await self.server.hung_up_on.wait()

    def hostile_addresses(self) -> list[str]:
        return list(HOSTILE_MAIL)

    def secrets(self) -> list[str]:
        return [USER, PASSWORD]


def settings(server: SmtpServer, mode: Mode, **changes: Any) -> SmtpSettings:
    """For the fake, as an operator would write them."""
    return SmtpSettings(
        **{
            "host": "localhost",
            "port": server.port,
            "tls": mode,
            "sender": "hub@example.se",
            "sender_name": "Acme hubb",
            "username": USER,
            "password": PASSWORD,
            **changes,
        }
    )


@asynccontextmanager
async def stage(mode: Mode) -> AsyncIterator[Stage]:
    authority = Authority()
    server = SmtpServer(authority, mode=mode)
    await server.open()
    tls = authority.trusting()
    channel, impatient = (
        Smtp(settings(server, mode), tls=tls, clock=lambda: START, time_limit=limit) for limit in (PATIENCE, LIMIT)
    )
    try:
        yield SmtpStage(server, channel, impatient)
    finally:
        await channel.close()
        await impatient.close()
        await server.close()
