"""Events for other programs, as Standard Webhooks (https://www.standardwebhooks.com).

The URL is somebody else's: it is reached over a session that knows no way into inner networks (`guarded.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import msgspec

from notify.address import BadAddress
from notify.channel import TIME_LIMIT
from notify.delivery import AddressGone, Delivered, Delivery, TryLater, bad_settings, permanent
from notify.exchange import Answer, Request, ask, refused
from notify.guarded import guarded_session
from notify.message import Event
from notify.networks import Network, networks
from notify.sending import Attempt, Sender
from notify.webhook_endpoint import WebhookEndpoint

if TYPE_CHECKING:
    from aiohttp import ClientSession

LARGEST = 256 * 1024
"""Bytes of a body; receivers commonly refuse more, and a large thing is fetched instead."""
THROTTLED = 60.0
"""Seconds to wait where a 429 does not say how long."""
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]


class WebhookSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be set."""

    ports: tuple[Port, ...] = (443, 8443)
    """Where endpoints may listen: every other port may be a service that takes what it is sent for a command."""
    private_networks: tuple[str, ...] = ()
    """Inner networks that endpoints may be in, as `10.1.2.0/24`. Whoever may set an endpoint can call all of it."""

    def __post_init__(self) -> None:
        """Raises ValueError."""
        self.allowed()

    def allowed(self) -> tuple[Network, ...]:
        """The networks. Raises ValueError."""
        return networks(self.private_networks)


Open = Callable[[tuple[Network, ...]], "ClientSession"]


class Webhook(Sender[Event]):
    """The channel `webhook`; an address is `WebhookEndpoint` as JSON. Its answers carry no id.

    Every status from 200 to 299 says that the event was taken; of what stands in the answer nothing is used or told.
    """

    name = "webhook"
    takes = Event

    def __init__(
        self,
        settings: WebhookSettings,
        *,
        clock: Callable[[], int],
        time_limit: float = TIME_LIMIT,
        open_session: Open = guarded_session,
    ) -> None:
        """`open_session` is given the networks that are allowed beside the public ones; the channel closes it."""
        super().__init__(clock=clock, time_limit=time_limit)
        self._ports = settings.ports
        self._allowed = settings.allowed()
        self._open = open_session
        self._session: ClientSession | None = None

    def masked(self, address: str) -> str:
        """`hooks.example.com…f3a1`."""
        try:
            return self._read(address).masked()
        except BadAddress:
            return "…"

    async def close(self) -> None:
        """Close the session; the next event opens another."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _send(self, address: str, message: Event, attempt: Attempt) -> Delivery:
        try:
            endpoint = self._read(address)
        except BadAddress as error:
            return AddressGone(str(error))
        body = message.body()
        if len(body) > LARGEST:
            return permanent(f"an event has room for {LARGEST} bytes")
        headers = endpoint.signed(id_=message.id, at=self._clock() // 1000, body=body)
        request = Request("POST", endpoint.url, {"Content-Type": "application/json", **headers}, body, exact=True)
        if self._session is None:
            self._session = self._open(self._allowed)
        answer = await ask(self._session, request, attempt)
        return self._judged(answer) if isinstance(answer, Answer) else answer

    def _read(self, address: str) -> WebhookEndpoint:
        return WebhookEndpoint.read(address, ports=self._ports, allowed=self._allowed)

    def _judged(self, answer: Answer) -> Delivery:
        """What a status means, by the specification's section on responses; 410 says that nobody wants events here."""
        status = answer.status
        if 200 <= status < 300:
            return Delivered()
        if status == 410:
            return AddressGone("the endpoint answers 410: it takes no events any more")
        if status in (408, 425, 429):
            return TryLater(answer.retry_after(now=self._clock(), default=THROTTLED), f"the endpoint answers {status}")
        if status >= 500:
            return TryLater(answer.retry_after(now=self._clock()), f"the endpoint fails with {status}")
        if 300 <= status < 400:
            return bad_settings(f"the endpoint answers with a redirect ({status}), which is not followed")
        return refused(status) or permanent(f"the endpoint refuses the event with {status}")
