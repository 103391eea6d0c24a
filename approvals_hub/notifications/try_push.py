"""A person sends a test message to a device of their own: what its provider answers is what they are told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

import msgspec

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import MINUTE, SECOND, Clock
from approvals_hub.core.errors import Conflict, HubError, Invalid, TooMany, settled
from approvals_hub.core.ids import new_id
from approvals_hub.core.log import logger
from approvals_hub.core.sealing import SealBroken
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.notifications import channel_store as channels
from approvals_hub.notifications import telling_store
from approvals_hub.notifications.address_book import CONTEXT, AddressBook
from approvals_hub.notifications.attempt import LONGEST_SAID, status_of
from approvals_hub.notifications.channel import said_of_operators
from approvals_hub.notifications.compose import Subject, composed
from approvals_hub.notifications.dispatch import LONGEST_SEND
from approvals_hub.notifications.gone import gone_in
from approvals_hub.notifications.outlets import name_of
from approvals_hub.notifications.own_channels import Ready
from approvals_hub.notifications.push_address import own_device_in
from approvals_hub.notifications.telling import TEST
from approvals_hub.notifications.try_channel import WORTH
from approvals_hub.people import contact_store as contacts
from approvals_hub.people.device import ACTIVE
from approvals_hub.people.session import PersonCredential, Session, admit_person_in
from notify.channel import Channel
from notify.delivery import AFTER, AddressGone, Delivered, Delivery, TryLater, bad_settings, permanent

log = logger("notifications")

A_MINUTE: Final = 3
"""Test messages that one person sends to their own devices. They are not counted with those of the organisation: else
whoever has a phone could keep its admins from trying a channel."""
DO: Final = {
    "delivered": "Look at the device: it shows a test message within seconds. If not, look at what it lets pages show.",
    "gone": "The device takes nothing there any more: open the page on it, which names a new address by itself.",
    "later": "The provider takes nothing now: try again in a while. Until then you find what waits in the inbox.",
    "settings": "The provider refuses this hub: tell an admin, or whoever runs it.",
    "refused": "The provider refuses this device: turn notifications off and on again on it, or tell an admin.",
    "permanent": "The provider refuses this message: turn notifications off and on again on the device.",
}


class TriedPush(msgspec.Struct, frozen=True):
    """What became of it."""

    device_id: str
    channel: str
    address: str
    """Masked."""
    telling_id: str
    """Which the message carries: a page that is open knows by it that it has arrived."""
    status: str
    provider_id: str | None
    latency_ms: int
    """Until the provider had answered."""
    said: str | None
    """The provider's words, where it refused; nothing of what only whoever runs the hub can mend."""
    retry_after: int | None
    """Seconds that the provider wants to be left alone."""
    next_step: str


