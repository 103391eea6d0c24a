"""Makes what the settings name, and loads nothing else: providers and channels, ours and those of other packages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from approvals_hub.core.authorities import shared, trusting
from approvals_hub.core.errors import Invalid

if TYPE_CHECKING:
    from ssl import SSLContext

    from aiohttp import ClientSession

    from approvals_hub.notifications.outlets import Outlets
    from approvals_hub.stepup.sign_in_way import SignInWay
    from identity.code_mail import Mail
    from identity.one_time_code import Send
    from identity.provider import Provider
    from identity.webauthn import RelyingParty
    from notify.channel import Channel
    from notify.message import Event

ALWAYS = ("totp", "webauthn")
"""Ways that need no vendor and no settings."""
EMAIL_LINK = "email_link"
"""The table that lets people sign in by a link by mail."""
SENDING_SECONDS = 7.0
"""How long one message may take: a step-up waits a little longer for it (`identity.one_time_code.SENDING_LIMIT`)."""
TELLING_SECONDS = 8.0
"""How long one message may take that tells somebody of a question."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")

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
    """The HTTP session for vendors, the same one for whoever needs it; opened when the first does."""
    guarded: Callable[[Sequence[str]], ClientSession] | None = None
    """Opens one that reaches public addresses, and these networks, alone."""
    session: Callable[[SSLContext, Sequence[str] | None], ClientSession] | None = None
    """Opens one for a channel alone, guarded where networks are given; the one for vendors where it is None."""


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


def outlets(tables: Mapping[str, Table], sending: Channels, given: Given) -> Outlets:
    """Every way to tell people, by name: `mail` and `sms` too. Raises Invalid, which names the table."""
    from approvals_hub.notifications.outlets import Outlets

    found = {name: channel for name, channel in (("mail", sending.mail), ("sms", sending.sms)) if channel is not None}
    for name, table in tables.items():
        place, kind = f"channels.{name}", table.get("kind")
        if name in ("mail", "sms") or not _NAME.fullmatch(name):
            raise _wrong(place, "its name is one word; mail and sms have tables of their own", _REACH)
        if not isinstance(kind, str):
            raise _wrong(place, "kind says what it is: webpush, apns, fcm, smtp, sms or an installed channel", _REACH)
        own = {member: value for member, value in table.items() if member != "kind"}
        found[name] = _made_channel(place, kind, own, given, TELLING_SECONDS, own_session=True)
    return Outlets(found)


def callbacks_by(table: Table, given: Given) -> Channel[Event]:
    """How agents' programs are called back. Raises Invalid, which names what to change."""
    return _made_channel("callbacks", "webhook", table, given, TELLING_SECONDS)


def step_up_providers(tables: Mapping[str, Table], given: Given, sending: Channels = NOTHING) -> dict[str, Provider]:
    """The step-up providers of the settings. Raises Invalid, which names the table and what to change.

    A table with `off = true` takes a way away; those of `ALWAYS` are there otherwise.
    """
    named = {**{name: {} for name in ALWAYS}, **tables}
    wanted = {}
    for name, table in named.items():
        if not _is_off(f"step_up.{name}", table):
            wanted[name] = {member: value for member, value in table.items() if member != "off"}
    return made("step_up", wanted, given, sending)


def links_by(tables: Mapping[str, Table], given: Given, sending: Channels) -> Send[Mail] | None:
    """How links to sign in are sent; None where the settings have no table `sign_in.email_link`. Raises Invalid.

    It has to be asked for: it lets everybody in who reads somebody's mail and sees the page that asked.
    """
    from approvals_hub.notifications.codes import mail_sender

    place, table = f"sign_in.{EMAIL_LINK}", tables.get(EMAIL_LINK)
    if table is None or _is_off(place, table):
        return None
    if set(table) - {"off"}:
        raise _wrong(place, "it has no settings of its own but off", _SIGN_IN)
    if sending.mail is None:
        raise _wrong(place, "it sends mail, and no way to send mail is set up", _CHANNELS)
    return mail_sender(sending.mail, given.clock)


def sign_in_ways(
    tables: Mapping[str, Table], step_up: Mapping[str, Provider], given: Given, sending: Channels = NOTHING
) -> tuple[dict[str, Provider], dict[str, SignInWay]]:
    """The ways to sign in, and the providers that are for that alone. Raises Invalid.

    A table's own members are `org`, `roles`, `join`, `title` and `off`; the others are its provider's, whose `kind` may
    be a preset of OpenID Connect. Without any it is about the step-up provider of that name. Step-up providers that can
    tell who somebody is are ways to sign in for whoever linked them, unless their table says `off`.
    """
    from identity.oidc_presets import PRESETS
    from identity.provider import signs_in

    own: dict[str, dict[str, Any]] = {}
    tables = {name: table for name, table in tables.items() if name != EMAIL_LINK}
    for name, table in tables.items():
        members = {member: value for member, value in table.items() if member not in _OF_WAYS}
        kind = members.get("kind", name)
        if members and name in step_up:
            raise _wrong(f"sign_in.{name}", "step_up has a provider of this name: give one another name", _SIGN_IN)
        if not members and name not in step_up:
            raise _wrong(f"sign_in.{name}", "it says nothing about its provider", _SIGN_IN)
        if members and not _is_off(f"sign_in.{name}", table):
            own[name] = {**members, "kind": "oidc", "preset": kind} if kind in PRESETS else members
    providers = made("sign_in", own, given, sending)
    ways = {}
    for name, provider in {**step_up, **providers}.items():
        table = tables.get(name, {})
        if signs_in(provider) and not _is_off(f"sign_in.{name}", table):
            ways[name] = _way(name, table)
        elif name in tables and not _is_off(f"sign_in.{name}", table):
            raise _wrong(f"sign_in.{name}", "this provider cannot tell who somebody is", _SIGN_IN)
    return providers, ways


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
                guarded=given.guarded,
            ),
        )
    except registry.BadSettings as error:
        raise _wrong(place, str(error), _STEP_UP) from error


