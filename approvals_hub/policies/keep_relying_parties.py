"""Whoever governs policies says how far the organisation trusts those whom its agents deal with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import Acting, OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from approvals_hub.policies import relying_party_store as registry
from approvals_hub.policies import store
from approvals_hub.policies.relying_party import (
    PARTIES_LIMIT,
    RelyingParty,
    checked_domain,
    checked_profile,
    party_unknown,
    too_many_parties,
)

Writer = PersonCredential | OperatorCredential


@dataclass(frozen=True, slots=True)
class KeepRelyingParties:
    """Lists, puts and removes. Every change takes a fresh factor: to remove a name may trust its hosts more, by what a
    `*.` above it says, and any change lets other rules match."""

    db: Database
    recorder: Recorder
    fresh: FreshFactors
    clock: Clock

    async def list(self, reader: Writer) -> list[RelyingParty]:
        """All of them, by name. Raises Unauthenticated, Forbidden without the right to read policies."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[RelyingParty] | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.READ_POLICIES)
            if isinstance(who, HubError):
                return who
            return [_party(row) for row in await registry.parties(tx, who.org_id)]

        return settled(await self.db.read(work, org=reader.org_id))

    async def put(self, by: Writer, domain: str, trust_profile: str, *, fresh: Any = None) -> RelyingParty:
        """Say how far one is trusted, from the next decision on. The same again is no change.

        Raises Invalid, Conflict where there are too many, Unauthenticated, Forbidden without the right to govern
        policies or a fresh factor.
        """
        name, profile, now = checked_domain(domain), checked_profile(trust_profile), self.clock.now()

        async def work(tx: Tx) -> RelyingParty | HubError:
            who = await admit_acting_in(tx, by, now, Permission.GOVERN_POLICIES)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            row = await registry.party(tx, who.org_id, name)
            if row is not None and row["trust_profile"] == profile:
                return _party(row)
            if row is None and await registry.count(tx, who.org_id) >= PARTIES_LIMIT:
                return too_many_parties()
            refusal = await refuse_stale_in(tx, self.fresh, by, fresh, now)
            if refusal is not None:
                return refusal
            await registry.put(tx, org_id=who.org_id, domain=name, trust_profile=profile, at=now, by=who.actor_id)
            before = None if row is None else row["trust_profile"]
            await self._changed_in(tx, who, name, before, profile, now)
            return RelyingParty(name, profile, now, who.actor_id)

        return settled(await self.db.run(work, org=by.org_id))

    async def remove(self, by: Writer, domain: str, *, fresh: Any = None) -> RelyingParty:
        """Say nothing of it any more; the answer is what was there. Raises as `put` does, and NotFound."""
        name, now = checked_domain(domain), self.clock.now()

        async def work(tx: Tx) -> RelyingParty | HubError:
            who = await admit_acting_in(tx, by, now, Permission.GOVERN_POLICIES)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            row = await registry.party(tx, who.org_id, name)
            if row is None:
                return party_unknown()
            refusal = await refuse_stale_in(tx, self.fresh, by, fresh, now)
            if refusal is not None:
                return refusal
            await registry.remove(tx, who.org_id, name)
            await self._changed_in(tx, who, name, row["trust_profile"], None, now)
            return _party(row)

        return settled(await self.db.run(work, org=by.org_id))

    async def _changed_in(
        self, tx: Tx, who: Acting, domain: str, before: str | None, after: str | None, now: int
    ) -> None:
        await store.changed(tx, who.org_id)
        await self.recorder.record(
            tx,
            Event(
                kind="relying_party.changed" if after is not None else "relying_party.removed",
                org_id=who.org_id,
                at=now,
                actor_type=who.actor_type,
                actor_id=who.actor_id,
                detail={"domain": domain, "before": before, "after": after},
            ),
        )


def _party(row: Row) -> RelyingParty:
    return RelyingParty(row["domain"], row["trust_profile"], row["changed_at"], row["changed_by"])
