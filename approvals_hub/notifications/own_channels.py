"""The channels of organisations as they live in one process: made when they are first needed, anew when they change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from approvals_hub.core.errors import Conflict, HubError
from approvals_hub.core.sealing import SealBroken
from approvals_hub.db.database import Row, Tx
from approvals_hub.keys.vault import Vault
from approvals_hub.notifications import channel_store as store
from approvals_hub.notifications.channel_form import Written
from approvals_hub.notifications.outlets import CHAT, Outlet, key_of
from notify.channel import Channel

CONTEXT = "channel:"
"""The secrets of a channel open as this organisation's channel of this name alone."""
MOST_KEPT = 200
"""Channels that are kept ready and not in use."""


@dataclass(frozen=True, slots=True)
class Ready:
    """What is needed to make a channel: read inside a unit of work, used outside."""

    key: str
    revision: str
    kind: str
    settings: Mapping[str, Any] = field(repr=False)

    @property
    def address(self) -> str | None:
        """Where a room is told; None where people have addresses."""
        if self.kind == "webhook":
            secrets = list(self.settings["secrets"])
            return msgspec.json.encode({"url": self.settings["url"], "secrets": secrets}).decode()
        return str(self.settings["url"]) if self.kind in CHAT else None


@dataclass(frozen=True, slots=True)
class Made:
    """A channel, and what ends it with everything that was opened for it."""

    channel: Channel[Any]
    close: Callable[[], Awaitable[None]]


class Maker(Protocol):
    """Makes channels whose settings somebody else than the operator wrote: whatever they connect to is looked at when
    the socket is made."""

    def form(self, kind: str) -> type[msgspec.Struct] | None:
        """What may be written for a kind of this hub; None for a kind of an installed package."""

    async def prepare(self, kind: str, settings: Mapping[str, Any]) -> None:
        """Do beside the loop what making one of this kind, or its first message, would take long for on it."""

    async def make(self, kind: str, settings: Mapping[str, Any]) -> Made:
        """One channel. Raises Invalid with the place of what is wrong. Awaits nothing unless it fails."""


@dataclass(slots=True)
class _Kept:
    revision: str
    made: Made
    users: int = 0
    retired: bool = False


@dataclass(slots=True)
class OwnChannels:
    """One for each process."""

    vault: Vault
    maker: Maker
    off: bool = False
    """Whether the operator lets organisations set up none."""
    _kept: dict[str, _Kept] = field(default_factory=dict)

    async def read_in(self, tx: Tx, row: Row) -> Ready:
        """A stored channel with its secrets. Raises SealBroken, LookupError where they do not open."""
        written = await self.written_in(tx, row)
        return Ready(key_of(row["org_id"], row["name"]), row["revision"], row["kind"], written.whole())

    async def written_in(self, tx: Tx, row: Row) -> Written:
        """Its settings, sorted. Raises SealBroken, LookupError."""
        secrets: dict[str, Any] = {}
        if row["secrets"] is not None:
            org_id = row["org_id"]
            raw = await self.vault.unseal_in(tx, org_id, bytes(row["secrets"]), CONTEXT + row["name"])
            secrets = msgspec.json.decode(raw)
        return Written(row["kind"], msgspec.json.decode(row["settings"]), secrets)

    @asynccontextmanager
    async def lent(self, ready: Ready) -> AsyncIterator[Channel[Any]]:
        """The channel, for one message; the one before a change is closed when nobody uses it any more.

        Raises Invalid where it cannot be made.
        """
        kept = self._kept.get(ready.key)
        if kept is None or kept.revision != ready.revision:
            await self.maker.prepare(ready.kind, ready.settings)
            kept = self._kept.get(ready.key)
        if kept is None or kept.revision != ready.revision:
            # Nothing is awaited between the look and the keeping: two who want it at once never make it twice.
            before, kept = kept, _Kept(ready.revision, await self.maker.make(ready.kind, ready.settings))
            self._kept[ready.key] = kept
            await self._retire(before)
        kept.users += 1
        try:
            yield kept.made.channel
        finally:
            kept.users -= 1
            if kept.retired and not kept.users:
                await kept.made.close()
            await self._make_room()

    @asynccontextmanager
    async def tried(self, kind: str, settings: Mapping[str, Any]) -> AsyncIterator[tuple[Channel[Any], str | None]]:
        """A channel that is kept nowhere, and its own address where it is a room. Raises Invalid."""
        await self.maker.prepare(kind, settings)
        made = await self.maker.make(kind, settings)
        try:
            yield made.channel, Ready("", "", kind, settings).address
        finally:
            await made.close()

    async def close(self) -> None:
        """End what is open."""
        kept, self._kept = list(self._kept.values()), {}
        for each in kept:
            await each.made.close()

    async def _retire(self, kept: _Kept | None) -> None:
        if kept is not None:
            kept.retired = True
            if not kept.users:
                await kept.made.close()

    async def _make_room(self) -> None:
        idle = [key for key, kept in self._kept.items() if not kept.users]
        for key in idle[: max(0, len(self._kept) - MOST_KEPT)]:
            await self._kept.pop(key).made.close()


async def outlets_of_in(tx: Tx, org_id: str) -> list[Outlet]:
    """The channels that an organisation has set up."""
    return [
        Outlet(key_of(org_id, row["name"]), row["kind"], row["takes"], row["public_key"])
        for row in await store.of_org(tx, org_id)
    ]


async def ready_in(tx: Tx, own: OwnChannels, row: Row) -> Ready | HubError:
    """What is needed to make a stored channel, or that its secrets do not open."""
    written = await opened_in(tx, own, row)
    if isinstance(written, HubError):
        return written
    return Ready(key_of(row["org_id"], row["name"]), row["revision"], row["kind"], written.whole())


async def opened_in(tx: Tx, own: OwnChannels, row: Row) -> Written | HubError:
    """A stored channel's settings, or that they do not open."""
    try:
        return await own.written_in(tx, row)
    except (LookupError, SealBroken):
        return Conflict(
            "channel_sealed",
            "the secrets of this channel do not open with the hub's present keys",
            next_step="Ask the operator, or delete the channel and set it up again.",
        )
