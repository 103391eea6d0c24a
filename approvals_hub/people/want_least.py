"""A person asks for less to be said on their lock screen, and in mail to them, than their organisation allows."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.people import least_store as store
from approvals_hub.people.session import PersonCredential, admit_person_in


@dataclass(frozen=True, slots=True)
class WantLeast:
    """Reads and sets it, for all organisations of the person: it is their phone. It counts from the next message on.

    Taking it back says no more than the organisation allows to everybody, so it needs no fresh factor.
    """

    db: Database
    recorder: Recorder
    clock: Clock

    async def __call__(self, credential: PersonCredential, *, least: bool) -> bool:
        """Set it. Setting what stands already is no change. Raises Unauthenticated, Forbidden."""
        now = self.clock.now()

        async def work(tx: Tx) -> bool | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            if await store.is_least(tx, session.person_id) == least:
                return least
            await store.set_least(tx, session.person_id, least=least)
            await self.recorder.record(
                tx,
                Event(
                    kind="person.disclosure_changed",
                    org_id=session.org_id,
                    at=now,
                    actor_type="person",
                    actor_id=session.person_id,
                    detail={"least": least},
                ),
            )
            return least

        return settled(await self.db.run(work, org=credential.org_id))

    async def present(self, credential: PersonCredential) -> bool:
        """What stands now. Raises Unauthenticated, Forbidden."""
        now = self.clock.now()

        async def work(tx: Tx) -> bool | HubError:
            session = await admit_person_in(tx, credential, now)
            return session if isinstance(session, HubError) else await store.is_least(tx, session.person_id)

        return settled(await self.db.read(work, org=credential.org_id))
