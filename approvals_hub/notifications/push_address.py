"""A device says where its push messages go; its person takes that away again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from approvals_hub.audit.event import Event, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.discreet import Discreet
from approvals_hub.core.errors import Conflict, HubError, Invalid, NotFound, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.keys.vault import HUB
from approvals_hub.notifications import channel_store as channels
from approvals_hub.notifications import store
from approvals_hub.notifications.address_book import CONTEXT, AddressBook
from approvals_hub.notifications.outbox import WAKE
from approvals_hub.notifications.outlets import Outlet, name_of
from approvals_hub.notifications.own_channels import Ready, ready_in
from approvals_hub.notifications.seal import is_seal_key, is_signed
from approvals_hub.people import contact_store as contacts
from approvals_hub.people import store as people
from approvals_hub.people.contact import REMOVED, REPLACED, language_of
from approvals_hub.people.device import ACTIVE, DEVICE_KEY
from approvals_hub.people.session import PersonCredential, Session, admit_person_in
from approvals_hub.people.several import refuse_without_key_in
from approvals_hub_client.canonical import loads, unb64u

APNS = "apns"


class PushChannel(msgspec.Struct, frozen=True):
    """A channel at which a device can have an address. `public_key`: what a page subscribes with."""

    channel: str
    kind: str
    public_key: str | None


class PushAddress(msgspec.Struct, frozen=True):
    """Where a device is told, as its owner knows it again."""

    device_id: str
    channel: str
    address: str
    """Masked."""
    language: str
    registered_at: int
    opens_seals: bool
    """Whether words can be sealed to it."""


class SealKey(Discreet, msgspec.Struct, frozen=True):
    """The key to which a device has words sealed, and its own signature that it is its."""

    not_printed = ("signature",)

    key: str
    """X25519, public, in base64url."""
    signature: str
    """Over `seal_key_bytes`, in base64url."""


@dataclass(frozen=True, slots=True)
class _Found:
    """An address that its channel knows as one; `mark` tells it from others."""

    key: str
    text: str = field(repr=False)
    mark: bytes = field(repr=False)
    masked: str


@dataclass(frozen=True, slots=True)
class PushAddresses:
    """One address for each device, sealed with its person's key; one device for each address."""

    db: Database
    book: AddressBook
    recorder: Recorder
    clock: Clock
    audience: str
    """The hub's public URL."""

    async def channels(self, credential: PersonCredential) -> list[PushChannel]:
        """Where a device can have an address. Raises Unauthenticated."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[PushChannel] | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            outlets = await self.book.outlets_in(tx, session.org_id)
            every = [outlets.by_key[key] for key in outlets.push]
            return [PushChannel(each.name, each.kind, each.public_key) for each in every]

        return settled(await self.db.read(work, org=credential.org_id))

    async def set(
        self,
        credential: PersonCredential,
        device_id: str,
        *,
        channel: str,
        address: str | Mapping[str, Any],
        language: str | None,
        seal: SealKey | None = None,
        app_version: str | None = None,
    ) -> PushAddress:
        """Tell the device there from now on. The same again only says that it still has it; without a `seal` it keeps
        the one that it has. `app_version`: what it runs by now.

        Raises Invalid for a channel that is not there, an address of another form and a seal key that this device did
        not sign, NotFound for a device that is not the person's own, Conflict for one that may not sign.
        """
        now = self.clock.now()
        found = await self._checked(credential, channel, address, now)

        async def work(tx: Tx) -> PushAddress | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            device = await own_device_in(tx, session, device_id)
            if isinstance(device, HubError):
                return device
            if (refusal := await refuse_without_key_in(tx, session)) is not None:
                return refusal
            if device["state"] != ACTIVE:
                return Conflict("device_not_active", "this device may not sign", next_step="Have it confirmed first.")
            seal_key = None if seal is None else _checked_seal(seal, device, self.audience)
            if isinstance(seal_key, HubError):
                return seal_key
            if app_version is not None and app_version != device["app_version"]:
                await people.set_app_version(tx, device_id, app_version)
            await self._keep_in(tx, session, device_id, found, language_of(language), seal_key, now)
            kept = await contacts.of_device(tx, session.person_id, device_id)
            assert kept is not None
            return push_address(kept)

        return settled(await self.db.run(work))

    async def remove(self, credential: PersonCredential, device_id: str) -> None:
        """Tell the device nothing any more; where there is no address, nothing happens. Raises NotFound."""
        now = self.clock.now()

        async def work(tx: Tx) -> HubError | None:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            device = await own_device_in(tx, session, device_id)
            if isinstance(device, HubError):
                return device
            await contacts.forgive_gone(tx, session.person_id, device_id)
            if await contacts.end_of_device(tx, session.person_id, device_id, cause=REMOVED, at=now):
                await self.recorder.record(tx, _event("device.push_removed", session, device_id, now))
            return None

        settled(await self.db.run(work))

    async def _checked(
        self, credential: PersonCredential, name: str, address: str | Mapping[str, Any], now: int
    ) -> _Found:
        """The address as its channel takes it, and what tells it from others. Raises Invalid."""

        async def work(tx: Tx) -> tuple[Outlet, Ready | None] | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            outlets = await self.book.outlets_in(tx, session.org_id)
            outlet = outlets.named(name)
            if outlet is None or outlet.key not in outlets.push:
                known = ", ".join(outlets.by_key[key].name for key in outlets.push) or "none"
                return Invalid(
                    "channel_unknown", f"push channels here: {known}", next_step="Use one.", field="$.channel"
                )
            row = await channels.find(tx, session.org_id, name) if outlet.is_own else None
            ready = None if row is None else await ready_in(tx, self.book.own, row)
            return ready if isinstance(ready, HubError) else (outlet, ready)

        outlet, ready = settled(await self.db.read(work, org=credential.org_id))
        if isinstance(address, str):
            text, mark = address, address
        else:
            mark = msgspec.json.encode(dict(address), order="sorted").decode()
            # When the device told it is the hub's to say: Apple's word that it is gone is compared with that.
            members = {**address, "registered_at": now} if outlet.kind == APNS else dict(address)
            text = msgspec.json.encode(members).decode()
        if ready is None:
            masked = self.book.settings.channels[outlet.key].masked(text)
        else:
            async with self.book.own.lent(ready) as channel:
                masked = channel.masked(text)
        if masked.strip("…") == "":
            raise Invalid(
                "address_invalid",
                "this is no address of this channel",
                next_step="Send it as the browser or phone gave it.",
                field="$.address",
            )
        return _Found(outlet.key, text, f"{outlet.key}\0{mark}".encode(), masked)

    async def _keep_in(
        self,
        tx: Tx,
        session: Session,
        device_id: str,
        found: _Found,
        language: str,
        seal_key: bytes | None,
        now: int,
    ) -> None:
        person_id = session.person_id
        address_hash = await self.book.vault.keyed_in(tx, HUB, "push", found.mark)
        await contacts.end_elsewhere(tx, address_hash, but=device_id, at=now)
        there = await contacts.of_device(tx, person_id, device_id)
        if seal_key is None and there is not None and there["seal_key"] is not None:
            seal_key = bytes(there["seal_key"])
        if there is not None and bytes(there["address_hash"] or b"") == address_hash:
            sealed = await self.book.vault.seal_in(tx, person_id, found.text.encode(), CONTEXT + there["id"])
            await contacts.renew(tx, there["id"], address=sealed, language=language, seal_key=seal_key, at=now)
            return
        await contacts.end_of_device(tx, person_id, device_id, cause=REPLACED, at=now)
        contact_id = new_id("con")
        await contacts.add(
            tx,
            contact_id=contact_id,
            person_id=person_id,
            channel=found.key,
            source=device_id,
            device_id=device_id,
            address=await self.book.vault.seal_in(tx, person_id, found.text.encode(), CONTEXT + contact_id),
            address_hash=address_hash,
            masked=found.masked,
            language=language,
            at=now,
            seal_key=seal_key,
        )
        await self.recorder.record(tx, _event("device.push_set", session, device_id, now))
        await store.hasten_person(tx, person_id, at=now)
        tx.changed(WAKE)


def push_address(row: Row) -> PushAddress:
    """The address of a stored row."""
    name, opens_seals = name_of(row["channel"]), row["seal_key"] is not None
    return PushAddress(row["device_id"], name, row["masked"], row["language"], row["registered_at"], opens_seals)


async def own_device_in(tx: Tx, session: Session, device_id: str) -> Row | HubError:
    """A device of the person of the session, whatever its state; or that there is none."""
    row = await people.device(tx, device_id)
    if row is None or row["person_id"] != session.person_id:
        return NotFound("device_unknown", "no such device of yours", next_step="Look at the list of devices.")
    return row


def _checked_seal(seal: SealKey, device: Row, audience: str) -> bytes | HubError:
    """The key, where the device's own key says that it is its: whoever has a session alone puts no key of theirs there
    to read along."""
    try:
        key, signature = unb64u(seal.key), unb64u(seal.signature)
    except ValueError:
        return _bad_seal()
    if device["kind"] != DEVICE_KEY or not is_seal_key(key):
        return _bad_seal()
    signed = is_signed(seal.key, signature, jwk=loads(device["jwk"]), device_id=device["id"], audience=audience)
    return key if signed else _bad_seal()


def _bad_seal() -> Invalid:
    return Invalid(
        "seal_key_invalid",
        "this is no X25519 key that the device signed with its own key",
        next_step="Sign the key for this hub and device, or leave it out.",
        field="$.seal",
    )


def _event(kind: Kind, session: Session, device_id: str, now: int) -> Event:
    return Event(
        kind=kind,
        org_id=session.org_id,
        at=now,
        actor_type="person",
        actor_id=session.person_id,
        detail={"device_id": device_id},
    )
