"""Owners and admins set up channels of their organisation; its secrets go in and never come out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from approvals_hub.audit.event import Event, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, HubError, Invalid, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.notifications import channel_store as store
from approvals_hub.notifications import telling_store
from approvals_hub.notifications.address_book import AddressBook
from approvals_hub.notifications.channel import CHANNELS_LIMIT, RESERVED, refuse_operators, unknown
from approvals_hub.notifications.channel_form import Written, changed, check, merged, moved
from approvals_hub.notifications.channel_use import used_by_in
from approvals_hub.notifications.outbox import WAKE, queue_again
from approvals_hub.notifications.outlets import Outlet, key_of, outlet_of
from approvals_hub.notifications.own_channels import CONTEXT, opened_in
from approvals_hub.orgs.org import Permission
from approvals_hub.people import contact_store as contacts
from approvals_hub.people.acting import Acting, OperatorCredential, admit_acting_in
from approvals_hub.people.contact import language_of
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from approvals_hub_client.canonical import dumps

Writer = PersonCredential | OperatorCredential
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


@dataclass(frozen=True, slots=True)
class Checked:
    """Settings that a channel was made of."""

    written: Written
    outlet: Outlet
    recipient: str | None
    revision: str | None
    """Of the channel that they change; None for a new one."""


@dataclass(frozen=True, slots=True)
class KeepChannels:
    """Puts and deletes channels. Every change and deletion needs a fresh factor: whoever leads a channel elsewhere
    reads what is said there, and whoever takes one away keeps somebody from hearing."""

    db: Database
    book: AddressBook
    recorder: Recorder
    fresh: FreshFactors
    clock: Clock

    async def put(
        self,
        writer: Writer,
        name: str,
        kind: str,
        settings: Mapping[str, Any],
        *,
        language: str | None = None,
        version: int = 0,
        fresh: Any = None,
    ) -> None:
        """Write one whole, except secrets that are left out: they stay. The same again is no change.

        Raises Invalid with the place of a setting that is wrong, and where another destination comes without the
        secrets; Conflict where another version stands (`extra` holds it), there are too many, or the name is the
        operator's; Unauthenticated, Forbidden without the right or a fresh factor.
        """
        now, revision = self.clock.now(), new_id("chv")
        found = await self.checked(writer, name, kind, settings, now)

        async def work(tx: Tx) -> HubError | None:
            who = await admit_acting_in(tx, writer, now, Permission.GOVERN_CHANNELS)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            row = await store.find(tx, who.org_id, name)
            before = None if row is None else await opened_in(tx, self.book.own, row)
            if isinstance(before, HubError):
                return before
            speaks = language_of(language) if language is not None or row is None else row["language"]
            if row is not None and before == found.written and row["language"] == speaks:
                return None
            refusal = _refuse_version(row, version, found.revision)
            if refusal is None and row is None and len(await store.of_org(tx, who.org_id)) >= CHANNELS_LIMIT:
                refusal = _too_many()
            refusal = refusal or await refuse_stale_in(tx, self.fresh, writer, fresh, now)
            if refusal is not None:
                return refusal
            await self._write_in(tx, who, name, row, found, speaks, revision, now)
            await self._leave_in(tx, key_of(who.org_id, name), found, row, now)
            await self._record_in(tx, who, "channel.changed", name, before, found.written, now)
            tx.changed(WAKE)
            return None

        settled(await self.db.run(work, org=writer.org_id))

    async def delete(self, writer: Writer, name: str, *, version: int, fresh: Any = None) -> None:
        """Take one away, with its secrets and what waits for it.

        Raises NotFound; Conflict where another version stands, or where a route names it: `extra.used_by` says which;
        Unauthenticated, Forbidden without the right or a fresh factor.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> HubError | None:
            who = await admit_acting_in(tx, writer, now, Permission.GOVERN_CHANNELS)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            row = await store.find(tx, who.org_id, name)
            if row is None:
                return refuse_operators() if name in self.book.settings.channels else unknown()
            refusal = _refuse_version(row, version, row["revision"])
            refusal = refusal or _refuse_used(name, (await used_by_in(tx, who.org_id)).get(name, []))
            refusal = refusal or await refuse_stale_in(tx, self.fresh, writer, fresh, now)
            if refusal is not None:
                return refusal
            key = key_of(who.org_id, name)
            await store.delete(tx, who.org_id, name)
            await store.no_longer_alone(tx, key)
            await contacts.end_channel(tx, key, at=now)
            for escalation_id in await telling_store.fail_channel(tx, key, at=now):
                await queue_again(tx, escalation_id=escalation_id, at=now)
            before = Written(row["kind"], {}, {})
            await self._record_in(tx, who, "channel.deleted", name, before, before, now)
            tx.changed(WAKE)
            return None

        settled(await self.db.run(work, org=writer.org_id))

    async def checked(self, writer: Writer, name: str, kind: str, settings: Mapping[str, Any], now: int) -> Checked:
        """The settings as they would stand, after a channel was made of them; nothing is sent. Raises as `put`."""

        async def work(tx: Tx) -> tuple[str, Row | None, Written | None] | HubError:
            who = await admit_acting_in(tx, writer, now, Permission.GOVERN_CHANNELS)
            if isinstance(who, HubError):
                return who
            row = await store.find(tx, who.org_id, name)
            before = None if row is None else await opened_in(tx, self.book.own, row)
            return before if isinstance(before, HubError) else (who.org_id, row, before)

        org_id, row, before = settled(await self.db.read(work, org=writer.org_id))
        self._refuse_name(name, row)
        if row is not None and row["kind"] != kind:
            raise Invalid(
                "channel_invalid",
                f"the channel {name!r} is of the kind {row['kind']}",
                next_step="Delete it first, or choose another name.",
                field="$.kind",
            )
        written = merged(before, kind, settings)
        check(written, self.book.own.maker.form(kind))
        async with self.book.own.tried(kind, written.whole()) as (channel, address):
            outlet = outlet_of(key_of(org_id, name), channel)
            recipient = None if address is None else channel.masked(address)
        return Checked(written, outlet, recipient, None if row is None else row["revision"])

    def _refuse_name(self, name: str, row: Row | None) -> None:
        if self.book.own.off:
            raise Conflict(
                "channels_off",
                "organisations set up no channels at this hub",
                next_step="Ask whoever runs it: own_channels.off in its settings.",
            )
        if not _NAME.fullmatch(name):
            raise Invalid(
                "channel_invalid",
                "a channel's name is one word of lower-case letters, digits and underscores",
                next_step="Choose another name.",
                field="$.name",
            )
        if row is None and (name in RESERVED or name in self.book.settings.channels):
            raise refuse_operators()

    async def _write_in(
        self, tx: Tx, who: Acting, name: str, row: Row | None, found: Checked, speaks: str, revision: str, now: int
    ) -> None:
        secrets = dumps(found.written.secrets) if found.written.secrets else None
        fingerprint = None
        if secrets is not None:
            fingerprint = (await self.book.vault.keyed_in(tx, who.org_id, "channel", secrets)).hex()[:16]
        kept = row is not None and row["fingerprint"] == fingerprint
        sealed = None if secrets is None else await self._sealed_in(tx, who.org_id, name, secrets)
        await store.put(
            tx,
            org_id=who.org_id,
            name=name,
            kind=found.written.kind,
            takes=found.outlet.takes,
            settings=msgspec.json.encode(found.written.plain).decode(),
            secrets=sealed,
            fingerprint=fingerprint,
            rotated_at=row["rotated_at"] if row is not None and kept else (None if secrets is None else now),
            recipient=found.recipient,
            public_key=found.outlet.public_key,
            language=speaks,
            revision=revision,
            version=1 if row is None else row["version"] + 1,
            changed_at=now,
            changed_by=who.actor_id,
        )

    async def _sealed_in(self, tx: Tx, org_id: str, name: str, secrets: bytes) -> bytes:
        return await self.book.vault.seal_in(tx, org_id, secrets, CONTEXT + name)

    async def _leave_in(self, tx: Tx, key: str, found: Checked, row: Row | None, now: int) -> None:
        """What was known of the channel as it was."""
        await store.no_longer_alone(tx, key)
        if row is not None and row["public_key"] != found.outlet.public_key:
            # A browser's subscription is made for one key: with another it is worth nothing.
            await contacts.end_channel(tx, key, at=now)

    async def _record_in(
        self, tx: Tx, who: Acting, kind: Kind, name: str, before: Written | None, after: Written, now: int
    ) -> None:
        is_moved = before is not None and moved(before, after)
        await self.recorder.record(
            tx,
            Event(
                kind=kind,
                org_id=who.org_id,
                at=now,
                actor_type=who.actor_type,
                actor_id=who.actor_id,
                detail={
                    "name": name,
                    "channel_kind": after.kind,
                    "settings": changed(before, after),
                    "destination_changed": before is None or is_moved,
                    "is_new": before is None,
                },
            ),
        )


def _refuse_version(row: Row | None, version: int, seen: str | None) -> HubError | None:
    standing = 0 if row is None else row["version"]
    if standing == version and (None if row is None else row["revision"]) == seen:
        return None
    return Conflict(
        "version_changed",
        f"this channel has version {standing} now, and version {version} was to be changed",
        next_step="Read it again, make the change there, and send it with its version (0 for a new one).",
        field="$.version",
        extra={"version": standing},
    )


def _too_many() -> HubError:
    return Conflict(
        "too_many",
        f"an organisation has at most {CHANNELS_LIMIT} channels of its own",
        next_step="Delete one that nothing uses.",
        extra={"limit": CHANNELS_LIMIT},
    )


def _refuse_used(name: str, used_by: list[str]) -> HubError | None:
    if not used_by:
        return None
    return Conflict(
        "channel_in_use",
        f"the channel {name!r} is used by {', '.join(used_by[:10])}",
        next_step="Change what uses it first.",
        extra={"used_by": used_by},
    )
