"""Push messages to browsers (RFC 8030), over the push service of whoever made the browser.

The service sees endpoint, time, length, TTL, urgency and topic; the message itself is encrypted for the browser alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from notify.address import BadAddress
from notify.channel import TIME_LIMIT
from notify.delivery import AFTER, AddressGone, Delivered, Delivery, TryLater, bad_address_here, permanent
from notify.discreet import Discreet
from notify.es256 import base64url
from notify.exchange import Answer, Request, ask, refused
from notify.host_list import HostList
from notify.message import Notice
from notify.push_subscription import PushSubscription
from notify.sending import Attempt, Sender
from notify.vapid import Vapid
from notify.webpush_encryption import TooLarge, encrypted
from notify.webpush_payload import payload

if TYPE_CHECKING:
    from aiohttp import ClientSession

WELL_KNOWN = (
    "fcm.googleapis.com",
    "*.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)
"""The push services of Chrome and its relatives, Firefox, Safari, Edge on Windows."""
LONGEST_LIFE = 28 * 24 * 3600
"""Seconds that a push service keeps a message: Google's four weeks. For a notice without an end."""
THROTTLED = 60.0
"""Seconds to wait where a 429 does not say how long."""
_ID = re.compile(r"[A-Za-z0-9._~:%=-]{1,400}")


class WebPushSettings(Discreet, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be set."""

    not_printed = ("private_key",)

    private_key: str
    """The VAPID key, 32 bytes in base64url. Another one makes every subscription worthless: they are made for it."""
    contact: str
    """Whom a push service writes to about this sender: `mailto:…` or `https://…`."""
    hosts: tuple[str, ...] = WELL_KNOWN
    """The push services that subscriptions may lead to: `push.example`, `push.example:8443`, `*.push.example`."""

    def __post_init__(self) -> None:
        """Raises ValueError."""
        self.vapid()
        HostList(self.hosts)

    def vapid(self) -> Vapid:
        """The sender. Raises ValueError."""
        return Vapid(self.private_key, self.contact)

    def __repr__(self) -> str:
        """Without the key."""
        return f"WebPushSettings({self.contact})"


class WebPush(Sender[Notice]):
    """The channel `webpush`; an address is a browser's subscription as JSON (`PushSubscription`).

    A subscription that leads beside the hosts of the settings is AddressGone: it is no address of this hub.
    Delivered carries the last part of the message's URL at the service, or Apple's `apns-id`.
    """

    name = "webpush"
    takes = Notice

    def __init__(
        self,
        settings: WebPushSettings,
        *,
        session: ClientSession,
        clock: Callable[[], int],
        time_limit: float = TIME_LIMIT,
    ) -> None:
        super().__init__(clock=clock, time_limit=time_limit)
        self._vapid = settings.vapid()
        self._hosts = HostList(settings.hosts)
        self._session = session

    @property
    def public_key(self) -> str:
        """The application server key, in base64url: what a page subscribes with."""
        return self._vapid.public_key

    def masked(self, address: str) -> str:
        """The service and four letters: `fcm.googleapis.com…x9Qk`."""
        try:
            subscription, origin = self._read(address)
        except BadAddress:
            return "…"
        return f"{origin.removeprefix('https://')}…{subscription.endpoint[-4:]}"

    async def _send(self, address: str, message: Notice, attempt: Attempt) -> Delivery:
        try:
            subscription, origin = self._read(address)
        except BadAddress as error:
            return AddressGone(str(error))
        try:
            body = encrypted(payload(message), subscription.browser_key(), subscription.auth_secret())
        except TooLarge as error:
            return permanent(str(error))
        request = Request("POST", subscription.endpoint, self._headers(message, origin), body, exact=True)
        answer = await ask(self._session, request, attempt)
        return self._judged(answer) if isinstance(answer, Answer) else answer

    def _read(self, address: str) -> tuple[PushSubscription, str]:
        """The subscription and its service's origin. Raises BadAddress."""
        subscription = PushSubscription.read(address)
        origin = self._hosts.origin(subscription.endpoint)
        if origin is None:
            raise BadAddress("the endpoint is at no push service of the settings: see hosts")
        return subscription, origin

    def _headers(self, notice: Notice, origin: str) -> dict[str, str]:
        """RFC 8030 section 5; the topic is a hash, as the service reads it and has no use for our names."""
        now = self._clock()
        left = LONGEST_LIFE if notice.expires_at is None else (notice.expires_at - now) // 1000
        return {
            "Authorization": self._vapid.authorization(origin, now=now),
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(min(left, LONGEST_LIFE)),
            "Urgency": notice.urgency.value,
            "Topic": topic(notice.collapse_key),
        }

    def _judged(self, answer: Answer) -> Delivery:
        """What the answer's status means (RFC 8030 sections 5 and 7, RFC 8292 section 4.2)."""
        status = answer.status
        if status in (201, 202):
            return Delivered(_id(answer))
        if status in (404, 410):
            return AddressGone(f"the push service answers {status}: the subscription is gone")
        if status in (401, 403):
            # A subscription that was made for another key is refused so, too: whoever registers one stops no other's.
            return bad_address_here(f"the push service refuses the VAPID key or its contact with {status}")
        if status == 413:
            return permanent("the push service refuses the message as too large")
        if status == 429:
            after = answer.retry_after(now=self._clock(), default=THROTTLED)
            return TryLater(after, "too many requests", of_address=True)
        if status >= 500:
            return TryLater(answer.retry_after(now=self._clock()), f"the push service fails with {status}")
        if status < 300:
            return TryLater(AFTER, f"it answers {status}, which no push service does", perhaps_sent=True)
        # The path is the subscriber's, and with it what the service makes of it.
        known = refused(status)
        return bad_address_here(known.why) if known else permanent(f"the push service refuses it with {status}")


def topic(key: str) -> str:
    """The 32 letters of base64url that a Topic may have (RFC 8030 section 5.4), the same for the same key."""
    return base64url(sha256(key.encode()).digest())[:32]


def _id(answer: Answer) -> str | None:
    told = answer.headers.get("apns-id") or answer.headers.get("Location", "").rpartition("/")[2]
    return told if _ID.fullmatch(told) else None
