"""What owners, admins and auditors do about channels and look up about deliveries, as one field of the Hub."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.db.database import Database
from approvals_hub.notifications.address_book import AddressBook
from approvals_hub.notifications.keep_channels import KeepChannels
from approvals_hub.notifications.read_channels import ReadChannels
from approvals_hub.notifications.read_deliveries import ReadDeliveries
from approvals_hub.notifications.try_channel import TryChannel
from approvals_hub.people.stale import FreshFactors


@dataclass(frozen=True, slots=True)
class Channels:
    """Its use cases."""

    keep: KeepChannels
    read: ReadChannels
    tried: TryChannel
    deliveries: ReadDeliveries


def channels(
    db: Database, book: AddressBook, recorder: Recorder, fresh: FreshFactors, clock: Clock, public_url: str
) -> Channels:
    """Build them."""
    keep = KeepChannels(db, book, recorder, fresh, clock)
    return Channels(
        keep=keep,
        read=ReadChannels(db, book, clock),
        tried=TryChannel(db, book, keep, recorder, clock, public_url),
        deliveries=ReadDeliveries(db, clock),
    )
