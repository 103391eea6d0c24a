"""How it stands with where a person is told: each device's address works as far as anybody knows, is stale, or is gone;
and whether one channel that fails would leave them without any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.notifications.address_book import AddressBook
from approvals_hub.notifications.outlets import name_of
from approvals_hub.notifications.reachable import ENOUGH, channels_to_in
from approvals_hub.notifications.rehearse import Rehearse
from approvals_hub.notifications.working import fit_in
from approvals_hub.people import contact_store as contacts
from approvals_hub.people.contact import heard_at, is_stale
from approvals_hub.people.session import PersonCredential, admit_person_in

State = Literal["told", "stale", "gone"]
"""`told`: nothing says that it does not arrive there. `stale`: nothing was heard of the device for as long as
`people.contact.STALE_AFTER`. `gone`: whoever delivers there said that it takes nothing any more, and the device has
named no other since."""


class PushReach(msgspec.Struct, frozen=True):
    """The address of one device, as its person sees it."""

    device_id: str
    channel: str
    address: str
    """Masked."""
    language: str
    registered_at: int
    heard_at: int
    """When the device last named it, or used its key."""
    state: State
    gone_at: int | None


class Reached(msgspec.Struct, frozen=True):
    """Where somebody is told."""

    devices: list[PushReach]
    """Each active one that is told somewhere, or was until that was gone."""
    channels: list[str]
    """Working ones that reach the person, two at most."""
    enough: bool
    """Whether there are two, or no more that the person could be told on."""


@dataclass(frozen=True, slots=True)
class ReadPushReach:
    """Reads it for whoever asks, and of nobody else."""

    db: Database
    clock: Clock
    book: AddressBook
    rehearse: Rehearse

    async def __call__(self, credential: PersonCredential) -> Reached:
        """How it stands now. Raises Unauthenticated, Forbidden."""
        now = self.clock.now()

        async def work(tx: Tx) -> Reached | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            # The newest of each device: what was gone before it named another address is over.
            newest = {row["device_id"]: row for row in await contacts.known_of_devices(tx, session.person_id)}
            outlets = await self.book.outlets_in(tx, session.org_id)
            working = await fit_in(tx, session.org_id, outlets, self.rehearse)
            channels = await channels_to_in(
                tx, self.book.addresses, outlets, session.org_id, working, now, session.person_id
            )
            possible = {*working} & {*outlets.push, *outlets.mail, *outlets.sms}
            is_enough = len(channels) >= min(ENOUGH, len(possible))
            return Reached([push_reach(row, now) for row in newest.values()], channels, is_enough)

        return settled(await self.db.read(work, org=credential.org_id))


def push_reach(row: Row, now: int) -> PushReach:
    """How a stored row of `known_of_devices` stands at an instant, in milliseconds."""
    known = (row["registered_at"], row["last_used_at"])
    state: State = "stale" if is_stale(*known, now) else "told"
    return PushReach(
        device_id=row["device_id"],
        channel=name_of(row["channel"]),
        address=row["masked"],
        language=row["language"],
        registered_at=row["registered_at"],
        heard_at=heard_at(*known),
        state=state if row["gone_at"] is None else "gone",
        gone_at=row["gone_at"],
    )
