"""Sends a test message over a channel, saved or not, to whoever asks: the answer is the provider's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import msgspec

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import MINUTE, SECOND, Clock
from approvals_hub.core.errors import Conflict, HubError, NotFound, TooMany, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.notifications import channel_store as store
from approvals_hub.notifications import telling_store
from approvals_hub.notifications.address_book import CONTEXT, AddressBook
from approvals_hub.notifications.attempt import LONGEST_SAID, UNSAVED, status_of
from approvals_hub.notifications.channel import said_of_operators, unknown
from approvals_hub.notifications.compose import Subject, composed
from approvals_hub.notifications.keep_channels import KeepChannels
from approvals_hub.notifications.outlets import MAIL, SMS, Outlet, Outlets
from approvals_hub.notifications.own_channels import Ready, ready_in
from approvals_hub.notifications.telling import NOBODY, TEST
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people import contact_store as contacts
from approvals_hub.people.acting import Acting, OperatorCredential, admit_acting_in
from approvals_hub.people.contact import LANGUAGES, language_of
from approvals_hub.people.session import PersonCredential
from notify.channel import Channel
from notify.delivery import Delivered, Delivery, TryLater, permanent

Asker = PersonCredential | OperatorCredential
A_MINUTE = 6
"""Test messages of an organisation: a vendor takes many from one account for abuse, and each SMS costs something."""
WORTH = 5 * MINUTE
"""How long a test message is worth delivering, in milliseconds."""
DO = {
    "delivered": "The provider took it: look whether it has arrived.",
    "gone": "This address takes nothing any more: have a new one made, and send the settings with it.",
    "later": "Try again in a while; if it stays so, look at where the channel leads, and whether that is up.",
    "settings": "Correct the settings: the provider would refuse every other message too.",
    "refused": "The provider refuses this address: have a new one made. If it refuses others, correct the settings.",
    "permanent": "The provider would refuse this message again: what it said tells why.",
}


class TriedChannel(msgspec.Struct, frozen=True):
    """What became of a test message."""

    channel: str
    recipient: str
    """Masked."""
    status: str
    provider_id: str | None
    latency_ms: int
    said: str | None
    retry_after: int | None
    """Seconds that the provider wants to be left alone."""
    next_step: str


@dataclass(frozen=True, slots=True)
class _Sending:
    test_id: str
    who: Acting
    person_id: str
    name: str
    recipient: str
    language: str
    subject: Subject
    key: str
    saved: bool
    """Whether what is tried are the values that are kept: others say nothing of how the channel does."""
    is_operators: bool
    address: str = field(repr=False)
    ready: Ready | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class TryChannel:
    """Counts before it sends, and writes down what became of it: in the delivery log, and in the audit log."""

    db: Database
    book: AddressBook
    keep: KeepChannels
    recorder: Recorder
    clock: Clock
    public_url: str

    async def __call__(self, asker: Asker, name: str, *, person_id: str | None = None) -> TriedChannel:
        """Over a channel as it is saved. The operator, who has no address, names a member.

        Raises NotFound; Conflict where the asker has no address on it; TooMany; Unauthenticated, Forbidden.
        """
        sending = await self._begun(asker, name, None, None, person_id)
        if sending.ready is None:
            return await self._sent(sending, self.book.settings.channels[name])
        async with self.book.own.lent(sending.ready) as channel:
            return await self._sent(sending, channel)

    async def unsaved(
        self,
        asker: Asker,
        name: str,
        kind: str,
        settings: Mapping[str, Any],
        *,
        language: str | None = None,
        person_id: str | None = None,
    ) -> TriedChannel:
        """Over a channel as it would be. Secrets that are left out are those of the saved channel of this name, unless
        messages would go elsewhere. Raises as `KeepChannels.put`, and as above."""
        checked = await self.keep.checked(asker, name, kind, settings, self.clock.now())
        whole = checked.written.whole()
        async with self.book.own.tried(kind, whole) as (channel, address):
            room = None if address is None else (address, checked.recipient or "…", language_of(language))
            sending = await self._begun(asker, name, checked.outlet, room, person_id)
            return await self._sent(sending, channel)

    async def _begun(
        self,
        asker: Asker,
        name: str,
        outlet: Outlet | None,
        room: tuple[str, str, str] | None,
        person_id: str | None,
    ) -> _Sending:
        now, test_id = self.clock.now(), new_id("tst")

        async def work(tx: Tx) -> _Sending | HubError:
            who = await admit_acting_in(tx, asker, now, Permission.GOVERN_CHANNELS)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            refusal = await _refuse_many_in(tx, who.org_id, now)
            if refusal is not None:
                return refusal
            outlets = await self.book.outlets_in(tx, who.org_id)
            found = outlet or outlets.named(name)
            if found is None:
                return unknown()
            ready, place = None, room
            if outlet is None and found.is_own:
                row = await store.find(tx, who.org_id, name)
                opened = None if row is None else await ready_in(tx, self.book.own, row)
                if isinstance(opened, HubError):
                    return opened
                ready = opened
                if row is not None and ready is not None and ready.address is not None:
                    place = (ready.address, row["recipient"] or "…", row["language"])
            person = NOBODY
            if place is None:
                addressed = await self._address_in(tx, who, outlets, found, person_id)
                if isinstance(addressed, HubError):
                    return addressed
                person, place = addressed
            await store.count_test(tx, test_id=test_id, org_id=who.org_id, person_id=who.actor_id, at=now)
            subject = Subject(
                telling_id=test_id,
                kind=TEST,
                org=await telling_store.org_name(tx, who.org_id),
                happened_at=now,
                expires_at=now + WORTH,
            )
            return _Sending(
                test_id,
                who,
                person,
                name,
                place[1],
                place[2],
                subject,
                found.key,
                outlet is None,
                not found.is_own,
                place[0],
                ready,
            )

        return settled(await self.db.run(work, org=asker.org_id))

    async def _address_in(
        self, tx: Tx, who: Acting, outlets: Outlets, outlet: Outlet, person_id: str | None
    ) -> tuple[str, tuple[str, str, str]] | HubError:
        """Whose address, and it: the asker's own, or that of the member whom the operator names."""
        person = who.actor_id if who.actor_type == "person" else person_id
        if person is None or person not in {row["id"] for row in await orgs.members(tx, who.org_id)}:
            return NotFound(
                "person_unknown",
                "nobody here has that id: say who is told",
                next_step="Name a member by id.",
                field="$.person_id",
            )
        devices = await contacts.of_devices(tx, person)
        language = devices[-1]["language"] if devices else LANGUAGES[0]
        if outlet.takes == MAIL or outlet.kind == SMS:
            known = await self.book.addresses.addresses_in(tx, person, Outlets({}, (outlet,)))
            if known:
                return person, (known[0].address, self.book.masked(Outlets({}, (outlet,)), known[0]), language)
        for row in devices:
            # A channel that is not saved yet has no addresses of its own: those of its kind are tried.
            there = outlets.by_key.get(row["channel"])
            if row["channel"] == outlet.key or (there is not None and there.kind == outlet.kind):
                return person, await self._opened_in(tx, person, row)
        return Conflict(
            "no_address",
            f"you have no address on the channel {outlet.name!r}",
            next_step="Link your own mail address or number for codes, or let a device be told on this channel first.",
        )

    async def _opened_in(self, tx: Tx, person: str, row: Row) -> tuple[str, str, str]:
        address = await self.book.vault.unseal_in(tx, person, bytes(row["address"]), CONTEXT + row["id"])
        return address.decode(), row["masked"], row["language"]

    async def _sent(self, sending: _Sending, channel: Channel[Any]) -> TriedChannel:
        began = monotonic()
        try:
            message = composed(sending.subject, channel, language=sending.language, public_url=self.public_url)
            result: Delivery = await channel.send(sending.address, message)
        except ValueError as error:
            result = permanent(str(error))
        latency = int((monotonic() - began) * 1000)
        found = _told(sending, result, latency)
        await self._keep(sending, channel.name, found)
        if sending.is_operators and sending.who.actor_type == "person":
            return msgspec.structs.replace(found, said=said_of_operators(found.status, found.said))
        return found

    async def _keep(self, sending: _Sending, kind: str, found: TriedChannel) -> None:
        now, delivery_id, who = self.clock.now(), new_id("dlv"), sending.who

        async def work(tx: Tx) -> None:
            await telling_store.keep_attempt(
                tx,
                id=delivery_id,
                org_id=who.org_id,
                telling_id=sending.test_id,
                escalation_id=None,
                person_id=sending.person_id,
                at=now,
                channel=sending.key,
                recipient=found.recipient,
                attempt=1 if sending.saved else UNSAVED,
                status=found.status,
                provider_id=found.provider_id,
                latency_ms=found.latency_ms,
                said=found.said,
            )
            await self.recorder.record(
                tx,
                Event(
                    kind="channel.tested",
                    org_id=who.org_id,
                    at=now,
                    actor_type=who.actor_type,
                    actor_id=who.actor_id,
                    detail={"name": sending.name, "channel_kind": kind, "status": found.status},
                ),
            )

        await self.db.run(work, org=who.org_id)


def _told(sending: _Sending, result: Delivery, latency: int) -> TriedChannel:
    status = status_of(result)
    delivered = isinstance(result, Delivered)
    return TriedChannel(
        channel=sending.name,
        recipient=sending.recipient,
        status=status,
        provider_id=result.id if isinstance(result, Delivered) else None,
        latency_ms=latency,
        said=None if delivered else str(getattr(result, "why", ""))[:LONGEST_SAID],
        retry_after=round(result.after) if isinstance(result, TryLater) else None,
        next_step=DO[status],
    )


async def _refuse_many_in(tx: Tx, org_id: str, now: int) -> HubError | None:
    times = await store.tests_since(tx, org_id, now - MINUTE)
    if len(times) < A_MINUTE:
        return None
    return TooMany(
        "too_many_tests",
        f"an organisation sends at most {A_MINUTE} test messages a minute",
        next_step="Wait, then try again.",
        retry_after=max(1, (times[-A_MINUTE] + MINUTE - now) // SECOND + 1),
    )
