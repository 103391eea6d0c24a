"""The channels over which an organisation's people are told, sorted by what they are for.

A channel of the settings has its name for a key, one that an organisation set up for itself `ORG/NAME`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from notify.channel import Channel
from notify.message import Event, Mail, Notice, ShortText

SMS = "sms"
CHAT = ("slack", "teams")
"""Kinds that take notices for a room: no device has an address there."""
BY_HOST = ("webpush",)
"""Kinds whose addresses lead to many hosts: one that is down keeps the others waiting for nothing."""
TAKES: Final = {Mail: "mail", ShortText: "text", Notice: "notice", Event: "event"}
MAIL, TEXT, NOTICE, EVENT = TAKES.values()


@dataclass(frozen=True, slots=True)
class Outlet:
    """One way to tell people, as far as it must be known without connecting to anything."""

    key: str
    kind: str
    takes: str
    public_key: str | None = None

    @property
    def name(self) -> str:
        """As routes and people write it."""
        return name_of(self.key)

    @property
    def is_own(self) -> bool:
        """Whether an organisation set it up."""
        return org_of(self.key) is not None

    @property
    def is_room(self) -> bool:
        """Whether it has one address of its own, and no person's."""
        return self.takes == EVENT or self.kind in CHAT

    @property
    def replaces(self) -> bool:
        """Whether a later message takes an earlier one's place on the screen."""
        return self.takes == NOTICE

    def lane(self, masked: str) -> str:
        """What is left alone together with an address: the channel, or one host of it. `masked` is the address as its
        channel shows it, where the host stands first."""
        return f"{self.key} {masked.partition('…')[0]}" if self.kind in BY_HOST else self.key


@dataclass(frozen=True)
class Outlets:
    """Some of them, by key. `channels` are those of the settings, made once and used by many tasks."""

    channels: Mapping[str, Channel[Any]] = field(default_factory=dict)
    own: tuple[Outlet, ...] = ()

    @cached_property
    def by_key(self) -> Mapping[str, Outlet]:
        """Every one of them, in order. An organisation's own takes the place of one of the settings with its name."""
        names = {each.name for each in self.own}
        settings = {key: outlet_of(key, each) for key, each in self.channels.items() if key not in names}
        return {**settings, **{each.key: each for each in self.own}}

    @property
    def push(self) -> tuple[str, ...]:
        """Those at which devices have an address."""
        return tuple(key for key, each in self.by_key.items() if each.takes == NOTICE and not each.is_room)

    @property
    def mail(self) -> tuple[str, ...]:
        """Those that take letters."""
        return tuple(key for key, each in self.by_key.items() if each.takes == MAIL)

    @property
    def sms(self) -> tuple[str, ...]:
        """Those that take short texts to telephones, the organisation's own first: nobody is sent two that cost."""
        found = [key for key, each in self.by_key.items() if each.kind == SMS]
        return tuple(sorted(found, key=lambda key: not self.by_key[key].is_own))

    @property
    def rooms(self) -> tuple[str, ...]:
        """Those of the organisation itself that are told once of a question, and no person."""
        return tuple(key for key, each in self.by_key.items() if each.is_own and each.is_room)

    def named(self, name: str) -> Outlet | None:
        """What routes and people call so."""
        return next((each for each in self.by_key.values() if each.name == name), None)

    def beside(self, own: Iterable[Outlet]) -> Outlets:
        """The same with those of an organisation."""
        return Outlets(self.channels, more) if (more := tuple(own)) else self

    async def close(self) -> None:
        """End what they keep open."""
        for channel in self.channels.values():
            await channel.close()


def outlet_of(key: str, channel: Channel[Any]) -> Outlet:
    """What is known of a channel that is made."""
    public_key = getattr(channel, "public_key", None)
    return Outlet(key, channel.name, TAKES[taken(channel)], public_key if isinstance(public_key, str) else None)


def form_of(kind: str, takes: str) -> str | None:
    """Under which of `disclosure.FORMS` a channel falls; None for text messages."""
    if takes == NOTICE:
        return "chat" if kind in CHAT else "push"
    return {MAIL: "mail", EVENT: "webhook"}.get(takes)


def key_of(org_id: str, name: str) -> str:
    """The key of an organisation's own channel."""
    return f"{org_id}/{name}"


def name_of(key: str) -> str:
    """The name in a key."""
    return key.rpartition("/")[2]


def org_of(key: str) -> str | None:
    """Whose channel it is; None for one of the settings."""
    return key.rpartition("/")[0] or None


def key_in(lane: str) -> str:
    """The channel's key in a lane."""
    return lane.partition(" ")[0]


def taken(channel: Channel[Any]) -> type:
    """The kind of message that it takes, among ours."""
    return next((kind for kind in TAKES if issubclass(channel.takes, kind)), Notice)
