"""A break-glass ends: used, said so by an owner or admin, or by its time."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.audit.event import ActorType, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.changes import store
from approvals_hub.changes.announce_break_glass import announce_break_glass_in
from approvals_hub.changes.break_glass import ENDED, USED, BreakGlass, break_glass_unknown
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.escalations.escalation import HUB
from approvals_hub.orgs.org import Permission
from approvals_hub.people.session import PersonCredential, admit_person_in
from approvals_hub.stepup import recovery_store as recoveries

PAGE = 100
"""Those whose time is over that are ended in one turn."""


@dataclass(frozen=True, slots=True)
class EndBreakGlass:
    """Ends one early, without ceremony; the worker ends those whose time is over."""

    db: Database
    recorder: Recorder
    clock: Clock

    async def __call__(self, credential: PersonCredential, glass_id: str) -> BreakGlass:
        """End it: the waiting time is what it was. Doing it again is the same answer. Raises NotFound, Forbidden."""
        now = self.clock.now()

        async def work(tx: Tx) -> BreakGlass | HubError:
            session = await admit_person_in(tx, credential, now, Permission.GOVERN_PEOPLE)
            if isinstance(session, HubError):
                return session
            found = await store.find(tx, glass_id)
            if found is None or found.org_id != session.org_id:
                return break_glass_unknown()
            return await end_break_glass_in(
                tx, self.recorder, found, cause="cancelled", by=session.person_id, actor_type="person", now=now
            )

        return settled(await self.db.run(work, org=credential.org_id))

    async def overdue(self) -> int:
        """End those whose time is over; returns how many. Late is not wrong: the recovery asks the clock itself."""
        now = self.clock.now()
        found = await self.db.read(lambda tx: store.overdue(tx, now, PAGE))
        for glass in found:

            async def work(tx: Tx, glass: BreakGlass = glass) -> None:
                await end_break_glass_in(tx, self.recorder, glass, cause="expired", by=HUB, actor_type="hub", now=now)

            await self.db.run(work)
        return len(found)


async def end_break_glass_in(
    tx: Tx, recorder: Recorder, glass: BreakGlass, *, cause: str, by: str, actor_type: ActorType, now: int
) -> BreakGlass:
    """End it where it is live; how it stands afterwards."""
    ended = await store.end(tx, glass.id, state=ENDED, cause=cause, by=by, at=now)
    if ended is None:
        return await store.find(tx, glass.id) or glass
    await recoveries.hurry(tx, ended.recovery_id, until=None)
    await _announce_in(tx, recorder, ended, by, actor_type, now)
    return ended


async def use_break_glass_in(tx: Tx, recorder: Recorder, glass: BreakGlass, now: int) -> None:
    """A key counted before its waiting time was over, because of it."""
    used = await store.end(tx, glass.id, state=USED, cause=None, by=HUB, at=now)
    if used is not None:
        await _announce_in(tx, recorder, used, HUB, "hub", now)


async def _announce_in(tx: Tx, recorder: Recorder, glass: BreakGlass, by: str, actor_type: ActorType, now: int) -> None:
    recovery = await recoveries.find(tx, glass.recovery_id)
    assert recovery is not None
    kind: Kind = "break_glass.used" if glass.state == USED else "break_glass.ended"
    await announce_break_glass_in(tx, recorder, kind, glass, recovery, by=by, actor_type=actor_type, now=now)
