"""Push messages to Apple's devices, for hubs that have an app of their own (APNs over HTTP/2).

https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns

Apple can read what is shown: how much that is, the sender decides.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from notify.address import BadAddress
from notify.apns_answer import SOON, judged
from notify.apns_device import ApnsDevice
from notify.apns_payload import LARGEST, apns_id, payload
from notify.apns_token import ProviderToken, private_key
from notify.channel import TIME_LIMIT
from notify.delivery import AFTER, AddressGone, Delivery, TryLater, bad_settings, permanent
from notify.discreet import Discreet
from notify.guarded import Forbidden
from notify.message import Notice, Urgency
from notify.sending import Attempt, Sender

if TYPE_CHECKING:
    from notify.apns_connection import Connections
    from notify.guarded import Dial

SERVERS = {"production": "api.push.apple.com", "sandbox": "api.sandbox.push.apple.com"}
LONGEST_LIFE = 28 * 24 * 3600
"""Seconds that a notice without an end is kept for a device that is off; Apple keeps none longer than thirty days."""
Apples = Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9]{10}\Z")]


class ApnsSettings(Discreet, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be set."""

    not_printed = ("key",)

    key: str
    """The text of the .p8 file: `key_file` names it in the hub's settings."""
    key_id: Apples
    team_id: Apples
    topic: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9.-]{1,155}\Z")]
    """The app's bundle id."""
    environment: Literal["production", "sandbox"] = "production"
    """`sandbox` for an app that Xcode installed. A token of the one is unknown in the other."""
    host: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9.-]{1,253}\Z")] | None = None
    """Another server than the environment's."""
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 443
    """Apple listens at 2197 as well, for firewalls that let nothing else out."""

    def __post_init__(self) -> None:
        """Raises ValueError."""
        private_key(self.key)

    def __repr__(self) -> str:
        """Without the key."""
        return f"ApnsSettings({self.topic}, {self.environment})"


class Apns(Sender[Notice]):
    """The channel `apns`; an address is `ApnsDevice` as JSON. Delivered carries the `apns-id`."""

    name = "apns"
    takes = Notice

    def __init__(
        self,
        settings: ApnsSettings,
        *,
        tls: ssl.SSLContext,
        clock: Callable[[], int],
        time_limit: float = TIME_LIMIT,
        dial: Dial | None = None,
    ) -> None:
        """`tls` is this channel's own: HTTP/2 is offered in it. Raises ValueError for one that would trust anybody.

        `dial` connects to a server that somebody else named; None connects to wherever it is.
        """
        # Now and not with the first message: it takes half a second, in which the loop would stand still.
        import notify.apns_connection  # noqa: F401 - see above

        super().__init__(clock=clock, time_limit=time_limit)
        if tls.verify_mode != ssl.CERT_REQUIRED or not tls.check_hostname:
            raise ValueError("APNs needs a context that verifies the server and its name")
        tls.set_alpn_protocols(["h2"])
        self._settings = settings
        self._tls = tls
        self._dial = dial
        self._token = ProviderToken(settings.key, key_id=settings.key_id, team_id=settings.team_id, clock=clock)
        self._connections: Connections | None = None

    def masked(self, address: str) -> str:
        """Four digits of the token: `…9f3a`."""
        try:
            return f"…{ApnsDevice.read(address).token[-4:]}"
        except BadAddress:
            return "…"

    async def rehearse(self) -> Delivery | None:
        """Connect to Apple: TLS, HTTP/2, and what it allows. The key is looked at with a message alone."""
        return await self._within_limit(lambda attempt: self._rehearse())

    async def close(self) -> None:
        """End the connection."""
        if self._connections is not None:
            self._connections.close()

    async def _send(self, address: str, message: Notice, attempt: Attempt) -> Delivery:
        from notify.apns_connection import NoHttp2, Unanswered

        try:
            device = ApnsDevice.read(address)
        except BadAddress as error:
            return AddressGone(str(error))
        body = payload(message)
        if len(body) > LARGEST:
            return permanent(f"a notification has room for {LARGEST} bytes")
        try:
            answer = await self._to_apple().ask(f"/3/device/{device.token}", self._headers(message), body, attempt)
        except Unanswered as error:
            return TryLater(AFTER if error.taken else SOON, str(error), perhaps_sent=error.taken)
        except NoHttp2:
            return _no_http2()
        except OSError as error:
            if isinstance(error, TimeoutError):
                raise
            return _of_network(error)
        if answer.reason() == "ExpiredProviderToken" and self._token.renew():
            return TryLater(SOON, "Apple takes the token for too old: the next one is new")
        return judged(answer, id_=apns_id(message), registered_at=device.registered_at)

    async def _rehearse(self) -> Delivery | None:
        from notify.apns_connection import NoHttp2, Unanswered

        try:
            await self._to_apple().opened()
        except Unanswered as error:
            return TryLater(AFTER, str(error))
        except NoHttp2:
            return _no_http2()
        except OSError as error:
            if isinstance(error, TimeoutError):
                raise
            return _of_network(error)
        return None

    def _to_apple(self) -> Connections:
        from notify.apns_connection import Connections

        if self._connections is None:
            settings = self._settings
            host = settings.host or SERVERS[settings.environment]
            self._connections = Connections(
                host,
                settings.port,
                topic=settings.topic,
                token=self._token.get_header,
                tls=self._tls,
                dial=self._dial,
            )
        return self._connections

    def _headers(self, notice: Notice) -> dict[str, str]:
        """A later notice of the same collapse id takes the place of one that is shown or waits."""
        end = notice.expires_at if notice.expires_at is not None else self._clock() + LONGEST_LIFE * 1000
        return {
            "apns-id": apns_id(notice),
            "apns-push-type": "alert",
            "apns-expiration": str(end // 1000),
            "apns-priority": "10" if notice.urgency is Urgency.HIGH else "5",
            "apns-collapse-id": notice.collapse_key,
        }


def _no_http2() -> Delivery:
    return bad_settings("the server speaks no HTTP/2: see host and port")


def _of_network(error: OSError) -> Delivery:
    """What it means that no connection comes about."""
    if isinstance(error, Forbidden):
        return bad_settings(str(error))
    if isinstance(error, ssl.SSLCertVerificationError):
        return bad_settings(f"the server's certificate does not verify: {error.verify_message}")
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        return bad_settings("TLS does not come about: see host and port")
    return TryLater(AFTER, "the server cannot be reached, or hung up")
