"""The hub's settings: one file, the environment over it, the command line over both. A wrong one is an error.

Values come from `hub.toml`, then from variables like `APPROVALS_HUB__LISTEN__PORT`, then from the command line.
`docs/reference/settings.md` is written from the texts beside the fields.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_origin, get_type_hints
from urllib.parse import urlsplit

import msgspec

from approvals_hub.core.discreet import Discreet
from approvals_hub.core.errors import Invalid
from approvals_hub.domain.hub_limits import HubLimits
from approvals_hub.notifications.allowed import DeliveryLog, OwnChannels

ENVIRONMENT = "APPROVALS_HUB__"
FILE_NAME = "hub.toml"
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class Listen(msgspec.Struct, frozen=True):
    """Where the hub waits for connections."""

    host: str = "127.0.0.1"
    """The address to listen on. Keep it local where a reverse proxy on the same computer speaks https."""
    port: int = 8420
    """The port to listen on, 1 to 65535."""


class Database(Discreet, msgspec.Struct, frozen=True):
    """Where the hub keeps its data."""

    not_printed = ("url",)  # it may hold a password
    url: str = "sqlite:hub.db"
    """`sqlite:PATH` (a relative path starts at the data folder) or `postgresql://USER@HOST/NAME`."""
    url_file: Path | None = None
    """A file that holds the URL, for one with a password in it; instead of `url`."""


class Log(msgspec.Struct, frozen=True):
    """What the hub writes to standard error while it serves."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important line that is written."""
    format: Literal["text", "json"] = "text"
    """`text` for people, `json` (one object a line) for programs."""


class Audit(msgspec.Struct, frozen=True):
    """The audit logs."""

    checkpoints: Path = Path("checkpoints")
    """Where the newest signed ones go, best another disk: a database cut back shows. Relative paths start at `data`."""


class Recovery(msgspec.Struct, frozen=True):
    """How somebody who lost every key gets a new one: docs/howto/lost_phone.md."""

    key_wait_seconds: int = 86_400
    """How long a new key waits before it counts, 60 to 2592000: time in which its person can say that it is not theirs.
    As long must a colleague have had a key to decide about somebody else's."""
    link_wait_seconds: int = 86_400
    """How long the link waits that `people recover` makes for the only owner, 60 to 2592000."""


class Settings(msgspec.Struct, frozen=True):
    """Everything that can be set."""

    public_url: str = ""
    """The address that people type and agents sign for, without a path. Passkeys belong to its host name. It is
    https, except on this computer. Default: `http://localhost` and the port."""
    data: Path = Path("data")
    """The data folder: on SQLite one hub at a time, on a local disk. A relative path starts at the present folder."""
    key_file: Path = Path("keys/kek")
    """The keys that encrypt all other keys; only the hub's user may read it. A relative path starts at `data`."""
    trusted_proxies: list[str] = []
    """Addresses or networks of reverse proxies, like `10.0.0.0/8`: only they say who calls (X-Forwarded-For)."""
    extra_hosts: list[str] = []
    """Further hosts that requests may be for beside that of `public_url`, with the port unless it is the usual one."""
    shutdown_seconds: float = 8.0
    """How long a stopping hub gives those who wait to take their answer, 0 to 60."""
    offline_page: bool = True
    """Let browsers keep the page, open it without a network and be pushed to; `false` takes that back from all."""
    step_up: dict[str, dict[str, Any]] = {}
    """Ways to prove who one is, a table each (`[step_up.bankid]`); `totp` and `webauthn` are there, unless `off`."""
    sign_in: dict[str, dict[str, Any]] = {}
    """Ways to sign in beside passkeys, a table each (`[sign_in.company]`): docs/howto/sign_in.md."""
    mail: dict[str, Any] = {}
    """How mail is sent: `kind = "smtp"` or `"sendgrid"` and what that needs: docs/howto/send_mail_and_sms.md."""
    sms: dict[str, Any] = {}
    """How SMS are sent: `sender` and a gateway, `[sms.gateway]`: docs/howto/send_mail_and_sms.md."""
    channels: dict[str, dict[str, Any]] = {}
    """Ways to tell people, a table each (`[channels.phone]`), beside `mail` and `sms`: docs/howto/reach_people.md."""
    callbacks: dict[str, Any] = {}
    """How agents' programs are called back: `ports` and `private_networks`, docs/howto/add_an_agent.md."""
    listen: Listen = Listen()
    database: Database = Database()
    log: Log = Log()
    audit: Audit = Audit()
    recovery: Recovery = Recovery()
    own_channels: OwnChannels = OwnChannels()
    delivery_log: DeliveryLog = DeliveryLog()
    limits: HubLimits = HubLimits()

    @property
    def on_sqlite(self) -> bool:
        """Whether one process at a time owns the database, by the lock of the data folder."""
        return self.database.url.startswith("sqlite:")

    @property
    def socket(self) -> Path:
        """Where a serving hub listens for commands of this computer."""
        return self.data / "hub.sock"


def load(file: Path | None, environment: Mapping[str, str], given: Mapping[str, Any] | None = None) -> Settings:
    """The settings, with every path made absolute and every secret read.

    `given` are values of the command line, by dotted name (`listen.port`); None means not given. Without `file` it is
    `hub.toml` of the data folder, else of the present folder, else none. Raises Invalid, whose `field` is the setting.
    """
    over: dict[str, Any] = {}
    for place, value in _environment(environment):
        _put(over, place, value)
    for name, value in (given or {}).items():
        if value is not None:
            _put(over, name.split("."), value)
    data = Path(over.get("data", "data"))
    if file is None:
        file = next((place for place in (data / FILE_NAME, Path(FILE_NAME)) if place.is_file()), None)
    tables = _read(file) if file is not None else {}
    _check_names(tables, Settings, str(file))
    try:
        settings = msgspec.convert(_merged(tables, over), Settings, dec_hook=_path)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        raise _wrong(where.rstrip("`") or "settings", what) from None
    return _completed(settings)


