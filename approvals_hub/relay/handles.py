"""Handles: what an app gets for its token, gives to one hub, and ends whenever it likes.

An app has two capabilities. The handle wakes it, and goes to the hub. The owner's key replaces its token and ends the
handle, and stays in the app: a hub that was broken into leads nobody's wakes elsewhere. Each is 256 random bits and
kept as a hash, so that nothing in the database wakes anybody.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from approvals_hub.core.clock import DAY, Clock
from approvals_hub.core.discreet import Discreet
from approvals_hub.core.errors import Gone, HubError, Invalid, Unavailable, settled
from approvals_hub.core.sealing import KeyEncryptionKeys
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.relay import store
from approvals_hub.relay.phones import APNS

if TYPE_CHECKING:
    from notify.channel import Channel

HANDLE, OWNER = "rh_", "ro_"
_BYTES = 32


class PhoneForm(Discreet, msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where Apple or Google reach an app: `{"platform": "apns", "address": {"token": "…"}, "language": "sv"}`."""

    not_printed = ("address",)

    platform: Literal["apns", "fcm"]
    address: dict[str, str]
    """`{"token": …}` of Apple; `{"fid": …}` or `{"token": …}` of Google."""
    language: Literal["en", "sv"] = "en"
    """Of the words that are shown."""


class Registered(Discreet, msgspec.Struct, frozen=True):
    """Both capabilities, told once."""

    not_printed = ("handle", "owner")

    handle: str
    owner: str
    renew_within_days: int
    """The app tells its token again before that, best at every start."""


@dataclass(frozen=True, slots=True)
class Phone:
    """Whom a handle wakes."""

    handle_hash: bytes = field(repr=False)
    platform: str
    language: str
    address: str = field(repr=False)
    """As the vendor's channel takes it."""
    sealed: bytes = field(repr=False)


class Handles:
    """Every handle of this relay."""

    def __init__(
        self,
        db: Database,
        keks: KeyEncryptionKeys,
        clock: Clock,
        channels: Mapping[str, Channel[Any]],
        *,
        days: int,
        most: int,
    ) -> None:
        """`days`: after which an app that says nothing is forgotten; `most`: how many handles there may be."""
        self._db = db
        self._keks = keks
        self._clock = clock
        self._channels = channels
        self._days = days
        self._most = most
        self._count = 0

    async def register(self, form: PhoneForm) -> Registered:
        """A handle for a token. The same token again gets another one: so each hub has its own.

        Raises Invalid for a platform without keys here and what is no token, Unavailable where there are too many.
        """
        now = self._clock.now()
        address = self._checked(form, now)
        if self._count >= self._most:
            raise Unavailable(
                "relay_full",
                "this relay takes no further handles now",
                next_step="Try again later; the app's publisher can raise most_handles.",
                retry_after=3600,
            )
        handle, owner = _new(HANDLE), _new(OWNER)
        handle_hash = hash_of(handle)
        kek_id, sealed = self._keks.wrap(address, _scope(handle_hash))

        async def work(tx: Tx) -> None:
            await store.add(
                tx,
                handle_hash=handle_hash,
                owner_hash=hash_of(owner),
                platform=form.platform,
                language=form.language,
                address=sealed,
                kek_id=kek_id,
                at=now,
            )

        await self._db.run(work)
        self._count += 1
        return Registered(handle, owner, self._days)

    async def renew(self, owner: str, form: PhoneForm) -> None:
        """Wake this token from now on, under the same handle. Raises Gone, and Invalid as `register`."""
        now = self._clock.now()
        address = self._checked(form, now)
        handle_hash = await self._of(owner)
        kek_id, sealed = self._keks.wrap(address, _scope(handle_hash))

        async def work(tx: Tx) -> HubError | None:
            kept = await store.replace(
                tx,
                handle_hash,
                platform=form.platform,
                language=form.language,
                address=sealed,
                kek_id=kek_id,
                at=now,
            )
            return None if kept else gone()

        settled(await self._db.run(work))

    async def end(self, owner: str) -> None:
        """From now on the handle wakes nobody, and its hub is told so. Raises Gone."""
        handle_hash = await self._of(owner)

        async def work(tx: Tx) -> int:
            return await store.end(tx, handle_hash)

        self._count -= await self._db.run(work)

    async def find(self, handle: str) -> Phone | None:
        """Whom it wakes; None where it never was, has ended, or its vendor called the token gone. Raises SealBroken."""

        async def work(tx: Tx) -> Row | None:
            return await store.find(tx, hash_of(handle))

        row = await self._db.read(work)
        if row is None:
            return None
        handle_hash, sealed = bytes(row["handle_hash"]), bytes(row["address"])
        address = self._keks.unwrap(row["kek_id"], sealed, _scope(handle_hash)).decode()
        return Phone(handle_hash, row["platform"], row["language"], address, sealed)

    async def forget(self, phone: Phone) -> None:
        """Its vendor calls the token gone; a token that was told meanwhile stays."""

        async def work(tx: Tx) -> int:
            return await store.end_with(tx, phone.handle_hash, address=phone.sealed)

        self._count -= await self._db.run(work)

    async def check(self) -> None:
        """Raises Unavailable for the database, and SealBroken where the key file is not that of this database."""
        row = await self._db.read(store.newest)
        if row is not None:
            self._keks.unwrap(row["kek_id"], bytes(row["address"]), _scope(bytes(row["handle_hash"])))

    async def prune(self) -> None:
        """Forget the apps that have not told their token for long."""
        before = self._clock.now() - self._days * DAY

        async def work(tx: Tx) -> int:
            await store.end_before(tx, before)
            return await store.count(tx)

        self._count = await self._db.run(work)

    async def _of(self, owner: str) -> bytes:
        async def work(tx: Tx) -> bytes | None:
            return await store.handle_of(tx, hash_of(owner))

        found = await self._db.read(work)
        if found is None:
            raise gone()
        return found

    def _checked(self, form: PhoneForm, now: int) -> bytes:
        """The address as its channel takes it."""
        channel = self._channels.get(form.platform)
        if channel is None:
            known = " and ".join(self._channels)
            raise Invalid(
                "platform_unknown",
                f"this relay has keys for {known} alone",
                next_step="Use the relay of the app's publisher.",
                field="$.platform",
            )
        # Apple's word that a token is gone is compared with when it was told.
        members = {**form.address, "registered_at": now} if form.platform == APNS else form.address
        text = msgspec.json.encode(members).decode()
        if channel.masked(text).strip("…") == "":
            raise Invalid(
                "address_invalid",
                "this is no token of this platform",
                next_step="Send it as the phone gave it, alone.",
                field="$.address",
            )
        return text.encode()


def hash_of(capability: str) -> bytes:
    """How a capability is kept: nobody finds 256 random bits from their SHA-256, so it needs no salt."""
    return sha256(capability.encode()).digest()


def gone() -> Gone:
    """One answer for a handle that never was and one that has ended: guessing tells nothing."""
    return Gone(
        "handle_gone",
        "there is no such handle, or none any more",
        next_step="Forget it; the app registers anew and tells its hub.",
    )


def _new(prefix: str) -> str:
    return prefix + secrets.token_urlsafe(_BYTES)


def _scope(handle_hash: bytes) -> str:
    return f"handle:{handle_hash.hex()}"
