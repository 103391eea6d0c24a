"""The channels of the settings, sorted by what they are for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from notify.channel import Channel
from notify.message import Mail, Notice

SMS = "sms"
CHAT = ("slack", "teams")
"""Kinds that take notices for a room: no device has an address there."""


@dataclass(frozen=True, slots=True)
class Outlets:
    """Name in the settings → channel, made once and used by many tasks."""

    channels: Mapping[str, Channel[Any]] = field(default_factory=dict)

    @property
    def push(self) -> tuple[str, ...]:
        """Those at which devices have an address."""
        return tuple(
            name for name, channel in self.channels.items() if self.replaces(name) and channel.name not in CHAT
        )

    @property
    def mail(self) -> tuple[str, ...]:
        """Those that take letters."""
        return tuple(name for name, channel in self.channels.items() if channel.takes is Mail)

    @property
    def sms(self) -> tuple[str, ...]:
        """Those that take short texts to telephones."""
        return tuple(name for name, channel in self.channels.items() if channel.name == SMS)

    async def close(self) -> None:
        """End what they keep open."""
        for channel in self.channels.values():
            await channel.close()

    def replaces(self, name: str) -> bool:
        """Whether a later message takes an earlier one's place on the screen."""
        return self.channels[name].takes is Notice

    def public_key(self, name: str) -> str | None:
        """What a page needs to have an address there: the application server key of Web Push."""
        key = getattr(self.channels[name], "public_key", None)
        return key if isinstance(key, str) else None
