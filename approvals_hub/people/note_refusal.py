"""What a member's roles do not allow leaves an entry: whoever stole a session tries what it is good for."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError
from approvals_hub.db.database import Database, Tx
from approvals_hub.people.session import PersonCredential, session_in


@dataclass(frozen=True, slots=True)
class NoteRefusal:
    """Records a change that was refused before anything was looked at."""

    db: Database
    recorder: Recorder
    clock: Clock

    async def __call__(self, by: PersonCredential, request: str, refusal: HubError) -> None:
        """Record it, to be called before it is answered. `request` is one of a closed list, as it is not erased.

        Nothing is recorded of a session that has ended meanwhile: nobody is known to be behind it.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> None:
            session = await session_in(tx, by, now)
            if isinstance(session, HubError):
                return
            await self.recorder.record(
                tx,
                Event(
                    kind="request.refused",
                    org_id=session.org_id,
                    at=now,
                    actor_type="person",
                    actor_id=session.person_id,
                    decision=refusal.code,
                    detail={"request": request},
                ),
            )

        await self.db.run(work, org=by.org_id)
