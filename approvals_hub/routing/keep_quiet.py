"""People say in which hours of the week they are not told, except of what their organisation calls critical."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, NotFound, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.orgs import store as orgs
from approvals_hub.people.acting import Acting, OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
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

    async def __call__(
        self,
        by: PersonCredential | OperatorCredential,
        hours: Hours | None,
        fresh: Any = None,
        *,
        person_id: str | None = None,
    ) -> Hours | None:
        """Set them, or none. The operator, who has none, says whose: a phone may be lost that set them.

        Raises Invalid, NotFound, Unauthenticated, Forbidden without a fresh factor.
        """
        now = self.clock.now()
        wanted = None if hours is None else check_quiet(hours, now)

        async def work(tx: Tx) -> Hours | HubError | None:
            who = await admit_acting_in(tx, by, now)
            if isinstance(who, HubError):
                return who
            whose = await _whose_in(tx, who, person_id)
            if isinstance(whose, HubError):
                return whose
            before = (await quiet_in(tx, who.org_id)).get(whose)
            if before == wanted:
                return wanted
            if wanted is None:
                await presence_store.drop_quiet_hours(tx, who.org_id, whose)
            else:
                refusal = await refuse_stale_in(tx, self.fresh, by, fresh, now)
                if refusal is not None:
                    return refusal
                await presence_store.set_quiet_hours(tx, who.org_id, whose, _text(wanted), at=now)
            await self.recorder.record(
                tx,
                Event(
                    kind="quiet_hours.changed",
                    org_id=who.org_id,
                    at=now,
                    actor_type=who.actor_type,
                    actor_id=who.actor_id,
                    detail={
                        "before": None if before is None else hash_of(_text(before)),
                        "after": None if wanted is None else hash_of(_text(wanted)),
                    },
                ),
            )
            return wanted

        return settled(await self.db.run(work, org=by.org_id))

    async def present(self, by: PersonCredential | OperatorCredential, *, person_id: str | None = None) -> Hours | None:
        """What stands now; the operator says whose. Raises NotFound, Unauthenticated."""
        now = self.clock.now()

        async def work(tx: Tx) -> Hours | HubError | None:
            who = await admit_acting_in(tx, by, now)
            if isinstance(who, HubError):
                return who
            whose = await _whose_in(tx, who, person_id)
            if isinstance(whose, HubError):
                return whose
            return (await quiet_in(tx, who.org_id)).get(whose)

        return settled(await self.db.read(work, org=by.org_id))


async def _whose_in(tx: Tx, who: Acting, person_id: str | None) -> str | HubError:
    """Whose hours: one's own, or those of the member whom the operator names."""
    whose = who.actor_id if who.actor_type == "person" else person_id
    if whose is None or await orgs.member(tx, who.org_id, whose) is None:
        return NotFound("person_unknown", "there is no such member", next_step="List the members.")
    return whose


def _text(hours: Hours) -> str:
    return msgspec.json.encode(hours).decode()