def _channel(place: str, kind: str, table: Table, given: Given) -> Channel[Any]:
    from notify.message import Mail, ShortText

    channel = _made_channel(place, kind, table, given, SENDING_SECONDS)
    if channel.takes is not {"mail": Mail, "sms": ShortText}[place]:
        raise _wrong(place, f"the channel {kind} sends something else", _CHANNELS)
    return channel


def _made_channel(
    place: str, kind: str, table: Table, given: Given, seconds: float, *, own_session: bool = False
) -> Channel[Any]:
    from notify import registry
    from notify.guarded import guarded_session

    own = _with_secrets(place, table, given, None)
    # Addresses that people type, or that come from browsers, at hosts that the settings allow.
    inner = own.pop("private_networks", ()) if kind in ("webpush", "slack", "teams") else None
    try:
        file = None if (authority := own.pop("ca_file", None)) is None else given.folder / authority
        # What a channel of another package does to its context must not reach the others.
        tls = shared(file) if kind in registry.CHANNELS else trusting(file)
    except (OSError, TypeError) as error:
        raise _wrong(f"{place}.ca_file", f"it cannot be read: {type(error).__name__}", _CHANNELS) from None
    try:
        session = given.session(tls, inner) if own_session and given.session is not None else None
    except (TypeError, ValueError) as error:
        raise _wrong(f"{place}.private_networks", str(error), _REACH) from None
    told = registry.Given(
        vendors=given.vendors if session is None else lambda: session,
        tls=tls,
        clock=given.clock,
        own_tls=partial(trusting, file),
        time_limit=seconds,
        open_guarded=partial(guarded_session, tls=tls),
    )
    try:
        return registry.load({kind: own}, told)[kind]
    except registry.BadSettings as error:
        raise _wrong(place, str(error), _CHANNELS) from error


def _with_secrets(place: str, table: Table, given: Given, names: tuple[str, ...] | None) -> dict[str, Any]:
    """The table, where each `NAME_file` is replaced by NAME with what the file holds; `names` None: every one."""
    found: dict[str, Any] = {}
    for name, value in table.items():
        plain = name.removesuffix("_file")
        if isinstance(value, dict) and names is None:
            found[name] = _with_secrets(f"{place}.{name}", value, given, names)
        elif plain == name or name == "ca_file" or (names is not None and plain not in names):
            found[name] = value
        elif plain in table:
            raise _wrong(f"{place}.{name}", f"{plain} and {name} are both set", "Set one of them.")
        else:
            try:
                found[plain] = (given.folder / value).read_text(encoding="utf-8").strip()
            except (OSError, TypeError, ValueError) as error:
                raise _wrong(f"{place}.{name}", f"it cannot be read: {type(error).__name__}", _CHANNELS) from None
    return found


def _way(name: str, table: Table) -> SignInWay:
    """What a table says about its organisation. Raises Invalid."""
    from approvals_hub.orgs.org import ROLES
    from approvals_hub.stepup.sign_in_way import INVITED, MAPPED, SignInWay

    place, roles = f"sign_in.{name}", table.get("roles", {})
    org_id, join, title = table.get("org"), table.get("join", INVITED), table.get("title", name)
    if org_id is not None and not isinstance(org_id, str):
        raise _wrong(f"{place}.org", "it is the id of an organisation, like org_…", _SIGN_IN)
    if join not in (INVITED, MAPPED):
        raise _wrong(f"{place}.join", f"it is {INVITED} or {MAPPED}", _SIGN_IN)
    if not isinstance(title, str) or not 0 < len(title) <= LONGEST_TITLE or not title.isprintable():
        raise _wrong(f"{place}.title", f"it is one line of at most {LONGEST_TITLE} characters", _SIGN_IN)
    lists = isinstance(roles, dict) and all(isinstance(given, list) and given for given in roles.values())
    if not lists or any(role not in ROLES for given in roles.values() for role in given):
        raise _wrong(f"{place}.roles", f"each group has a list of roles out of {', '.join(ROLES)}", _SIGN_IN)
    if (roles or join == MAPPED) and (org_id is None or not roles):
        raise _wrong(place, "roles are those of one organisation: say org, and for mapped say roles", _SIGN_IN)
    return SignInWay(name, title, org_id, {group: frozenset(given) for group, given in roles.items()}, join)


def _is_off(place: str, table: Table) -> bool:
    off = table.get("off", False)
    if type(off) is not bool:
        raise _wrong(place, "off is true or false", "Correct it.")
    return off


_OF_WAYS = ("org", "roles", "join", "title", "off")
LONGEST_TITLE = 60
_REACH = "See docs/howto/reach_people.md."
_SIGN_IN = "See docs/howto/sign_in.md."
_STEP_UP = "See docs/howto/add_a_step_up_provider.md."
_CHANNELS = "See docs/howto/send_mail_and_sms.md."


def _wrong(place: str, what: str, next_step: str) -> Invalid:
    return Invalid("setting_wrong", what, next_step=next_step, field=place)
