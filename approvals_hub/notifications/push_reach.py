"""How it stands with where a person's devices are told: it works as far as anybody knows, is stale, or is gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.notifications.outlets import name_of
from approvals_hub.people import contact_store as contacts
from approvals_hub.people.contact import STALE_AFTER
from approvals_hub.people.session import PersonCredential, admit_person_in

State = Literal["told", "stale", "gone"]
"""`told`: nothing says that it does not arrive there. `stale`: nothing was heard of the device for `STALE_AFTER`.
`gone`: whoever delivers there said that it takes nothing any more, and the device has named no other since."""


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


@dataclass(frozen=True, slots=True)
class ReadPushReach:
    """Reads it for whoever asks, and of nobody else."""

    db: Database
    clock: Clock

    async def __call__(self, credential: PersonCredential) -> list[PushReach]:
        """One for each active device that is told somewhere, or was until that was gone. Raises Unauthenticated,
        Forbidden."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[PushReach] | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            # The newest of each device: what was gone before it named another address is over.
            newest = {row["device_id"]: row for row in await contacts.known_of_devices(tx, session.person_id)}
            return [push_reach(row, now) for row in newest.values()]

        return settled(await self.db.read(work, org=credential.org_id))


def push_reach(row: Row, now: int) -> PushReach:
    """How a stored row of `known_of_devices` stands at an instant, in milliseconds."""
    heard = max(row["registered_at"], row["last_used_at"] or 0)
    state: State = "stale" if now - heard >= STALE_AFTER else "told"
    return PushReach(
        device_id=row["device_id"],
        channel=name_of(row["channel"]),
        address=row["masked"],
        language=row["language"],
        registered_at=row["registered_at"],
        heard_at=heard,
        state=state if row["gone_at"] is None else "gone",
        gone_at=row["gone_at"],
    )
