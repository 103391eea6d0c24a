"""Whoever may invite compares six digits with somebody who follows an invitation with a key that they have."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from approvals_hub.agents import store as agents
from approvals_hub.audit.event import Event, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, NotFound, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.escalations.leave import left_in
from approvals_hub.notifications.outbox import queue_person
from approvals_hub.orgs import membership_store as memberships
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people import invite_store as invites
from approvals_hub.people import joinings_store as store
from approvals_hub.people import store as people
from approvals_hub.people.acting import Acting, OperatorCredential, admit_acting_in
from approvals_hub.people.device import TELL_WITHIN
from approvals_hub.people.disable import disable_in
from approvals_hub.people.person import ACTIVE
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import refuse_stale_in
from approvals_hub.routing import store as plans
from approvals_hub.stepup import recovery_store as recoveries
from approvals_hub.stepup.fresh import Fresh, FreshFactor
from approvals_hub.stepup.joined import record_joined
from approvals_hub.stepup.let_in import REFUSAL, refuse_alone_in

WRONG_LIMIT = 5
"""Wrong digits after which a joining is over."""
PENDING, JOINED, ENDED = "pending", "joined", "ended"
Inviter = PersonCredential | OperatorCredential


@dataclass(frozen=True, slots=True)
class PendingJoining:
    """Somebody who waits to be compared; `invited_name` is what the inviter called them."""

    joining_id: str
    person_id: str
    person_name: str
    invited_name: str
    digits: str = field(repr=False)
    created_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class Joinings:
    """Lists them, lets them in for the right digits alone, and turns them down."""

    db: Database
    recorder: Recorder
    fresh: FreshFactor
    clock: Clock

    async def pending(self, credential: Inviter) -> list[PendingJoining]:
        """Who waits here. Raises Unauthenticated, Forbidden without the right to invite people."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[PendingJoining] | HubError:
            by = await admit_acting_in(tx, credential, now, Permission.INVITE_PEOPLE)
            if isinstance(by, HubError):
                return by
            return [
                PendingJoining(
                    row["id"],
                    row["person_id"],
                    row["person_name"],
                    row["invited_name"],
                    row["digits"],
                    row["created_at"],
                    row["expires_at"],
                )
                for row in await store.pending(tx, by.org_id, now)
            ]

        return settled(await self.db.read(work, org=credential.org_id))

    async def confirm(self, credential: Inviter, joining_id: str, digits: str, fresh: Fresh | None = None) -> str:
        """Let them in; their id. The person that the invitation made up gives way to them, with what it owns.

        The fifth wrong try ends it. Raises Invalid for wrong digits, NotFound, Conflict where it is over and while the
        person's keys are being replaced elsewhere, Forbidden for one's own, for an owner or admin whom the caller
        invited where publishing takes two, and for a person without a fresh factor, Unauthenticated.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> str | HubError:
            found = await self._found_in(tx, credential, joining_id, now)
            if isinstance(found, HubError):
                return found
            by, row = found
            if row["state"] == JOINED:
                return str(row["person_id"])
            if row["state"] != PENDING or now >= row["expires_at"]:
                return _over()
            invite = await invites.invite_by_id(tx, row["invite_id"])
            alone = await refuse_alone_in(tx, by, row["invited_id"], None if invite is None else invite["invited_by"])
            if alone is not None:
                await self._record_in(tx, "person.refused", by, row, REFUSAL, now)
                return alone
            stale = await refuse_stale_in(tx, self.fresh, credential, fresh, now)
            if stale is not None:
                await self._record_in(tx, "person.refused", by, row, stale.code, now)
                return stale
            if not hmac.compare_digest(row["digits"].encode(), digits.encode()):
                return await self._wrong_in(tx, by, row, now)
            return await self._join_in(tx, by, row, now)

        # A recovery of the person's keys may run in another organisation.
        return settled(await self.db.run(work))

    async def refuse(self, credential: Inviter, joining_id: str) -> None:
        """Turn them down; the invitation is spent. Twice is no error. Raises as confirming does."""
        now = self.clock.now()

        async def work(tx: Tx) -> HubError | None:
            found = await self._found_in(tx, credential, joining_id, now)
            if isinstance(found, HubError):
                return found
            by, row = found
            if await store.finish(tx, joining_id, state=ENDED, at=now) is not None:
                await self._record_in(tx, "person.refused", by, row, "turned_down", now)
            return _over() if row["state"] == JOINED else None

        settled(await self.db.run(work, org=credential.org_id))

    async def _found_in(self, tx: Tx, credential: Inviter, joining_id: str, now: int) -> tuple[Acting, Row] | HubError:
        by = await admit_acting_in(tx, credential, now, Permission.INVITE_PEOPLE)
        if isinstance(by, HubError):
            return by
        row = await store.find(tx, by.org_id, joining_id)
        if row is not None:
            # First the person, as whoever opens a recovery does: of a joining and a recovery one sees the other.
            await tx.lock("people", row["person_id"])
            await tx.lock("joinings", joining_id)
            row = await store.find(tx, by.org_id, joining_id)
        if row is None:
            return NotFound(
                "joining_unknown", "nobody joins by this id here", next_step="Look at the list of joinings."
            )
        if row["person_id"] == by.actor_id:
            return Forbidden("own_joining", "nobody lets themselves in", next_step="Ask another owner or admin.")
        return by, row

    async def _join_in(self, tx: Tx, by: Acting, row: Row, now: int) -> str | HubError:
        org_id, person_id, invited_id = by.org_id, str(row["person_id"]), row["invited_id"]
        if await recoveries.live_of_person(tx, person_id) is not None:
            # Colleagues of one organisation replace the keys: they would come in here with those.
            await self._record_in(tx, "person.refused", by, row, "recovery_runs", now)
            return _waits()
        await tx.lock("orgs", org_id)
        person, invited = await people.person(tx, person_id), await orgs.member(tx, org_id, invited_id)
        if person is None or person["state"] != ACTIVE or invited is None or invited["state"] != ACTIVE:
            await store.finish(tx, row["id"], state=ENDED, at=now)
            return _over()
        if not await memberships.join(
            tx, org_id=org_id, person_id=person_id, roles=invited["roles"], at=now, invited_as=invited_id
        ):
            await store.finish(tx, row["id"], state=ENDED, at=now)
            return _over()
        await store.finish(tx, row["id"], state=JOINED, at=now, by=by.actor_id)
        await memberships.end(tx, org_id, invited_id, at=now)
        await disable_in(tx, invited_id, now)
        # Whoever answers for an agent does not count among those who approve what it asks.
        await agents.hand_on(tx, org_id, old=invited_id, new=person_id)
        await plans.hand_on(tx, org_id, old=invited_id, new=person_id, at=now)
        await left_in(tx, org_id, [invited_id], now)
        await record_joined(
            tx,
            self.recorder,
            org_id=org_id,
            person_id=person_id,
            by=by.actor_id,
            actor_type=by.actor_type,
            now=now,
            invited_as=invited_id,
        )
        await queue_person(
            tx, kind="person.joined", org_id=org_id, person_id=person_id, at=now, until=now + TELL_WITHIN
        )
        self._publish(tx, by, person_id)
        return person_id

    async def _wrong_in(self, tx: Tx, by: Acting, row: Row, now: int) -> HubError:
        tries = await store.count_wrong(tx, row["id"])
        await self._record_in(tx, "person.refused", by, row, "digits_wrong", now)
        if tries < WRONG_LIMIT:
            return Invalid(
                "digits_wrong",
                "these are not the digits on the other screen",
                next_step="Compare both screens. If they differ, turn it down: somebody else may have the link.",
                field="$.digits",
                extra={"tries_left": WRONG_LIMIT - tries},
            )
        await store.finish(tx, row["id"], state=ENDED, at=now)
        self._publish(tx, by, row["person_id"])
        return _over()

    async def _record_in(self, tx: Tx, kind: Kind, by: Acting, row: Row, refusal: str, now: int) -> None:
        event = Event(
            kind=kind,
            org_id=by.org_id,
            at=now,
            actor_type=by.actor_type,
            actor_id=by.actor_id,
            decision=refusal,
            detail={"joining_id": row["id"], "person_id": row["person_id"]},
        )
        await self.recorder.record(tx, event)

    def _publish(self, tx: Tx, by: Acting, person_id: str) -> None:
        tx.changed(f"person:{person_id}")
        tx.changed(f"pending:{by.org_id}")


def _waits() -> Conflict:
    return Conflict(
        "joining_waits",
        "this person cannot be let in at the moment, and sees why on their own page",
        next_step="Ask them, and try again before the joining is over.",
    )


def _over() -> Conflict:
    return Conflict(
        "joining_over",
        "this joining is over: confirmed, turned down, tried too often or too late",
        next_step="Invite the person anew where they are not a member.",
    )