@dataclass(frozen=True, slots=True)
class _Sending:
    session: Session
    subject: Subject
    contact: Row
    key: str
    address: str = field(repr=False)
    ready: Ready | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class TryPush:
    """Counts before it sends, and writes down what became of it: in the delivery log, and in the audit log."""

    db: Database
    book: AddressBook
    recorder: Recorder
    clock: Clock
    public_url: str

    async def __call__(self, credential: PersonCredential, device_id: str) -> TriedPush:
        """Send one to where the device is told now.

        Raises NotFound for a device that is not the person's own, Conflict where it may not sign or is told nowhere,
        TooMany, Unauthenticated, Forbidden.
        """
        sending = await self._begun(credential, device_id)
        began = monotonic()
        result = await self._delivery(sending)
        found = _told(sending, result, int((monotonic() - began) * 1000))
        await self._keep(sending, found, is_gone=isinstance(result, AddressGone))
        if sending.ready is None:
            return msgspec.structs.replace(found, said=said_of_operators(found.status, found.said))
        return found

    async def _begun(self, credential: PersonCredential, device_id: str) -> _Sending:
        now, test_id = self.clock.now(), new_id("tst")

        async def work(tx: Tx) -> _Sending | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            device = await own_device_in(tx, session, device_id)
            if isinstance(device, HubError):
                return device
            if device["state"] != ACTIVE:
                return Conflict("device_not_active", "this device may not sign", next_step="Have it confirmed first.")
            await tx.lock("people", session.person_id)
            refusal = await _refuse_many_in(tx, session.person_id, now)
            if refusal is not None:
                return refusal
            contact = await contacts.of_device(tx, session.person_id, device_id)
            opened = None if contact is None else await self._opened_in(tx, session, contact)
            if contact is None or opened is None:
                return Conflict(
                    "no_push_address",
                    "this device is told nowhere",
                    next_step="Turn notifications on there: open the page on it, then Devices.",
                )
            await channels.count_test(
                tx, test_id=test_id, org_id=session.org_id, person_id=session.person_id, at=now, device_id=device_id
            )
            subject = Subject(
                telling_id=test_id, kind=TEST, org=session.org_name, happened_at=now, expires_at=now + WORTH
            )
            address, ready = opened
            return _Sending(session, subject, contact, contact["channel"], address, ready)

        return settled(await self.db.run(work, org=credential.org_id))

    async def _opened_in(self, tx: Tx, session: Session, contact: Row) -> tuple[str, Ready | None] | None:
        """The address and the channel; None where there is no such channel any more, or neither opens."""
        outlets = await self.book.outlets_in(tx, session.org_id)
        outlet = outlets.by_key.get(contact["channel"])
        if outlet is None:
            return None
        try:
            ready = None
            if outlet.is_own:
                row = await channels.find(tx, session.org_id, name_of(outlet.key))
                if row is None:
                    return None
                ready = await self.book.own.read_in(tx, row)
            raw = await self.book.vault.unseal_in(
                tx, session.person_id, bytes(contact["address"]), CONTEXT + contact["id"]
            )
        except (LookupError, SealBroken) as error:
            log.error("push_address_not_opened", contact_id=contact["id"], why=type(error).__name__)
            return None
        return raw.decode(), ready

    async def _delivery(self, sending: _Sending) -> Delivery:
        try:
            if sending.ready is None:
                return await self._given(sending, self.book.settings.channels[sending.key])
            async with self.book.own.lent(sending.ready) as channel:
                return await self._given(sending, channel)
        except Invalid as error:
            return bad_settings(error.detail)

    async def _given(self, sending: _Sending, channel: Channel[Any]) -> Delivery:
        try:
            language = sending.contact["language"]
            message = composed(sending.subject, channel, language=language, public_url=self.public_url)
        except ValueError as error:
            return permanent(str(error))
        try:
            async with asyncio.timeout(LONGEST_SEND):
                delivery: Delivery = await channel.send(sending.address, message)
                return delivery
        except TimeoutError:
            return TryLater(AFTER, "no answer within the time limit", perhaps_sent=True)

    async def _keep(self, sending: _Sending, found: TriedPush, *, is_gone: bool) -> None:
        now, delivery_id, session, contact = self.clock.now(), new_id("dlv"), sending.session, sending.contact

        async def work(tx: Tx) -> None:
            await telling_store.keep_attempt(
                tx,
                id=delivery_id,
                org_id=session.org_id,
                telling_id=found.telling_id,
                escalation_id=None,
                person_id=session.person_id,
                at=now,
                channel=sending.key,
                recipient=found.address,
                attempt=1,
                status=found.status,
                provider_id=found.provider_id,
                latency_ms=found.latency_ms,
                said=found.said,
            )
            if is_gone:
                # Whoever pressed the button reads the answer: it is no news to them.
                await gone_in(tx, self.recorder, org_id=session.org_id, contact=contact, at=now, is_news=False)
            await self.recorder.record(
                tx,
                Event(
                    kind="device.push_tested",
                    org_id=session.org_id,
                    at=now,
                    actor_type="person",
                    actor_id=session.person_id,
                    detail={"device_id": found.device_id, "status": found.status},
                ),
            )

        await self.db.run(work, org=session.org_id)


def _told(sending: _Sending, result: Delivery, latency: int) -> TriedPush:
    status = status_of(result)
    return TriedPush(
        device_id=sending.contact["device_id"],
        channel=name_of(sending.key),
        address=sending.contact["masked"],
        telling_id=sending.subject.telling_id,
        status=status,
        provider_id=result.id if isinstance(result, Delivered) else None,
        latency_ms=latency,
        said=None if isinstance(result, Delivered) else str(getattr(result, "why", ""))[:LONGEST_SAID],
        retry_after=round(result.after) if isinstance(result, TryLater) else None,
        next_step=DO[status],
    )


async def _refuse_many_in(tx: Tx, person_id: str, now: int) -> HubError | None:
    times = await channels.device_tests_since(tx, person_id, now - MINUTE)
    if len(times) < A_MINUTE:
        return None
    return TooMany(
        "too_many_tests",
        f"a person sends at most {A_MINUTE} test messages a minute to their own devices",
        next_step="Wait, then try again.",
        retry_after=max(1, (times[-A_MINUTE] + MINUTE - now) // SECOND + 1),
    )
