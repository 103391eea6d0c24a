"""A mail server on this machine: aiosmtpd with TLS, a sign-in, and the moods of real ones."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.fakes.hurry import Hurry
from tests.fakes.slicer import slicing
from tests.fakes.tls import Authority
from tests.fakes.trouble import Arrival, Trouble

HOST = "127.0.0.1"
USER, PASSWORD = "hub-user", "P4ssw0rd-of-the-mail"
REFUSALS = {
    "nobody": "550 5.1.1 <{}>: Recipient address rejected: User unknown",
    "greylisted": "451 4.7.1 <{}>: Greylisted, come back later",
    "full": "552 5.2.2 <{}>: Mailbox full",
    "relay": "554 5.7.1 <{}>: Relay access denied",
}
"""What is said to RCPT, by how the address begins."""

Mode = Literal["starttls", "implicit", "none"]


class SmtpServer:
    """Keeps what it takes in `arrived`, newest last, one for each receiver. It runs in the test's own loop."""

    def __init__(
        self,
        authority: Authority,
        *,
        mode: Mode = "starttls",
        offers_tls: bool = True,
        names: tuple[str, ...] = ("localhost", HOST),
    ) -> None:
        """`names` are those in its certificate."""
        self.arrived: list[Arrival] = []
        self.trouble: Trouble | None = None
        self.sessions: list[SmtpSession] = []
        """Every connection that there was."""
        self.commands: list[str] = []
        self.asked = asyncio.Event()
        """Set when somebody has connected."""
        self.hung_up_on = asyncio.Event()
        """Set when somebody ended a flood."""
        self.receipt: Literal["lost", "garbled"] | None = None
        """What happens to its word that a letter was taken."""
        self.sign_ins = 0
        """How often somebody tried to sign in."""
        self.port = 0
        self._mode = mode
        self.hurry = Hurry()
        self._tls = authority.server(*names)
        self._starttls = self._tls if mode == "starttls" and offers_tls else None
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen: the first time on any free port, then on the same one."""
        self.port = await self._listen(self.port)

    async def _listen(self, port: int) -> int:
        implicit = self._tls if self._mode == "implicit" else None
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, HOST, port, ssl=implicit, reuse_address=True)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Refuse connections, and end those that there are."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        self.hang_up()
        tasks = [session._handler_coroutine for session in self.sessions if session._handler_coroutine is not None]
        for task in tasks:
            task.cancel()  # one whose handshake failed waits for its end for ever
        await asyncio.gather(*tasks, return_exceptions=True)

    def hang_up(self) -> None:
        """End every connection without a word."""
        for session in self.sessions:
            if isinstance(session.transport, asyncio.WriteTransport):
                # aiosmtpd closes a transport twice, after which Python 3.11.2 has nothing left to end.
                with suppress(AttributeError):
                    session.transport.abort()

    @contextmanager
    def plays(self, trouble: Trouble) -> Iterator[None]:
        """Within: that trouble, for new connections and old ones."""
        self.trouble = trouble
        self.hurry.silence_begins()
        try:
            yield
        finally:
            self.trouble = None

    @asynccontextmanager
    async def is_down(self) -> AsyncIterator[None]:
        """Within: connections are refused."""
        await self.close()
        try:
            yield
        finally:
            await self.open()

    @asynccontextmanager
    async def trickles(self, *, size: int, pause: float) -> AsyncIterator[None]:
        """Within: its answers come in slices of `size` bytes, one every `pause` seconds."""
        await self.close()
        async with slicing(self.port, await self._listen(0), size=size, pause=pause):
            yield
            await self.close()
        await self.open()

    async def handle_MAIL(  # noqa: N802 - aiosmtpd finds it by this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._mode != "none" and not session.authenticated:
            return "530 5.7.0 Authentication required"
        if address.startswith("stranger"):
            return "553 5.7.1 Sender address rejected: not owned by user"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds it by this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.trouble is Trouble.THROTTLED:
            return f"450 4.7.1 <{address}>: too many messages, try again later"
        for beginning, refusal in REFUSALS.items():
            if address.startswith(beginning):
                return refusal.format(address)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(  # noqa: N802 - aiosmtpd finds it by this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.trouble is Trouble.BROKEN:
            return "451 4.3.0 Error: queue file write error"
        assert isinstance(envelope.content, bytes)
        letter: Any = email.message_from_bytes(envelope.content, policy=email.policy.default)
        if letter["Subject"].startswith("SPAM"):
            return "554 5.6.0 Message content rejected"
        for address in envelope.rcpt_tos:
            text = letter.get_body(("plain",)).get_content()
            id_ = letter["Message-ID"].strip("<>").rpartition("@")[0]
            self.arrived.append(Arrival(address, text, id_, dict(letter.items()), letter))
        if self.receipt == "lost":
            self.hang_up()
        elif self.receipt == "garbled":
            return "<html>"
        return f"250 2.0.0 Ok: queued as 4F{len(self.arrived):08X}"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        self.sign_ins += 1
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        if right and self.trouble is not Trouble.REFUSES_US:
            return AuthResult(success=True)
        # Handled, and nothing would be sent at all: the client would wait for ever.
        return AuthResult(success=False, handled=False, message="535 5.7.8 Error: authentication failed")

    def _session(self) -> SmtpSession:
        session = SmtpSession(
            self,
            tls_context=self._starttls,
            require_starttls=self._starttls is not None,
            authenticator=self.authenticate,
            auth_require_tls=self._starttls is not None,
            loop=asyncio.get_running_loop(),
            # It would look its own name up, and the whole test waits for whoever answers that.
            hostname="mail.example.se",
        )
        session.fake = self
        self.sessions.append(session)
        return session


class SmtpSession(SMTP):
    """One connection; in trouble it answers MAIL, or the connection itself, in its own way."""

    fake: SmtpServer

    async def _handle_client(self) -> None:
        self.fake.asked.set()
        if self.fake.trouble is Trouble.SILENT:
            self.fake.hurry.silent_to_somebody()
            await self.fake.hung_up_on.wait()
        elif self.fake.trouble is Trouble.NO_PROTOCOL:
            self._writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            self._writer.close()
        else:
            await super()._handle_client()

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802 - aiosmtpd finds it by this name
        """Whoever keeps a connection asks with RSET whether it is still good."""
        if self.fake.trouble is Trouble.SILENT:
            self.fake.hurry.silent_to_somebody()
            await self.fake.hung_up_on.wait()
        elif self.fake.trouble in (Trouble.NO_PROTOCOL, Trouble.REFUSES_US):
            self._writer.close()
        else:
            await super().smtp_RSET(arg)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802 - aiosmtpd finds it by this name
        self.fake.commands.append(f"MAIL {arg}")
        if self.fake.trouble is Trouble.HANGS_UP:
            self._writer.write(b"25")
            self._writer.close()
        elif self.fake.trouble is Trouble.LEAVES:
            self._writer.close()
        elif self.fake.trouble is Trouble.GARBLES:
            await self.push(b"\xff\x00<html>")
        elif self.fake.trouble is Trouble.FLOODS:
            await self._flood()
        else:
            await super().smtp_MAIL(arg)

    async def _flood(self) -> None:
        try:
            while True:
                self._writer.write(b"250-and more\r\n" * 1000)
                await self._writer.drain()
        finally:
            self.fake.hung_up_on.set()
