"""Owners and admins say how much of a question may be said outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain.disclosure import Disclosure, read_disclosure, stored
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import FreshFactors, refuse_stale_in

Setter = PersonCredential | OperatorCredential


@dataclass(frozen=True, slots=True)
class SetDisclosure:
    """Reads and replaces it; it counts from the next message on. What says more in any form needs a fresh factor: a
    stolen session must not have every question sent to a chat."""

    db: Database
    recorder: Recorder
    fresh: FreshFactors
    clock: Clock

    async def __call__(self, setter: Setter, value: Any, fresh: Any = None) -> Disclosure:
        """Replace it whole; a form left out says the least. Setting what stands already is no change.

        Raises Invalid with the member's path, Unauthenticated, Forbidden without the right to set it, or without a
        fresh factor where it says more.
        """
        wanted = read_disclosure(value)
        now = self.clock.now()

        async def work(tx: Tx) -> Disclosure | HubError:
            who = await admit_acting_in(tx, setter, now, Permission.SET_REQUIREMENT)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            before = stored(await orgs.disclosure(tx, who.org_id))
            if before == wanted:
                return wanted
            if wanted.says_more_than(before):
                refusal = await refuse_stale_in(tx, self.fresh, setter, fresh, now)
                if refusal is not None:
                    return refusal
            await orgs.set_disclosure(tx, who.org_id, wanted.text())
            await self.recorder.record(
                tx,
                Event(
                    kind="org.disclosure_changed",
                    org_id=who.org_id,
                    at=now,
                    actor_type=who.actor_type,
                    actor_id=who.actor_id,
                    detail=msgspec.to_builtins(wanted),
                ),
            )
            return wanted

        return settled(await self.db.run(work, org=setter.org_id))

    async def present(self, reader: Setter) -> Disclosure:
        """What stands now. Raises Unauthenticated, Forbidden without the right to set it."""
        now = self.clock.now()

        async def work(tx: Tx) -> Disclosure | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.SET_REQUIREMENT)
            return who if isinstance(who, HubError) else stored(await orgs.disclosure(tx, who.org_id))

        return settled(await self.db.read(work, org=reader.org_id))
