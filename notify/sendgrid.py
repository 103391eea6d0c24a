"""Mail through Twilio SendGrid (v3 Mail Send, https://www.twilio.com/docs/sendgrid/api-reference/mail-send).

Links and opening are not tracked: tracking rewrites every link to go through the vendor's host, and a picture tells who
read when.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from notify.channel import TIME_LIMIT
from notify.delivery import AddressGone, Delivered, Delivery, TryLater, bad_settings, permanent, waiting
from notify.discreet import Discreet
from notify.exchange import Answer, Request, ask, refused, require_url
from notify.mail_address import BadAddress, masked, on_the_wire
from notify.mail_form import From
from notify.message import Mail
from notify.sending import Attempt, Sender

if TYPE_CHECKING:
    from aiohttp import ClientSession

GLOBAL = "https://api.sendgrid.com"
EUROPE = "https://api.eu.sendgrid.com"
"""For accounts whose mail stays within the European Union."""
THROTTLED = 60.0
"""Seconds to wait where a 429 does not say how long."""
_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_FIELD = re.compile(r"[a-z_0-9.\[\]]{1,60}")
_OF_ADDRESS = re.compile(r"personalizations[.\[]\d+\]?\.to\b")


class SendGridSettings(Discreet, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be set."""

    not_printed = ("api_key",)

    api_key: Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,500}\Z")]
    """A key that may do nothing but "Mail Send"."""
    sender: str
    """The address that mail comes from: a sender identity that the account has verified."""
    sender_name: str = ""
    reply_to: str | None = None
    base_url: str = GLOBAL
    """`https://api.eu.sendgrid.com` for an account in the European region."""

    def __post_init__(self) -> None:
        """Raises ValueError."""
        self.writer()
        require_url(self.base_url)

    def writer(self) -> From:
        """Who writes. Raises ValueError."""
        return From(self.sender, self.sender_name, self.reply_to)

    def __repr__(self) -> str:
        """Without the key."""
        return f"SendGridSettings({self.base_url})"


class SendGrid(Sender[Mail]):
    """The channel `sendgrid`. Delivered carries the X-Message-Id; the message's id is the custom argument `id`."""

    name = "sendgrid"
    takes = Mail

    def __init__(
        self,
        settings: SendGridSettings,
        *,
        session: ClientSession,
        clock: Callable[[], int],
        time_limit: float = TIME_LIMIT,
    ) -> None:
        super().__init__(clock=clock, time_limit=time_limit)
        self._settings = settings
        self._session = session
        self._url = f"{settings.base_url.rstrip('/')}/v3/mail/send"

    def masked(self, address: str) -> str:
        """`a…@example.se`."""
        return masked(address)

    async def rehearse(self) -> Delivery | None:
        """Ask what the key may do: whoever may send may not always ask that, so only an unknown key is told of."""
        return await self._within_limit(lambda attempt: self._rehearse())

    async def _rehearse(self) -> Delivery | None:
        headers = {"Authorization": f"Bearer {self._settings.api_key}"}
        url = f"{self._settings.base_url.rstrip('/')}/v3/scopes"
        answer = await ask(self._session, Request("GET", url, headers, b""), Attempt())
        if not isinstance(answer, Answer):
            return answer
        return self._judged(answer) if answer.status == 401 or answer.status >= 500 else None

    async def _send(self, address: str, message: Mail, attempt: Attempt) -> Delivery:
        try:
            wire = on_the_wire(address)
        except BadAddress as error:
            return AddressGone(str(error))
        headers = {"Authorization": f"Bearer {self._settings.api_key}", "Content-Type": "application/json"}
        body = msgspec.json.encode(mail_send(message, self._settings.writer(), wire))
        answer = await ask(self._session, Request("POST", self._url, headers, body), attempt)
        return self._judged(answer) if isinstance(answer, Answer) else answer

    def _judged(self, answer: Answer) -> Delivery:
        """What the answer's status means; see "Errors" and "Rate limits" of the reference."""
        status = answer.status
        if status == 202:
            told = answer.headers.get("X-Message-Id", "")
            return Delivered(told if _ID.fullmatch(told) else None)
        if status == 429:
            return TryLater(self._reset(answer), "too many requests")
        if status >= 500:
            return TryLater(answer.retry_after(now=self._clock()), f"it fails with {status}")
        if status == 451:
            return bad_settings("the account's region is another one: see base_url")
        return refused(status) or _of_fields(answer)

    def _reset(self, answer: Answer) -> float:
        """Seconds until X-RateLimit-Reset, which is in seconds since 1970."""
        at = answer.headers.get("X-RateLimit-Reset", "")
        if not (at.isascii() and at.isdigit()):
            return answer.retry_after(now=self._clock(), default=THROTTLED)
        return waiting(int(at[:12]) - self._clock() / 1000)


def mail_send(message: Mail, sender: From, to: str) -> dict[str, Any]:
    """The request's body."""
    contents = [{"type": "text/plain", "value": message.text}]  # plain text must be the first
    if message.html is not None:
        contents.append({"type": "text/html", "value": message.html})
    body: dict[str, Any] = {
        "personalizations": [{"to": [{"email": to}], "custom_args": {"id": message.id}}],
        "from": {"email": on_the_wire(sender.address)},
        "subject": message.subject,
        "content": contents,
        "headers": {"Auto-Submitted": "auto-generated", "Content-Language": message.language},
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
            "subscription_tracking": {"enable": False},
        },
    }
    if sender.name:
        body["from"]["name"] = sender.name
    if sender.reply_to is not None:
        body["reply_to"] = {"email": on_the_wire(sender.reply_to)}
    return body


def _of_fields(answer: Answer) -> Delivery:
    """A refusal that names fields: whose fault it is. Its texts may quote the address and are left unread."""
    if not 400 <= answer.status < 500:
        return TryLater(THROTTLED, f"it answers with {answer.status}, which is none of its statuses", perhaps_sent=True)
    told = answer.json()
    errors = told.get("errors") if isinstance(told, dict) else None
    entries = errors if isinstance(errors, list) else []
    fields = [entry["field"] for entry in entries if isinstance(entry, dict) and isinstance(entry.get("field"), str)]
    named = [field for field in fields if _FIELD.fullmatch(field)]
    if any(_OF_ADDRESS.match(field) for field in named):
        return AddressGone("it refuses the address")
    if any(field.startswith("from") for field in named):
        return bad_settings("it refuses the sender's address")
    return permanent(f"it refuses the message with {answer.status} {' '.join(named[:3])}".rstrip())
