"""Which channels there are, and how each is made from its settings.

Those of this package are written out below. Others come from installed packages by their entry point of the group
`approvals_hub.channel`: `name = "package.module:make"`, where `make(settings, given)` returns a Channel. Nothing of a
package is loaded unless the settings name it, and no package can take the name of a channel written out here.
"""

from __future__ import annotations

import inspect
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from notify.channel import TIME_LIMIT, Channel
from notify.guarded import Dial, guarded_session
from notify.message import Message
from notify.networks import Network

if TYPE_CHECKING:
    from aiohttp import ClientSession

GROUP = "approvals_hub.channel"
METHODS = ("send", "close")
_NAME = re.compile(r"[a-z][a-z0-9_]{1,31}")

T = TypeVar("T", bound=msgspec.Struct)
Settings = Mapping[str, Any]
"""The table of one channel, as the operator wrote it."""


class BadSettings(ValueError):
    """A channel cannot be made as the settings say. The text says what to change, and quotes no secret."""


@dataclass(frozen=True, slots=True)
class Given:
    """What channels get of the world around them. Whoever made it closes it; channels of vendors open no session."""

    vendors: Callable[[], ClientSession]
    """The session for vendors' hosts that the settings name, always the same one; opened when it is first asked for."""
    tls: ssl.SSLContext
    """Verifies servers that are not reached over HTTP."""
    clock: Callable[[], int]
    """Milliseconds since 1970 UTC."""
    own_tls: Callable[[], ssl.SSLContext] = ssl.create_default_context
    """Makes a context that verifies servers, for a channel that puts a protocol of its own into it."""
    time_limit: float = TIME_LIMIT
    """Seconds that one `send` may take."""
    dial: Dial | None = None
    """Connects channels that speak no HTTP, where somebody else than the operator names the server."""
    open_guarded: Callable[[tuple[Network, ...]], ClientSession] = guarded_session
    """Opens the session of webhooks, given the networks that are allowed beside the public ones."""

    @property
    def session(self) -> ClientSession:
        """The one for vendors, for a channel that calls them over HTTP: the others load no HTTP client."""
        return self.vendors()


Make = Callable[[Settings, Given], Channel[Any]]


def _smtp(settings: Settings, given: Given) -> Channel[Any]:
    from notify.smtp import Smtp, SmtpSettings

    found = read(settings, SmtpSettings)
    return Smtp(found, tls=given.tls, clock=given.clock, time_limit=given.time_limit, dial=given.dial)


def _sendgrid(settings: Settings, given: Given) -> Channel[Any]:
    from notify.sendgrid import SendGrid, SendGridSettings

    found = read(settings, SendGridSettings)
    return SendGrid(found, session=given.session, clock=given.clock, time_limit=given.time_limit)


def _sms(settings: Settings, given: Given) -> Channel[Any]:
    from notify.sms import Sms, SmsSettings

    return Sms(read(settings, SmsSettings), session=given.session, clock=given.clock, time_limit=given.time_limit)


def _webpush(settings: Settings, given: Given) -> Channel[Any]:
    from notify.webpush import WebPush, WebPushSettings

    found = read(settings, WebPushSettings)
    return WebPush(found, session=given.session, clock=given.clock, time_limit=given.time_limit)


def _apns(settings: Settings, given: Given) -> Channel[Any]:
    from notify.apns import Apns, ApnsSettings

    found = read(settings, ApnsSettings)
    return Apns(found, tls=given.own_tls(), clock=given.clock, time_limit=given.time_limit, dial=given.dial)


def _webhook(settings: Settings, given: Given) -> Channel[Any]:
    from notify.webhook import Webhook, WebhookSettings

    found = read(settings, WebhookSettings)
    return Webhook(found, clock=given.clock, time_limit=given.time_limit, open_session=given.open_guarded)


def _fcm(settings: Settings, given: Given) -> Channel[Any]:
    from notify.fcm import Fcm, FcmSettings

    found = read(settings, FcmSettings)
    try:
        return Fcm(found, session=given.session, clock=given.clock, time_limit=given.time_limit)
    except ModuleNotFoundError as error:
        raise BadSettings(f"install approvals-hub[fcm]: {error.name} is missing") from None
    except ValueError as error:
        raise BadSettings(str(error)) from None


