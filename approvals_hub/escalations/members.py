"""What becomes of somebody's part in one organisation when they leave it, are removed, disabled or let in again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from approvals_hub.agents import store as agents
from approvals_hub.agents.invite import Inviter, admit_inviter_in
from approvals_hub.audit.event import Event, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, Forbidden, HubError, NotFound, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.escalations import inbox_store as inbox
from approvals_hub.escalations.leave import left_in, put_back_in
from approvals_hub.escalations.quarantine import Quarantine
from approvals_hub.orgs import membership_store as memberships
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission, permissions
from approvals_hub.people.acting import Acting, OperatorCredential
from approvals_hub.people.disable import disable_in, enable_in
from approvals_hub.people.end_here import end_here_in
from approvals_hub.people.session import PersonCredential, admit_person_in
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from approvals_hub.policies import store as policies

ALL = "in every organisation"
HERE = "in this organisation"


@dataclass(frozen=True, slots=True)
class Members:
    """A membership ends in its own organisation alone; an account is the operator's to disable, everywhere."""

    db: Database
    quarantine: Quarantine
    recorder: Recorder
    fresh: FreshFactors
    clock: Clock

    async def set_state(self, by: Inviter, org_id: str, person_id: str, state: str, fresh: Any = None) -> None:
        """`Govern.set_person_state` says what it does and raises."""
        now = self.clock.now()
        operator = isinstance(by, OperatorCredential)

        async def work(tx: Tx) -> HubError | None:
            # One at a time: two owners who disable each other at the same moment would leave nobody.
            await tx.lock("orgs", org_id)
            who = await admit_inviter_in(tx, by, org_id, now, Permission.GOVERN_PEOPLE)
            if isinstance(who, HubError):
                return who
            refusal = await self._refuse_in(tx, org_id, person_id, who, ends=state == "disabled")
            if refusal is not None:
                return refusal
            if state == "active":
                return await self._enable_in(tx, by, org_id, person_id, who, fresh, now)
            if operator:
                await self._disable_everywhere_in(tx, person_id, who, now)
            elif await memberships.set_aside(tx, org_id, person_id, at=now) is not None:
                await self._ended_in(tx, org_id, person_id, who, "person.disabled", "owner_disabled", now)
            return None

        # An account is in every organisation, and so are its sessions and agents.
        settled(await self.db.run(work) if operator else await self.db.run(work, org=by.org_id))

    async def remove(self, by: Inviter, org_id: str, person_id: str, fresh: Any = None) -> None:
        """Take somebody out, or leave: votes, sessions and waiting questions here end at once, their agents pause.

        Leaving takes a fresh factor: who stole a session must not take its person out. Coming back takes a new
        invitation. Raises NotFound, Forbidden, Conflict for the last owner, Unauthenticated.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> HubError | None:
            await tx.lock("orgs", org_id)
            who = await self._leaver_in(tx, by, org_id, person_id, fresh, now)
            if who is None:
                who = await admit_inviter_in(tx, by, org_id, now, Permission.GOVERN_PEOPLE)
            if isinstance(who, HubError):
                return who
            refusal = await self._refuse_in(tx, org_id, person_id, who, ends=True)
            if refusal is not None:
                return refusal
            if await memberships.end(tx, org_id, person_id, at=now) is not None:
                await self._ended_in(tx, org_id, person_id, who, "person.removed", "owner_left", now)
            return None

        settled(await self.db.run(work, org=by.org_id))

    async def _leaver_in(
        self, tx: Tx, by: Inviter, org_id: str, person_id: str, fresh: Any, now: int
    ) -> Acting | HubError | None:
        """The person themselves, whatever their roles; None where somebody else asks."""
        if not isinstance(by, PersonCredential):
            return None
        session = await admit_person_in(tx, by, now)
        if isinstance(session, HubError):
            return session
        if (session.org_id, session.person_id) != (org_id, person_id):
            return None
        refusal = await self.fresh.verify_fresh_in(tx, session, fresh, now)
        return refusal or Acting(org_id, "person", person_id, session.roles)

    async def _refuse_stale_in(
        self, tx: Tx, by: Inviter, org_id: str, person_id: str, who: Acting, fresh: Any, now: int
    ) -> HubError | None:
        """Why this person does not let somebody in again with their session alone, or None."""
        member = await orgs.member(tx, org_id, person_id)
        if member is None or member["state"] == "active":
            return None
        stale = await refuse_stale_in(tx, self.fresh, by, fresh, now)
        if stale is not None:
            await self._record(tx, "person.refused", org_id, who, person_id, HERE, now, stale.code)
        return stale

    async def _enable_in(
        self, tx: Tx, by: Inviter, org_id: str, person_id: str, who: Acting, fresh: Any, now: int
    ) -> HubError | None:
        everywhere = who.actor_type == "operator" and await enable_in(tx, person_id)
        alone = await _refuse_alone_in(tx, org_id, person_id)
        stale = None if alone else await self._refuse_stale_in(tx, by, org_id, person_id, who, fresh, now)
        if stale is not None:
            return stale
        here = alone is None and await memberships.take_back(tx, org_id, person_id, at=now) is not None
        member = await orgs.member(tx, org_id, person_id)
        is_back = member is None or member["state"] == "active"
        if alone is not None and not everywhere:
            await self._record(tx, "person.refused", org_id, who, person_id, HERE, now, alone.code)
            return alone
        if not is_back and not everywhere:
            return Conflict(
                "account_disabled",
                "whoever runs the hub has disabled this account, in every organisation",
                next_step="Ask whoever runs the hub: approvals-hub people enable",
            )
        if everywhere or here:
            for each in await memberships.every(tx, person_id) if everywhere else [org_id]:
                await self._record(tx, "person.enabled", each, who, person_id, ALL if everywhere else HERE, now)
            # Who may answer was frozen when a question opened, and they are among those people still.
            tx.changed(f"person:{person_id}")
            await put_back_in(tx, person_id, now)
        return None

    async def _disable_everywhere_in(self, tx: Tx, person_id: str, who: Acting, now: int) -> None:
        if await disable_in(tx, person_id, now) is None:
            return
        await inbox.leave(tx, person_id=person_id)
        for org_id in await memberships.every(tx, person_id):
            await self._record(tx, "person.disabled", org_id, who, person_id, ALL, now)
            await self._pause_in(tx, org_id, person_id, who, "owner_disabled", now)

    async def _ended_in(
        self, tx: Tx, org_id: str, person_id: str, who: Acting, kind: Kind, cause: str, now: int
    ) -> None:
        """A vote stops counting with the membership; here are the sessions, the inbox and the agents."""
        await end_here_in(tx, org_id, person_id, now)
        await self._record(tx, kind, org_id, who, person_id, HERE, now)
        await left_in(tx, org_id, [person_id], now)
        await self._pause_in(tx, org_id, person_id, who, cause, now)

    async def _pause_in(self, tx: Tx, org_id: str, person_id: str, who: Acting, cause: str, now: int) -> None:
        for row in await agents.agents_of_owner(tx, org_id, person_id):
            await self.quarantine.pause_in(
                tx, row["id"], cause=cause, by=who.actor_id, actor_type=who.actor_type, now=now
            )

    async def _refuse_in(self, tx: Tx, org_id: str, person_id: str, who: Acting, *, ends: bool) -> HubError | None:
        member = await orgs.member(tx, org_id, person_id)
        if member is None:
            return NotFound("person_not_found", "there is no such member", next_step="See: approvals-hub people list")
        if not ends or "owner" not in member["roles"].split():
            return None
        if "owner" not in who.roles:
            return NotFound("person_not_found", "only an owner may disable an owner", next_step="Ask an owner.")
        owners = [
            row
            for row in await orgs.members(tx, org_id)
            if "owner" in row["roles"].split() and row["state"] == "active"
        ]
        if len(owners) == 1 and owners[0]["id"] == person_id:
            return Conflict("last_owner", "this is the only active owner", next_step="Make somebody else owner first.")
        return None

    async def _record(
        self,
        tx: Tx,
        kind: Kind,
        org_id: str,
        who: Acting,
        person_id: str,
        reach: str,
        now: int,
        decision: str | None = None,
    ) -> None:
        event = Event(
            kind=kind,
            org_id=org_id,
            at=now,
            actor_type=who.actor_type,
            actor_id=who.actor_id,
            decision=decision,
            detail={"subject_id": person_id, "everywhere": reach == ALL},
        )
        await self.recorder.record(tx, event)


async def _refuse_alone_in(tx: Tx, org_id: str, person_id: str) -> Forbidden | None:
    """Where publishing policies takes two, so does letting an owner or admin in, also one who was here before."""
    member = await orgs.member(tx, org_id, person_id)
    held = frozenset() if member is None else permissions(frozenset(member["roles"].split()))
    aside = Permission.GOVERN_POLICIES in held and await memberships.is_set_aside(tx, org_id, person_id)
    if not aside or not await policies.second_person(tx, org_id):
        return None
    return Forbidden(
        "second_person_confirms",
        "publishing takes a second person here, so that nobody lets a disabled owner or admin in again alone",
        next_step="Take them out and invite them anew: another owner or admin than the inviter compares the digits.",
    )
