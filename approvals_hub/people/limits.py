"""Owners and admins say how much the organisation's agents may ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from approvals_hub.audit.event import Detail, Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain.allowance import KINDS, Limits, read_limits
from approvals_hub.domain.hub_limits import HubLimits
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import FreshFactors, refuse_stale_in

Setter = PersonCredential | OperatorCredential


@dataclass(frozen=True, slots=True)
class SetLimits:
    """Reads and replaces the limits; they count from the next question on. What lets more through in any member needs a
    fresh factor: a stolen session must not open the way for a flood."""

    db: Database
    recorder: Recorder
    fresh: FreshFactors
    clock: Clock
    hub_limits: HubLimits

    async def __call__(self, setter: Setter, value: Any, fresh: Any = None) -> Limits:
        """Replace them whole; what is left out gets the hub's default. Setting what stands already is no change.

        Raises Invalid with the member's path, also for more than the hub's settings allow; Unauthenticated, Forbidden
        without the right to set them, or without a fresh factor where they let more through.
        """
        wanted = read_limits(value, self.hub_limits.usual)
        self.hub_limits.refuse_more(wanted)
        now = self.clock.now()

        async def work(tx: Tx) -> Limits | HubError:
            who = await admit_acting_in(tx, setter, now, Permission.SET_REQUIREMENT)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            before = self.hub_limits.of(await orgs.limits(tx, who.org_id))
            if before == wanted:
                return wanted
            if wanted.allow_more_than(before):
                refusal = await refuse_stale_in(tx, self.fresh, setter, fresh, now)
                if refusal is not None:
                    return refusal
            await orgs.set_limits(tx, who.org_id, wanted.text())
            detail: Detail = {
                f"{kind}_{name}": getattr(wanted.of(kind), name) for kind in KINDS for name in ("burst", "hourly")
            }
            detail["back_off"] = wanted.back_off
            await self.recorder.record(
                tx,
                Event(
                    kind="org.limits_changed",
                    org_id=who.org_id,
                    at=now,
                    actor_type=who.actor_type,
                    actor_id=who.actor_id,
                    detail=detail,
                ),
            )
            return wanted

        return settled(await self.db.run(work, org=setter.org_id))

    async def present(self, reader: Setter) -> Limits:
        """What stands now. Raises Unauthenticated, Forbidden without the right to set them."""
        now = self.clock.now()

        async def work(tx: Tx) -> Limits | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.SET_REQUIREMENT)
            return who if isinstance(who, HubError) else self.hub_limits.of(await orgs.limits(tx, who.org_id))

        return settled(await self.db.read(work, org=reader.org_id))
