"""The relay's settings: one TOML file. A wrong one is an error, and so is one that is not known."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import msgspec

from approvals_hub import config
from approvals_hub.core.discreet import Discreet
from approvals_hub.core.errors import Invalid

_GUIDE = "See docs/howto/native_app_relay.md."


class Listen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the relay waits for connections."""

    host: str = "127.0.0.1"
    """The address to listen on. Keep it local where a reverse proxy on the same computer speaks https."""
    port: int = 8430
    """The port to listen on, 1 to 65535."""


class Log(config.Log, frozen=True, forbid_unknown_fields=True):
    """What the relay writes to standard error."""


class Settings(Discreet, msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set."""

    not_printed = ("apns", "fcm")

    public_url: str
    """The address that apps and hubs call, without a path: https, except on this computer."""
    data: Path = Path("relay-data")
    """The relay's own folder, on a local disk: its database and key. A relative path starts where the settings lie."""
    apns: dict[str, Any] = {}
    """The publisher's keys at Apple, as in a hub's table of kind `apns`; `key_file` starts where the settings lie."""
    fcm: dict[str, Any] = {}
    """The publisher's service account at Google, as in a hub's table of kind `fcm`."""
    trusted_proxies: list[str] = []
    """Addresses or networks of reverse proxies: only they say who calls (X-Forwarded-For)."""
    extra_hosts: list[str] = []
    """Further hosts that requests may be for beside that of `public_url`."""
    handle_days: int = 365
    """A handle ends when its app has not told its token for so many days, 1 to 3650."""
    most_handles: int = 1_000_000
    """New handles are refused when there are so many."""
    listen: Listen = Listen()
    log: Log = Log()


def load(file: Path) -> Settings:
    """The settings, with every path made absolute and every secret read. Raises Invalid; its `field` is the setting."""
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise _wrong("config", f"{file}: {error.strerror}", "Check the path and who may read it.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong("config", f"{file} is not TOML: {error}") from None
    try:
        settings = msgspec.convert(tables, Settings, dec_hook=lambda kind, value: Path(value))
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        raise _wrong(where.rstrip("`") or "settings", what) from None
    return _completed(settings, file.absolute().parent)


def _completed(settings: Settings, folder: Path) -> Settings:
    if not 1 <= settings.listen.port <= 65535:
        raise _wrong("listen.port", f"{settings.listen.port} is no port")
    if not 1 <= settings.handle_days <= 3650:
        raise _wrong("handle_days", "it is from 1 to 3650")
    if settings.most_handles < 1:
        raise _wrong("most_handles", "it is 1 or more")
    if not settings.apns and not settings.fcm:
        raise _wrong("apns", "a relay has the keys of an app: a table [apns], a table [fcm], or both")
    try:
        for network in settings.trusted_proxies:
            ip_network(network)
    except ValueError as error:
        raise _wrong("trusted_proxies", str(error)) from None
    return msgspec.structs.replace(
        settings,
        public_url=config.check_public_url(settings.public_url),
        data=folder / settings.data,
        apns=_with_secrets("apns", settings.apns, folder),
        fcm=_with_secrets("fcm", settings.fcm, folder),
    )


def _with_secrets(place: str, table: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The table, where each `NAME_file` is replaced by NAME with what the file holds; `ca_file` is a path."""
    found: dict[str, Any] = {}
    for name, value in table.items():
        plain = name.removesuffix("_file")
        try:
            if name == "ca_file":
                found[name] = folder / value
            elif plain == name:
                found[name] = value
            elif plain in table:
                raise _wrong(f"{place}.{name}", f"{plain} and {name} are both set", "Set one of them.")
            else:
                found[plain] = (folder / value).read_text(encoding="utf-8").strip()
        except (OSError, TypeError, UnicodeDecodeError) as error:
            raise _wrong(f"{place}.{name}", f"it cannot be read: {type(error).__name__}") from None
    return found


def _wrong(setting: str, what: str, fix: str = _GUIDE) -> Invalid:
    return Invalid("setting_wrong", what, next_step=fix, field=setting)
