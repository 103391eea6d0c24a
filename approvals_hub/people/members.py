"""Lists who is in an organisation."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people import store
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential


@dataclass(frozen=True, slots=True)
class Member:
    """One person in one organisation; `keys` counts the devices that may sign."""

    person_id: str
    name: str
    email: str | None
    state: str
    roles: tuple[str, ...]
    created_at: int
    keys: int


@dataclass(frozen=True, slots=True)
class ListMembers:
    """Answers with all members, disabled people too."""

    db: Database
    clock: Clock

    async def __call__(self, credential: PersonCredential | OperatorCredential) -> list[Member]:
        """List them, oldest first. Raises Unauthenticated, Forbidden without the right to govern people."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[Member] | HubError:
            by = await admit_acting_in(tx, credential, now, Permission.GOVERN_PEOPLE)
            if isinstance(by, HubError):
                return by
            rows = await orgs.members(tx, by.org_id)
            keys = await store.active_device_counts(tx, [row["id"] for row in rows])
            return [
                Member(
                    person_id=row["id"],
                    name=row["name"],
                    email=row["email"],
                    state=row["state"],
                    roles=tuple(row["roles"].split()),
                    created_at=row["created_at"],
                    keys=keys.get(row["id"], 0),
                )
                for row in rows
            ]

        return settled(await self.db.read(work, org=credential.org_id))
