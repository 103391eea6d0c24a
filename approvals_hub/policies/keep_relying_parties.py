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
from approvals_hub.people.second_person import SecondPerson
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from approvals_hub.people.who_answers import PARTY_TRUSTED, Waiting, Wanted
from approvals_hub.policies import relying_party_store as registry
from approvals_hub.policies import store
from approvals_hub.policies.relying_party import (
    PARTIES_LIMIT,
    Entry,
    RelyingParty,
    changed_entry,
    checked_domain,
    checked_profile,
    party_unknown,
    too_many_parties,
)

Writer = PersonCredential | OperatorCredential


@dataclass(frozen=True, slots=True)
class KeepRelyingParties:
    """Lists, puts and removes. Every change takes a fresh factor: to remove a name may trust its hosts more, by what a
    `*.` above it says, and any change lets other rules match. Where publishing takes a second person, so does every
    change by which a host is trusted more; less is one person's."""

    db: Database
    recorder: Recorder
    fresh: FreshFactors
    clock: Clock
    second: SecondPerson

    async def list(self, reader: Writer) -> list[RelyingParty]:
        """All of them, by name. Raises Unauthenticated, Forbidden without the right to read policies."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[RelyingParty] | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.READ_POLICIES)
            if isinstance(who, HubError):
                return who
            return [_party(row) for row in await registry.parties(tx, who.org_id)]

        return settled(await self.db.read(work, org=reader.org_id))

    async def put(self, by: Writer, domain: str, trust_profile: str, *, fresh: Any = None) -> RelyingParty | Waiting:
        """Say how far one is trusted, from the next decision on. The same again is no change. Waiting: a second
        person is asked first.

        Raises Invalid, Conflict where there are too many or nobody could be the second person, Unauthenticated,
        Forbidden without the right to govern policies or a fresh factor, TooMany of drafts.
        """
        name, profile, now = checked_domain(domain), checked_profile(trust_profile), self.clock.now()

        async def work(tx: Tx) -> RelyingParty | Waiting | HubError:
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
            waiting = await self._asked_first_in(tx, who, name, profile, now)
            if waiting is not None:
                return waiting
            await self.change_in(tx, who, name, profile, now)
            return RelyingParty(name, profile, now, who.actor_id)

        return await self._told(await self.db.run(work, org=by.org_id))

    async def remove(self, by: Writer, domain: str, *, fresh: Any = None) -> RelyingParty | Waiting:
        """Say nothing of it any more; the answer is what was there. Raises as `put` does, and NotFound."""
        name, now = checked_domain(domain), self.clock.now()

        async def work(tx: Tx) -> RelyingParty | Waiting | HubError:
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
            waiting = await self._asked_first_in(tx, who, name, None, now)
            if waiting is not None:
                return waiting
            await self.change_in(tx, who, name, None, now)
            return _party(row)

        return await self._told(await self.db.run(work, org=by.org_id))

    async def refuse_in(self, tx: Tx, org_id: str, domain: str) -> HubError | None:
        """Why nothing can be said of this name: there are too many others by now."""
        if await registry.party(tx, org_id, domain) is not None:
            return None
        return too_many_parties() if await registry.count(tx, org_id) >= PARTIES_LIMIT else None

    async def change_in(
        self, tx: Tx, who: Acting, domain: str, after: str | None, now: int, *, question: str | None = None
    ) -> None:
        """Say this of a name, None for nothing, for whoever may; `question` is what people have signed about it."""
        row = await registry.party(tx, who.org_id, domain)
        before = None if row is None else row["trust_profile"]
        if after is None:
            await registry.remove(tx, who.org_id, domain)
        else:
            await registry.put(tx, org_id=who.org_id, domain=domain, trust_profile=after, at=now, by=who.actor_id)
        await store.changed(tx, who.org_id)
        await self.recorder.record(
            tx,
            Event(
                kind="relying_party.changed" if after is not None else "relying_party.removed",
                org_id=who.org_id,
                at=now,
                actor_type=who.actor_type,
                actor_id=who.actor_id,
                escalation_id=question,
                detail={"domain": domain, "before": before, "after": after},
            ),
        )

    async def _asked_first_in(
        self, tx: Tx, who: Acting, domain: str, profile: str | None, now: int
    ) -> Waiting | HubError | None:
        so_far = await registered_in(tx, who.org_id)
        before, after = Entry.of(domain, so_far), changed_entry(domain, so_far, profile)
        if not after.trusts_more_than(before):
            return None
        return await self.second.keep_in(
            tx, who, Wanted(PARTY_TRUSTED, domain, after.text(), 0, before.so_far().hash), now
        )

    async def _told(self, made: RelyingParty | Waiting | HubError) -> RelyingParty | Waiting:
        if isinstance(made, HubError):
            raise made
        return await self.second.asked(made) if isinstance(made, Waiting) else made


async def registered_in(tx: Tx, org_id: str) -> dict[str, str]:
    """How far the organisation trusts whom, by name."""
    return {row["domain"]: row["trust_profile"] for row in await registry.parties(tx, org_id)}


def _party(row: Row) -> RelyingParty:
    return RelyingParty(row["domain"], row["trust_profile"], row["changed_at"], row["changed_by"])