def check_public_url(url: str) -> str:
    """The URL in its one form. Raises Invalid unless pages from it may use passkeys and keys: a secure context.

    https, or http on this computer alone (W3C Secure Contexts).
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise _wrong("public_url", f"{url} has an impossible port") from None
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or parts.path not in ("", "/") or "@" in parts.netloc:
        raise _wrong("public_url", f"{url!r} is no address like https://approvals.example.com")
    if parts.query or parts.fragment or not re.fullmatch(r"[a-z0-9.:-]+", host):
        raise _wrong("public_url", f"{url!r} is no plain address")
    if parts.scheme == "http" and host not in LOCAL_HOSTS:
        raise _wrong(
            "public_url",
            f"{url} is plain http: phones and browsers use passkeys and signing keys only over https",
            "Put an https proxy in front, or use http://localhost: docs/howto/reach_a_phone.md",
        )
    shown = f"[{host}]" if ":" in host else host
    usual = 443 if parts.scheme == "https" else 80
    return f"{parts.scheme}://{shown}" + (f":{port}" if port not in (None, usual) else "")


def _environment(environment: Mapping[str, str]) -> Iterator[tuple[list[str], Any]]:
    for name, text in sorted(environment.items()):
        if not name.startswith(ENVIRONMENT):
            continue
        place = name.removeprefix(ENVIRONMENT).lower().split("__")
        kind: Any = Settings
        for part in place:
            known = fields_of(kind)
            if part not in known:
                near = _nearest(part, known)
                raise _wrong(name, f"there is no setting {name}", near and f"Did you mean {near.upper()} at its end?")
            kind = known[part]
        if fields_of(kind):
            one = next(iter(fields_of(kind))).upper()
            raise _wrong(name, f"{name} names a table, not a setting", f"Name one, like {name}__{one}.")
        if get_origin(kind) is list:
            yield place, [part.strip() for part in text.split(",") if part.strip()]
            continue
        try:
            yield place, msgspec.convert(text, kind, strict=False, dec_hook=_path)
        except msgspec.ValidationError as error:
            raise _wrong(name, f"{name}: {error}") from None


def fields_of(kind: Any) -> dict[str, Any]:
    """The settings of a table and their types, in order; nothing for a type that is no table."""
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return {}
    hints = get_type_hints(kind)
    return {name: hints[name] for name in kind.__struct_fields__}


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise _wrong("config", f"{file}: {error.strerror}", "Check the path and who may read it.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong("config", f"{file} is not TOML: {error}") from None


def _check_names(table: Mapping[str, Any], kind: Any, where: str, before: str = "") -> None:
    known = fields_of(kind)
    for name, value in table.items():
        if name not in known:
            near = _nearest(name, known)
            fix = f"Did you mean {before}{near}?" if near else "All settings: docs/reference/settings.md"
            raise _wrong(before + name, f"{where}: there is no setting {before}{name}", fix)
        if isinstance(value, dict) and fields_of(known[name]):
            _check_names(value, known[name], where, f"{before}{name}.")


def _completed(settings: Settings) -> Settings:
    if not 1 <= settings.listen.port <= 65535:
        raise _wrong("listen.port", f"{settings.listen.port} is no port")
    if not 0 <= settings.shutdown_seconds <= 60:
        raise _wrong("shutdown_seconds", "it is from 0 to 60")
    for name in ("key_wait_seconds", "link_wait_seconds"):
        if not 60 <= getattr(settings.recovery, name) <= 2_592_000:
            raise _wrong(f"recovery.{name}", "it is from 60 to 2592000")
    _check_networks("trusted_proxies", settings.trusted_proxies)
    _check_networks("own_channels.private_networks", settings.own_channels.private_networks)
    data = settings.data.absolute()
    return msgspec.structs.replace(
        settings,
        public_url=check_public_url(settings.public_url or f"http://localhost:{settings.listen.port}"),
        data=data,
        key_file=data / settings.key_file,
        database=_database(settings.database, data),
        audit=Audit(data / settings.audit.checkpoints),
    )


def _check_networks(name: str, networks: list[str]) -> None:
    for network in networks:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise _wrong(name, str(error)) from None


def _database(database: Database, data: Path) -> Database:
    url = database.url
    if database.url_file is not None:
        if url != Database().url:
            raise _wrong("database.url_file", "database.url and database.url_file are both set", "Set one of them.")
        try:
            url = (data / database.url_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise _wrong("database.url_file", f"{data / database.url_file}: {error}") from None
    if url.startswith("sqlite:") and url != "sqlite:":
        return Database(f"sqlite:{data / url.removeprefix('sqlite:')}")
    if not url.startswith(("postgresql://", "postgres://")):
        raise _wrong("database.url", "it is neither sqlite:PATH nor postgresql://…")  # unsaid: it may hold a password
    return Database(url)


def _path(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str | Path) and str(value):
        return Path(value)
    raise ValueError("Expected a path")


def _merged(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(low)
    for name, value in high.items():
        old = both.get(name)
        both[name] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return both


def _put(tables: dict[str, Any], place: list[str], value: Any) -> None:
    for part in place[:-1]:
        tables = tables.setdefault(part, {})
    tables[place[-1]] = value


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.5)), "")


def _wrong(setting: str, what: str, fix: str = "") -> Invalid:
    return Invalid("setting_wrong", what, next_step=fix or "See docs/reference/settings.md.", field=setting)
