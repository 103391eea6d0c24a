"""Owners and admins say which route questions take for which nothing else names one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from approvals_hub.routing.known import plan_in
from approvals_hub.routing.plan import ROUTE

Setter = PersonCredential | OperatorCredential


@dataclass(frozen=True, slots=True)
class SetDefaultRoute:
    """Reads and replaces the default. Every change needs a fresh factor: without a route everybody who may answer is
    told, and another route may tell others."""

    db: Database
    recorder: Recorder
    fresh: FreshFactors
    clock: Clock

    async def __call__(self, setter: Setter, name: str | None, fresh: Any = None) -> str | None:
        """Set it, or none. Raises NotFound for a route that is not there, Unauthenticated, Forbidden."""
        now = self.clock.now()

        async def work(tx: Tx) -> str | HubError | None:
            who = await admit_acting_in(tx, setter, now, Permission.GOVERN_ROUTES)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            before = await orgs.default_route(tx, who.org_id)
            if before == name:
                return name
            if name is not None and isinstance(missing := await plan_in(tx, who.org_id, ROUTE, name), HubError):
                return missing
            refusal = await refuse_stale_in(tx, self.fresh, setter, fresh, now)
            if refusal is not None:
                return refusal
            await orgs.set_default_route(tx, who.org_id, name)
            await self.recorder.record(
                tx,
                Event(
                    kind="org.default_route_changed",
                    org_id=who.org_id,
                    at=now,
                    actor_type=who.actor_type,
                    actor_id=who.actor_id,
                    detail={"before": before, "after": name},
                ),
            )
            return name

        return settled(await self.db.run(work, org=setter.org_id))

    async def present(self, reader: Setter) -> str | None:
        """What stands now. Raises Unauthenticated, Forbidden."""
        now = self.clock.now()

        async def work(tx: Tx) -> str | HubError | None:
            who = await admit_acting_in(tx, reader, now, Permission.READ_ROUTES)
            return who if isinstance(who, HubError) else await orgs.default_route(tx, who.org_id)

        return settled(await self.db.read(work, org=reader.org_id))
