"""Mail over a server of one's own choice (RFC 5321), with STARTTLS (RFC 3207) or TLS from the first byte (RFC 8314)."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from notify import smtp_reply
from notify.channel import TIME_LIMIT
from notify.delivery import AFTER, AddressGone, Delivered, Delivery, TryLater, bad_settings, permanent
from notify.discreet import Discreet
from notify.guarded import Forbidden
from notify.mail_address import BadAddress, masked, on_the_wire
from notify.mail_form import From, letter, message_id
from notify.message import Mail
from notify.sending import Attempt, Sender
from notify.smtp_connections import Connections

if TYPE_CHECKING:
    from aiosmtplib import SMTP

    from notify.guarded import Dial

PORTS = {"starttls": 587, "implicit": 465, "none": 25}
MOST_RECEIVERS = 100
"""How many one mail may have: every server takes as many (RFC 5321 section 4.5.3.1.8)."""
_QUEUED = re.compile(r"\bqueued as ([A-Za-z0-9._-]{1,64})")


class SmtpSettings(Discreet, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be set."""

    not_printed = ("password",)

    host: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9.:-]{1,253}\Z")]
    """The server's name, as in its certificate."""
    sender: str
    """The address that mail comes from."""
    sender_name: str = ""
    """The name beside it."""
    reply_to: str | None = None
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] | None = None
    """Where nothing is set: 587, with `implicit` 465, with `none` 25."""
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    """`none` sends mail in the clear, for a server on this machine; it goes with no password."""
    username: str | None = None
    password: str | None = None
    helo: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9.-]{1,253}\Z")] | None = None
    """The name that this client gives itself; where nothing is set, the host of `sender`."""
    connections: Annotated[int, msgspec.Meta(ge=1, le=10)] = 2
    """How many are open at most."""

    def __post_init__(self) -> None:
        """Check what goes together. Raises ValueError."""
        self.writer()
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password go together")
        if self.password is not None and self.tls == "none":
            raise ValueError("a password is not sent without TLS")

    def writer(self) -> From:
        """Who writes. Raises ValueError."""
        return From(self.sender, self.sender_name, self.reply_to)

    def __repr__(self) -> str:
        """Without the password."""
        return f"SmtpSettings({self.host})"


