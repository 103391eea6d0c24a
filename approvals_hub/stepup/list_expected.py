"""Shows whoever governs people which eIDs their organisation expects, and what became of those it expected."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from approvals_hub.stepup import expected_store as store

LIMIT = 100
"""Expectations shown, the newest ones."""
WAITING = "waiting"
OVER = "over"


class ExpectedShown(msgspec.Struct, frozen=True):
    """One of them; nothing of the number. Times are milliseconds."""

    expected_id: str
    person_id: str
    person_name: str
    method: str
    state: str
    """`waiting`, `over` (nobody linked it in time), `linked`, `declined`, `replaced` by a later one."""
    by_name: str | None
    created_at: int
    expires_at: int
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class ListExpected:
    """Newest first, ended ones too, as long as they are kept."""

    db: Database
    clock: Clock

    async def __call__(self, credential: PersonCredential | OperatorCredential) -> list[ExpectedShown]:
        """All of the organisation. Raises Unauthenticated, Forbidden without the right to govern people."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[ExpectedShown] | HubError:
            by = await admit_acting_in(tx, credential, now, Permission.GOVERN_PEOPLE)
            if isinstance(by, HubError):
                return by
            return [
                ExpectedShown(
                    row["id"],
                    row["person_id"],
                    row["name"],
                    row["method"],
                    row["cause"] or (OVER if row["expires_at"] <= now else WAITING),
                    row["by_name"],
                    row["created_at"],
                    row["expires_at"],
                    row["ended_at"],
                )
                for row in await store.of_org(tx, by.org_id, LIMIT)
            ]

        return settled(await self.db.read(work, org=credential.org_id))
