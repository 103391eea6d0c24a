"""Wakes native apps of another publisher, through the relay that this publisher runs (docs/howto/native_app_relay.md).

A store app's keys at Apple and Google belong to its publisher. The relay has them, and is told nothing: the message's
id, two keyed hashes, how long it is worth anything and how urgent it is. No word of a message leaves the hub on this
way. The app shows the relay's neutral words, fetches the rest from its own hub, and says there that it was woken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from notify.address import BadAddress
from notify.channel import TIME_LIMIT
from notify.delivery import AddressGone, Delivery
from notify.exchange import Answer, Request, answered, ask, require_url
from notify.message import Notice, Urgency
from notify.relay_answer import judged
from notify.relay_device import RelayDevice
from notify.sending import Attempt, Sender

if TYPE_CHECKING:
    from aiohttp import ClientSession

LONGEST_LIFE = 28 * 24 * 3600
"""Seconds that a notice without an end is kept for a phone that is off."""
WAKES = "/v1/wakes"


class RelaySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be set. There is no key: a handle alone wakes, and one key for all would tell the relay which handles
    are of the same hub."""

    url: str
    """The relay's address without a path, as its apps name it: `https://push.example.com`."""

    def __post_init__(self) -> None:
        """Raises ValueError."""
        require_url(self.url)
        parts = urlsplit(self.url)
        if self.url != f"{parts.scheme}://{parts.netloc}":
            raise ValueError("the relay's URL is https:// and a host, without a path or a slash at its end")


class Relay(Sender[Notice]):
    """The channel `relay`; an address is `RelayDevice` as JSON. Delivered carries the vendor's id: the relay's word for
    it, and no more. That a phone was woken its app says to the hub itself."""

    name = "relay"
    takes = Notice

    def __init__(
        self,
        settings: RelaySettings,
        *,
        session: ClientSession,
        clock: Callable[[], int],
        time_limit: float = TIME_LIMIT,
    ) -> None:
        super().__init__(clock=clock, time_limit=time_limit)
        self._url = settings.url
        self._session = session

    def masked(self, address: str) -> str:
        """Four letters of the handle: `…x9Qk`."""
        try:
            return f"…{RelayDevice.read(address, relay=self._url).handle[-4:]}"
        except BadAddress:
            return "…"

    async def rehearse(self) -> Delivery | None:
        """Look whether the relay answers."""
        return await self._within_limit(lambda attempt: answered(self._session, self._url))

    async def _send(self, address: str, message: Notice, attempt: Attempt) -> Delivery:
        try:
            device = RelayDevice.read(address, relay=self._url)
        except BadAddress as error:
            return AddressGone(str(error))
        body = msgspec.json.encode(
            {
                "id": message.id,
                "topic": device.topic(message.id),
                "collapse": device.collapse(message.collapse_key),
                "ttl": self._ttl(message),
                "priority": "high" if message.urgency is Urgency.HIGH else "normal",
            }
        )
        headers = {"Authorization": f"Bearer {device.handle}", "Content-Type": "application/json"}
        answer = await ask(self._session, Request("POST", self._url + WAKES, headers, body), attempt)
        return judged(answer, now=self._clock()) if isinstance(answer, Answer) else answer

    def _ttl(self, notice: Notice) -> int:
        """Seconds, one at least, and never longer than the question lives: the relay's clock may be another."""
        if notice.expires_at is None:
            return LONGEST_LIFE
        return max(1, min((notice.expires_at - self._clock()) // 1000, LONGEST_LIFE))
