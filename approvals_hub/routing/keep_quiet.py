"""People say in which hours of the week they are not told, unless the policy calls a question urgent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.people.session import PersonCredential, admit_person_in
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from approvals_hub.routing import presence_store
from approvals_hub.routing.hours import Hours, check_quiet
from approvals_hub.routing.plan import hash_of
from approvals_hub.routing.resolve import quiet_in


@dataclass(frozen=True, slots=True)
class KeepQuiet:
    """Reads and replaces a person's quiet hours in the organisation of their session; open questions keep theirs.

    Setting them needs a fresh factor, as the person hears of less; taking them away does not.
    """

    db: Database
    recorder: Recorder
    fresh: FreshFactors
    clock: Clock

    async def __call__(self, by: PersonCredential, hours: Hours | None, fresh: Any = None) -> Hours | None:
        """Set them, or none. Raises Invalid, Unauthenticated, Forbidden without a fresh factor."""
        now = self.clock.now()
        wanted = None if hours is None else check_quiet(hours, now)

        async def work(tx: Tx) -> Hours | HubError | None:
            session = await admit_person_in(tx, by, now)
            if isinstance(session, HubError):
                return session
            before = (await quiet_in(tx, session.org_id)).get(session.person_id)
            if before == wanted:
                return wanted
            if wanted is None:
                await presence_store.drop_quiet_hours(tx, session.org_id, session.person_id)
            else:
                refusal = await refuse_stale_in(tx, self.fresh, by, fresh, now)
                if refusal is not None:
                    return refusal
                await presence_store.set_quiet_hours(tx, session.org_id, session.person_id, _text(wanted), at=now)
            await self.recorder.record(
                tx,
                Event(
                    kind="quiet_hours.changed",
                    org_id=session.org_id,
                    at=now,
                    actor_type="person",
                    actor_id=session.person_id,
                    detail={
                        "before": None if before is None else hash_of(_text(before)),
                        "after": None if wanted is None else hash_of(_text(wanted)),
                    },
                ),
            )
            return wanted

        return settled(await self.db.run(work, org=by.org_id))

    async def present(self, by: PersonCredential) -> Hours | None:
        """What stands now. Raises Unauthenticated."""
        now = self.clock.now()

        async def work(tx: Tx) -> Hours | HubError | None:
            session = await admit_person_in(tx, by, now)
            if isinstance(session, HubError):
                return session
            return (await quiet_in(tx, session.org_id)).get(session.person_id)

        return settled(await self.db.read(work, org=by.org_id))


def _text(hours: Hours) -> str:
    return msgspec.json.encode(hours).decode()
