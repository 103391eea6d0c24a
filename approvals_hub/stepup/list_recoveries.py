"""Shows recoveries: one's own, and those of an organisation to whoever governs its people."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential, admit_person_in
from approvals_hub.stepup import recovery_store as store
from approvals_hub.stepup.recovery import Recovery

LIMIT = 100
"""Recoveries shown, the newest ones."""


@dataclass(frozen=True, slots=True)
class ListRecoveries:
    """Newest first, ended ones too."""

    db: Database
    clock: Clock

    async def mine(self, credential: PersonCredential) -> list[Recovery]:
        """One's own: a new key that nobody asked for is seen here, and cancelled. Raises Unauthenticated."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[Recovery] | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            return await store.of_person(tx, session.person_id, LIMIT)

        # A recovery is its person's, whichever organisation it was opened in.
        return settled(await self.db.read(work))

    async def of_org(self, credential: PersonCredential | OperatorCredential) -> list[Recovery]:
        """All of the organisation. Raises Unauthenticated, Forbidden without the right to govern people."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[Recovery] | HubError:
            by = await admit_acting_in(tx, credential, now, Permission.GOVERN_PEOPLE)
            return by if isinstance(by, HubError) else await store.of_org(tx, by.org_id, LIMIT)

        return settled(await self.db.read(work, org=credential.org_id))
