"""What owners and admins must know: paused agents, keys that may be copied, answers of "this was not me"."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential


@dataclass(frozen=True, slots=True)
class Notice:
    """One line of the admins' inbox; times in milliseconds."""

    notice_id: str
    kind: str
    subject_id: str
    by_id: str | None
    at: int
    closed_at: int | None


@dataclass(frozen=True, slots=True)
class ListNotices:
    """The admins' inbox."""

    db: Database
    clock: Clock

    async def __call__(self, credential: PersonCredential | OperatorCredential, *, limit: int) -> list[Notice]:
        """At most `limit` lines, newest first. Raises Unauthenticated, Forbidden without the right to read them."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[Notice] | HubError:
            by = await admit_acting_in(tx, credential, now, Permission.READ_NOTICES)
            if isinstance(by, HubError):
                return by
            return [
                Notice(row["id"], row["kind"], row["subject_id"], row["by_id"], row["at"], row["closed_at"])
                for row in await orgs.notices(tx, by.org_id, limit)
            ]

        return settled(await self.db.read(work, org=credential.org_id))
