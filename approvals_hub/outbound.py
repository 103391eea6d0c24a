"""The only HTTP sessions by which the hub itself calls somebody, and the channels of whom somebody else named."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from ssl import SSLContext
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from approvals_hub.core.discreet import Discreet
from approvals_hub.core.errors import Invalid
from approvals_hub.notifications.allowed import OwnChannels
from approvals_hub.notifications.own_channels import Made
from notify import registry
from notify.address import BadAddress
from notify.guarded import guarded_dial, guarded_session
from notify.host_list import HostList
from notify.networks import networks
from notify.webhook_endpoint import WebhookEndpoint

if TYPE_CHECKING:
    from aiohttp import ClientSession

VENDOR_SECONDS = 10.0
"""The longest that a whole call to a vendor may take; its caller may allow less."""
VENDOR_CONNECTIONS = 400
"""Of one session."""
HOST_CONNECTIONS = 100
"""Of them, to one host: one that takes connections and says nothing must not keep the others of its channel waiting."""
_HEAVY: Mapping[str, str] = {"fcm": "notify.fcm_google", "apns": "notify.apns_connection"}
"""Kind → what takes up to a second to load."""


def vendor_session(tls: SSLContext | None = None) -> ClientSession:
    """A session for hosts that settings name: no cookies, no proxies of the environment, bounded in time.

    `tls` is None for the authorities that this machine trusts.
    Callers refuse redirects themselves (`allow_redirects=False`): a vendor's answer never chooses another host.
    """
    from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

    return ClientSession(
        connector=TCPConnector(
            limit=VENDOR_CONNECTIONS,
            limit_per_host=HOST_CONNECTIONS,
            ttl_dns_cache=60,
            ssl=True if tls is None else tls,
        ),
        cookie_jar=DummyCookieJar(),
        timeout=ClientTimeout(total=VENDOR_SECONDS),
        trust_env=False,
        headers={"User-Agent": "approvals-hub"},
    )


def stranger_session(private_networks: Sequence[str] = (), tls: SSLContext | None = None) -> ClientSession:
    """A session for hosts that a vendor's answer or somebody's browser names: public addresses, and these inner
    networks, alone.

    Raises ValueError for what is no network. Callers refuse redirects, and bound the time of each call.
    """
    return guarded_session(networks(private_networks), tls=tls, per_host=HOST_CONNECTIONS)


class OwnWebhook(Discreet, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The endpoint that an organisation's events go to."""

    not_printed = ("url", "secrets")

    url: Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]
    secrets: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=2)]


class OwnChat(Discreet, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The room that messages go to; `hosts` where it is at another server than the chat's own."""

    not_printed = ("url",)

    url: Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]
    hosts: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class GuardedMaker:
    """Makes the channels of organisations: they reach public addresses, and inner networks that the operator allows.

    `tls` makes a context that verifies servers, `seconds` is how long one message may take. `kept` is such a context
    for the hub's own channels, which change nothing in it; without it, each gets one of its own.
    """

    allowed: OwnChannels
    clock: Callable[[], int]
    tls: Callable[[], SSLContext]
    seconds: float
    kept: SSLContext | None = None
    _loaded: set[str] = field(default_factory=set)
    """Kinds whose modules were loaded to their end: one that is being loaded would be waited for on the loop."""

    def form(self, kind: str) -> type[msgspec.Struct] | None:
        """What may be written for a kind of this hub; None for a kind of an installed package."""
        from notify.apns import ApnsSettings
        from notify.fcm import FcmSettings
        from notify.relay import RelaySettings
        from notify.sendgrid import SendGridSettings
        from notify.sms import SmsSettings
        from notify.smtp import SmtpSettings
        from notify.webpush import WebPushSettings

        forms: dict[str, type[msgspec.Struct]] = {
            "smtp": SmtpSettings,
            "sendgrid": SendGridSettings,
            "sms": SmsSettings,
            "webpush": WebPushSettings,
            "apns": ApnsSettings,
            "fcm": FcmSettings,
            "relay": RelaySettings,
            "webhook": OwnWebhook,
            "slack": OwnChat,
            "teams": OwnChat,
        }
        return forms.get(kind)

    async def prepare(self, kind: str, settings: Mapping[str, Any]) -> None:
        """What is not installed, or is no account, is left to `make`, which says so."""
        module = _HEAVY.get(kind)
        if module is not None and kind not in self._loaded:
            with suppress(ImportError):
                await asyncio.to_thread(import_module, module)
            self._loaded.add(kind)
        if kind == "fcm":
            with suppress(ImportError, ValueError):
                from notify.fcm_google import account_of

                await asyncio.to_thread(account_of, str(settings.get("service_account")))

    async def make(self, kind: str, settings: Mapping[str, Any]) -> Made:
        """One channel. Raises Invalid. Awaits nothing unless it fails."""
        table = self._table(kind, settings)
        inner = networks(self.allowed.private_networks)
        tls = self.tls() if self.kept is None or kind not in registry.CHANNELS else self.kept
        session = guarded_session(inner, tls=tls)
        given = registry.Given(
            vendors=lambda: session,
            tls=tls,
            clock=self.clock,
            own_tls=self.tls,
            time_limit=self.seconds,
            dial=guarded_dial(inner),
            open_guarded=partial(guarded_session, tls=tls),
        )
        try:
            channel = registry.load({kind: table}, given)[kind]
        except registry.BadSettings as error:
            await session.close()
            raise _invalid(str(error)) from None

        async def close() -> None:
            await channel.close()
            await session.close()

        return Made(channel, close)

    def _table(self, kind: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The settings as the channel itself reads them: a room's address is no part of them. Raises Invalid."""
        if kind == "webhook":
            given = {"url": settings["url"], "secrets": list(settings["secrets"])}
            inner = networks(self.allowed.private_networks)
            try:
                WebhookEndpoint.read(
                    msgspec.json.encode(given).decode(), ports=tuple(self.allowed.ports), allowed=inner
                )
            except BadAddress as error:
                raise _invalid(str(error), "$.settings.url") from None
            return {"ports": self.allowed.ports, "private_networks": self.allowed.private_networks}
        if kind in ("slack", "teams"):
            return _chat(kind, settings)
        return dict(settings)


def _chat(kind: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    from notify import slack, teams

    hosts = settings.get("hosts")
    usual = {"slack": slack.WELL_KNOWN, "teams": teams.WELL_KNOWN}[kind]
    try:
        origin = HostList(usual if hosts is None else hosts).origin(settings["url"])
    except (TypeError, ValueError) as error:
        raise _invalid(str(error), "$.settings.hosts") from None
    if origin is None:
        raise _invalid("the URL is no webhook at one of the hosts: see hosts", "$.settings.url")
    return {} if hosts is None else {"hosts": hosts}


def _invalid(what: str, field: str = "$.settings") -> Invalid:
    return Invalid("channel_invalid", what[:300], next_step="See docs/howto/channels_of_your_own.md.", field=field)