class Smtp(Sender[Mail]):
    """The channel `smtp`. Delivered carries the server's queue id where it tells one, else the Message-ID."""

    name = "smtp"
    takes = Mail

    def __init__(
        self,
        settings: SmtpSettings,
        *,
        tls: ssl.SSLContext | None,
        clock: Callable[[], int],
        time_limit: float = TIME_LIMIT,
        dial: Dial | None = None,
    ) -> None:
        """`tls` is None only with `tls = "none"`. Raises ValueError for a context that would trust anybody.

        `dial` connects to a server that somebody else named; None connects to wherever it is.
        """
        super().__init__(clock=clock, time_limit=time_limit)
        if settings.tls != "none" and (tls is None or tls.verify_mode != ssl.CERT_REQUIRED or not tls.check_hostname):
            raise ValueError("SMTP over TLS needs a context that verifies the server and its name")
        self._settings = settings
        self._tls = tls
        self._dial = dial
        self._from = settings.writer()
        self._sender = on_the_wire(settings.sender)
        self._connections = Connections(self._connect, most=settings.connections)

    async def send_each(self, addresses: Iterable[str], message: Mail) -> dict[str, Delivery]:
        """Send one mail to several who do not learn of each other; each has a result of their own. Raises nothing."""
        every = list(dict.fromkeys(addresses))
        if self._is_late(message):
            return dict.fromkeys(every, permanent("the message has expired"))
        if len(every) > MOST_RECEIVERS:
            return dict.fromkeys(every, permanent(f"one mail has at most {MOST_RECEIVERS} receivers"))
        result = await self._within_limit(lambda attempt: self._send_each(every, message, attempt))
        return dict.fromkeys(every, result) if isinstance(result, TryLater) else result

    def masked(self, address: str) -> str:
        """`a…@example.se`."""
        return masked(address)

    async def close(self) -> None:
        """End the connections that nobody uses."""
        await self._connections.close()

    async def rehearse(self) -> Delivery | None:
        """Connect, say EHLO over TLS, and sign in: all that comes before MAIL."""
        return await self._within_limit(lambda attempt: self._rehearse())

    async def _rehearse(self) -> Delivery | None:
        from aiosmtplib import SMTPException, SMTPResponseException

        try:
            async with self._connections.lent():
                return None
        except SMTPResponseException as error:
            return smtp_reply.of_session(error.code, error.message)
        except OSError as error:
            return _of_network(error, perhaps_sent=False)
        except SMTPException:
            return _no_way_in()

    async def _send(self, address: str, message: Mail, attempt: Attempt) -> Delivery:
        return (await self._send_each([address], message, attempt))[address]

    async def _send_each(self, addresses: list[str], message: Mail, attempt: Attempt) -> dict[str, Delivery]:
        results: dict[str, Delivery] = {}
        wires: dict[str, str] = {}
        for address in addresses:
            try:
                wires[address] = on_the_wire(address)
            except BadAddress as error:
                results[address] = AddressGone(str(error))
        if wires:
            results |= await self._mail(wires, message, attempt)
        return results

    async def _mail(self, wires: dict[str, str], message: Mail, attempt: Attempt) -> dict[str, Delivery]:
        """One mail to those addresses; what fails for all is everybody's result."""
        from aiosmtplib import SMTPDataError, SMTPException, SMTPResponseException, SMTPSenderRefused

        body = letter(message, self._from, list(wires.values()), at=self._clock())
        result: Delivery
        try:
            async with self._connections.lent() as connection:
                return await self._transaction(connection, wires, body, message, attempt)
        except SMTPSenderRefused as error:
            result = smtp_reply.of_sender(error.code, error.message)
        except SMTPDataError as error:
            result = smtp_reply.of_letter(error.code, error.message)
        except SMTPResponseException as error:
            judge = smtp_reply.of_letter if attempt.on_its_way else smtp_reply.of_session
            result = judge(error.code, error.message)
        except OSError as error:
            result = _of_network(error, perhaps_sent=attempt.on_its_way)
        except SMTPException:
            result = _no_way_in()
        return dict.fromkeys(wires, result)

    async def _transaction(
        self, connection: SMTP, wires: dict[str, str], body: bytes, message: Mail, attempt: Attempt
    ) -> dict[str, Delivery]:
        """MAIL, RCPT for each, DATA. Raises what spoils the connection; a receiver's refusal does not."""
        from aiosmtplib import SMTPRecipientRefused

        size = [f"SIZE={len(body)}"] if connection.supports_extension("size") else []
        await connection.mail(self._sender, options=size)
        results: dict[str, Delivery] = {}
        for address, wire in wires.items():
            try:
                await connection.rcpt(wire)
            except SMTPRecipientRefused as error:
                results[address] = smtp_reply.of_recipient(error.code, error.message)
        accepted = wires.keys() - results.keys()
        if accepted:
            attempt.on_its_way = True
            answer = await connection.data(body)
            queued = _QUEUED.search(answer.message)
            id_ = message_id(message, self._from) if queued is None else queued[1]
            results |= dict.fromkeys(accepted, Delivered(id_))
        return results

    async def _connect(self) -> SMTP:
        from aiosmtplib import SMTP

        settings = self._settings
        port = settings.port or PORTS[settings.tls]
        dialled = None if self._dial is None else await self._dial(settings.host, port)
        connection = SMTP(
            hostname=settings.host,
            port=port if dialled is None else None,
            sock=dialled,
            use_tls=settings.tls == "implicit",
            start_tls=settings.tls == "starttls",
            tls_context=self._tls,
            username=settings.username,
            password=settings.password,
            # Without a name it would look up its own, in a thread that nobody can cancel.
            local_hostname=settings.helo or self._from.host,
            # No clock of its own: wait_for of Python 3.11 loses a cancellation that comes together with a result, and
            # `send` would then last a second limit long.
            timeout=None,
        )
        await connection.connect()
        return connection


def _no_way_in() -> Delivery:
    # An attacker on the way hides them too: nothing is sent without.
    return bad_settings("the server offers no STARTTLS, or no way to sign in that both know")


def _of_network(error: OSError, *, perhaps_sent: bool) -> Delivery:
    """What a broken connection or handshake means; aiosmtplib tells the reason as the error's cause."""
    reason = error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else error
    if isinstance(reason, Forbidden):
        return bad_settings(str(reason))
    if isinstance(reason, ssl.SSLCertVerificationError):
        return bad_settings(f"the server's certificate does not verify: {reason.verify_message}")
    if isinstance(reason, ssl.SSLError) and not isinstance(reason, ssl.SSLEOFError):
        return bad_settings("TLS does not come about: see host, port and tls")
    return TryLater(AFTER, "the server cannot be reached, or hung up", perhaps_sent=perhaps_sent)