def _relay(settings: Settings, given: Given) -> Channel[Any]:
    from notify.relay import Relay, RelaySettings

    return Relay(read(settings, RelaySettings), session=given.session, clock=given.clock, time_limit=given.time_limit)


def _slack(settings: Settings, given: Given) -> Channel[Any]:
    from notify.slack import Slack, SlackSettings

    return Slack(read(settings, SlackSettings), session=given.session, clock=given.clock, time_limit=given.time_limit)


def _teams(settings: Settings, given: Given) -> Channel[Any]:
    from notify.teams import Teams, TeamsSettings

    return Teams(read(settings, TeamsSettings), session=given.session, clock=given.clock, time_limit=given.time_limit)


CHANNELS: Mapping[str, Make] = {
    "smtp": _smtp,
    "sendgrid": _sendgrid,
    "sms": _sms,
    "webpush": _webpush,
    "apns": _apns,
    "fcm": _fcm,
    "relay": _relay,
    "webhook": _webhook,
    "slack": _slack,
    "teams": _teams,
}
"""Every channel of this package by its name in settings."""


def load(settings: Mapping[str, Settings], given: Given) -> dict[str, Channel[Any]]:
    """The channels that the settings name, each with its table. Raises BadSettings.

    A package that fails while it is loaded is BadSettings too: the hub does not start with less than was asked for.
    """
    return {name: _made(name, table, given) for name, table in settings.items()}


def read(settings: Settings, kind: type[T]) -> T:
    """The settings of one channel, checked. Raises BadSettings, with the setting's name and what it must be."""
    try:
        return msgspec.convert(settings, kind)
    except msgspec.ValidationError as error:
        raise BadSettings(str(error)) from None


def _made(name: str, table: Settings, given: Given) -> Channel[Any]:
    if not _NAME.fullmatch(name):
        raise BadSettings("a channel's name is one word of lower-case letters, digits and underscores")
    make = CHANNELS.get(name) or _from_package(name)
    try:
        channel = make(table, given)
    except BadSettings as error:
        raise BadSettings(f"channel {name}: {error}") from None
    _require_channel(name, channel)
    return channel


def _from_package(name: str) -> Make:
    """The one entry point of this name, loaded. Two packages that offer it are an error: neither may win by chance."""
    # The same package may be found twice, in two folders of the path: the first is what Python imports.
    packages: dict[str, EntryPoint] = {}
    for entry in entry_points(group=GROUP, name=name):
        packages.setdefault(entry.dist.name if entry.dist is not None else entry.value, entry)
    if not packages:
        known = ", ".join(CHANNELS)
        raise BadSettings(
            f"no channel is called {name}: there are {known}, and those of installed packages with an entry point in "
            f"the group {GROUP}"
        )
    if len(packages) > 1:
        raise BadSettings(f"{' and '.join(sorted(packages))} both offer the channel {name}: uninstall one")
    entry = next(iter(packages.values()))
    try:
        make: Make = entry.load()
    except Exception as error:
        # Whatever a stranger's module does while it is imported.
        raise BadSettings(f"channel {name}: {entry.value} cannot be loaded: {type(error).__name__}") from error
    if not callable(make):
        raise BadSettings(f"channel {name}: {entry.value} is no function that makes a channel")
    return make


def _require_channel(name: str, channel: Any) -> None:
    """Raises BadSettings for what a package returned and is no Channel, or one under another's name."""
    if getattr(channel, "name", None) != name:
        raise BadSettings(f"channel {name}: what was made does not call itself so")
    missing = [method for method in METHODS if not inspect.iscoroutinefunction(getattr(channel, method, None))]
    if missing:
        raise BadSettings(f"channel {name}: it has no coroutine {', '.join(missing)}")
    takes = getattr(channel, "takes", None)
    if not callable(getattr(channel, "masked", None)) or not (isinstance(takes, type) and issubclass(takes, Message)):
        raise BadSettings(f"channel {name}: it does not say what it takes, or how an address is shown")
