"""What owners, admins and auditors do about channels and look up about deliveries, as one field of the Hub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.db.database import Database
from approvals_hub.notifications.address_book import AddressBook
from approvals_hub.notifications.channel import ShownChannel
from approvals_hub.notifications.keep_channels import KeepChannels, Writer
from approvals_hub.notifications.read_channels import ReadChannels
from approvals_hub.notifications.read_deliveries import ReadDeliveries
from approvals_hub.notifications.rehearse import Rehearse
from approvals_hub.notifications.retry_delivery import RetryDelivery
from approvals_hub.notifications.try_channel import TryChannel
from approvals_hub.people.stale import FreshFactors


@dataclass(frozen=True, slots=True)
class Channels:
    """Its use cases."""

    keep: KeepChannels
    read: ReadChannels
    tried: TryChannel
    deliveries: ReadDeliveries
    retried: RetryDelivery
    rehearse: Rehearse

    async def put(self, writer: Writer, name: str, kind: str, settings: Mapping[str, Any], **more: Any) -> ShownChannel:
        """Set one up, or change it; the answer is how it stands then. Raises as `KeepChannels.put`."""
        await self.keep.put(writer, name, kind, settings, **more)
        return await self.read.one(writer, name)

    async def delete(self, writer: Writer, name: str, **more: Any) -> ShownChannel:
        """Take one away; the answer is what was there. Raises as `KeepChannels.delete`."""
        gone = await self.read.one(writer, name)
        await self.keep.delete(writer, name, **more)
        return gone


def channels(
    db: Database, book: AddressBook, recorder: Recorder, fresh: FreshFactors, clock: Clock, public_url: str
) -> Channels:
    """Build them."""
    rehearse = Rehearse(book.settings, clock)
    keep = KeepChannels(db, book, recorder, fresh, clock)
    return Channels(
        keep=keep,
        read=ReadChannels(db, book, clock, rehearse),
        tried=TryChannel(db, book, keep, recorder, clock, public_url),
        deliveries=ReadDeliveries(db, clock),
        retried=RetryDelivery(db, book, recorder, clock),
        rehearse=rehearse,
    )
