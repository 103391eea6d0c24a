"""What owners and admins must know: paused agents, keys that may be copied, recoveries, expected and refused eIDs."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, NotFound, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.orgs import notice_store as store
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential, admit_person_in


@dataclass(frozen=True, slots=True)
class Notice:
    """One line of the admins' inbox; times in milliseconds.

    The names are those of today, of a person, an agent, or a device's person; None where there is none any more.
    """

    notice_id: str
    kind: str
    subject_id: str
    by_id: str | None
    at: int
    closed_at: int | None
    subject_name: str | None = None
    by_name: str | None = None
    unread: bool = True


@dataclass(frozen=True, slots=True)
class ListNotices:
    """The admins' inbox."""

    db: Database
    clock: Clock

    async def __call__(
        self, credential: PersonCredential | OperatorCredential, *, limit: int, before: str | None = None
    ) -> list[Notice]:
        """At most `limit` lines before that one, newest first. Those that are unread come before all others.

        Raises Unauthenticated, Forbidden without the right to read them.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> list[Notice] | HubError:
            by = await admit_acting_in(tx, credential, now, Permission.READ_NOTICES)
            if isinstance(by, HubError):
                return by
            return [
                Notice(
                    row["id"],
                    row["kind"],
                    row["subject_id"],
                    row["by_id"],
                    row["at"],
                    row["closed_at"],
                    row["subject_name"],
                    row["by_name"],
                    bool(row["unread"]),
                )
                for row in await store.newest(tx, by.org_id, limit, reader_id=by.actor_id, before=before)
            ]

        return settled(await self.db.read(work, org=credential.org_id))

    async def read_up_to(self, credential: PersonCredential, notice_id: str) -> None:
        """This person has read this line and those before. Raises as above, and NotFound for a line that is none.

        It is a mark of their own: nobody else's list changes by it, and the log has no entry of it.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> HubError | None:
            session = await admit_person_in(tx, credential, now, Permission.READ_NOTICES)
            if isinstance(session, HubError):
                return session
            if await store.find(tx, session.org_id, notice_id) is None:
                return NotFound("notice_unknown", "there is no such notice", next_step="List the notices.")
            await store.read_up_to(tx, session.org_id, session.person_id, notice_id, now)
            tx.changed(f"notices:{session.org_id}")
            return None

        settled(await self.db.run(work, org=credential.org_id))
