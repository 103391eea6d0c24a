"""Makes what the settings name, and loads nothing else: step-up providers and channels, ours and installed packages'."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from approvals_hub.core.errors import Invalid

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from identity.provider import Provider
    from identity.webauthn import RelyingParty
    from notify.channel import Channel

ALWAYS = ("totp", "webauthn")
"""Ways that need no vendor and no settings."""
SENDING_SECONDS = 7.0
"""How long one message may take: a step-up waits a little longer for it (`identity.one_time_code.SENDING_LIMIT`)."""

Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Given:
    """What providers and channels get of this hub."""

    relying_party: RelyingParty
    clock: Callable[[], int]
    code_key: bytes = field(repr=False)
    folder: Path
    """Where relative paths in settings start."""
    vendors: Callable[[], ClientSession]
    """Opens the HTTP session for vendors, for whoever needs it."""


@dataclass(frozen=True, slots=True)
class Channels:
    """The ways to send mail and SMS; None where the settings name none."""

    mail: Channel[Any] | None = None
    sms: Channel[Any] | None = None

    async def close(self) -> None:
        """End what they keep open."""
        for channel in (self.mail, self.sms):
            if channel is not None:
                await channel.close()


NOTHING = Channels()


def channels(mail: Table, sms: Table, given: Given) -> Channels:
    """The channels of the settings. Raises Invalid, which names the table and what to change.

    Where a member is called `…_file`, what it is for stands in that file: no password has to stand in the settings.
    `ca_file` names the authority of a mail server that no public one vouches for.
    """
    made_mail = None
    if mail:
        kind = mail.get("kind")
        if not isinstance(kind, str):
            raise _wrong("mail", "kind says how mail is sent: smtp, sendgrid or an installed channel", _CHANNELS)
        made_mail = _channel("mail", kind, {name: value for name, value in mail.items() if name != "kind"}, given)
    return Channels(made_mail, _channel("sms", "sms", sms, given) if sms else None)


def step_up_providers(tables: Mapping[str, Table], given: Given, sending: Channels = NOTHING) -> dict[str, Provider]:
    """The step-up providers of the settings. Raises Invalid, which names the table and what to change.

    A table with `off = true` takes a way away; those of `ALWAYS` are there otherwise.
    """
    named = {**{name: {} for name in ALWAYS}, **tables}
    wanted = {}
    for name, table in named.items():
        if "off" in table and type(table["off"]) is not bool:
            raise _wrong(f"step_up.{name}", "off is true or false", _STEP_UP)
        if not table.get("off", False):
            wanted[name] = {member: value for member, value in table.items() if member != "off"}
    return made("step_up", wanted, given, sending)


def made(place: str, tables: Mapping[str, Table], given: Given, sending: Channels) -> dict[str, Provider]:
    """Providers of these tables, which stand at `place` in the settings. Raises Invalid."""
    from approvals_hub.notifications.codes import mail_sender, text_sender
    from identity import registry

    try:
        return registry.load(
            {
                name: _with_secrets(f"{place}.{name}", table, given, ("client_secret",))
                for name, table in tables.items()
            },
            registry.Given(
                relying_party=given.relying_party,
                clock=given.clock,
                code_key=given.code_key,
                send_mail=None if sending.mail is None else mail_sender(sending.mail, given.clock),
                send_text=None if sending.sms is None else text_sender(sending.sms, given.clock),
                folder=given.folder,
                vendors=given.vendors,
            ),
        )
    except registry.BadSettings as error:
        raise _wrong(place, str(error), _STEP_UP) from error


def _channel(place: str, kind: str, table: Table, given: Given) -> Channel[Any]:
    from notify import registry
    from notify.message import Mail, ShortText

    own = _with_secrets(place, table, given, None)
    authority = own.pop("ca_file", None)
    try:
        tls = ssl.create_default_context(cafile=None if authority is None else str(given.folder / authority))
    except (OSError, TypeError) as error:
        raise _wrong(f"{place}.ca_file", f"it cannot be read: {type(error).__name__}", _CHANNELS) from None
    told = registry.Given(session=given.vendors(), tls=tls, clock=given.clock, time_limit=SENDING_SECONDS)
    try:
        channel = registry.load({kind: own}, told)[kind]
    except registry.BadSettings as error:
        raise _wrong(place, str(error), _CHANNELS) from error
    if channel.takes is not {"mail": Mail, "sms": ShortText}[place]:
        raise _wrong(place, f"the channel {kind} sends something else", _CHANNELS)
    return channel


def _with_secrets(place: str, table: Table, given: Given, names: tuple[str, ...] | None) -> dict[str, Any]:
    """The table, where each `NAME_file` is replaced by NAME with what the file holds; `names` None: every one."""
    found: dict[str, Any] = {}
    for name, value in table.items():
        secret = name.removesuffix("_file")
        if isinstance(value, dict) and names is None:
            found[name] = _with_secrets(f"{place}.{name}", value, given, names)
        elif secret == name or name == "ca_file" or (names is not None and secret not in names):
            found[name] = value
        elif secret in table:
            raise _wrong(f"{place}.{name}", f"{secret} and {name} are both set", "Set one of them.")
        else:
            try:
                found[secret] = (given.folder / value).read_text(encoding="utf-8").strip()
            except (OSError, TypeError, ValueError) as error:
                raise _wrong(f"{place}.{name}", f"it cannot be read: {type(error).__name__}", _CHANNELS) from None
    return found


_STEP_UP = "See docs/howto/add_a_step_up_provider.md."
_CHANNELS = "See docs/howto/send_mail_and_sms.md."


def _wrong(place: str, what: str, next_step: str) -> Invalid:
    return Invalid("setting_wrong", what, next_step=next_step, field=place)
