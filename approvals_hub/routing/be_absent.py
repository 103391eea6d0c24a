"""People say when they are away and who stands in; an admin may say it for somebody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from approvals_hub.audit.event import Event, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock, to_text
from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, NotFound, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission, permissions
from approvals_hub.people.acting import Acting, OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from approvals_hub.routing import presence_store
from approvals_hub.routing.absence import Absence, check_absence
from approvals_hub.routing.resolve import absences_in

Changed = Callable[[Tx, str, str, str | None, int], Awaitable[None]]
"""What follows, in an organisation, when it changes when somebody is away; with the kind of news for that person, where
somebody else wrote it."""
ABSENCES_LIMIT: Final = 20
"""Absences of one person that are not over."""


@dataclass(frozen=True, slots=True)
class Away:
    """One absence, and who wrote it."""

    absence_id: str
    person_id: str
    since: int
    until: int
    delegate_id: str | None
    recorded_at: int
    recorded_by: str


@dataclass(frozen=True, slots=True)
class BeAbsent:
    """Writes, lists and ends absences in one organisation. Writing one needs a fresh factor: somebody hears of less
    meanwhile, and a delegate may answer in their place."""

    db: Database
    recorder: Recorder
    fresh: FreshFactors
    clock: Clock
    absence_changed_in: Changed

    async def __call__(
        self,
        by: PersonCredential | OperatorCredential,
        *,
        since: int,
        until: int,
        delegate_id: str | None = None,
        person_id: str | None = None,
        fresh: Any = None,
    ) -> Away:
        """The session's person is away, or `person_id` where an owner, an admin or the operator says so.

        Whoever says it for somebody else never answers in that person's place, and the person is told.

        Raises Invalid for dates or a delegate that cannot be, Conflict for a circle, a chain that is too long or too
        many absences, NotFound for somebody who is not here, Unauthenticated, Forbidden without the right or a fresh
        factor.
        """
        now, absence_id = self.clock.now(), new_id("abs")

        async def work(tx: Tx) -> Away | HubError:
            who = await admit_acting_in(tx, by, now)
            if isinstance(who, HubError):
                return who
            absent = person_id or who.actor_id
            if absent != who.actor_id and not _governs(who):
                return _not_yours()
            await tx.lock("orgs", who.org_id)
            if absent != who.actor_id and delegate_id == who.actor_id:
                return _not_yourself()
            refusal = await _refuse_people_in(tx, who, absent, delegate_id)
            if refusal is not None:
                return refusal
            existing = await absences_in(tx, who.org_id, now)
            if sum(each.person == absent for each in existing) >= ABSENCES_LIMIT:
                return Conflict(
                    "too_many",
                    f"somebody has at most {ABSENCES_LIMIT} absences that are not over",
                    next_step="End one first.",
                    extra={"limit": ABSENCES_LIMIT},
                )
            check_absence(Absence(absent, since, until, delegate_id, now), existing)
            refusal = await refuse_stale_in(tx, self.fresh, by, fresh, now)
            if refusal is not None:
                return refusal
            made = Away(absence_id, absent, since, until, delegate_id, now, who.actor_id)
            await presence_store.add_absence(
                tx,
                who.org_id,
                absence_id=absence_id,
                person_id=absent,
                since=since,
                until=until,
                delegate_id=delegate_id,
                at=now,
                by=who.actor_id,
            )
            if delegate_id is not None:
                await orgs.absent_until(tx, who.org_id, until)
            await self._record_in(tx, who, "absence.recorded", made, now)
            return made

        return settled(await self.db.run(work, org=by.org_id))

    async def present(self, by: PersonCredential | OperatorCredential, *, everybody: bool = False) -> list[Away]:
        """The person's own that are not over; everybody's for those who may read routes. Raises Unauthenticated,
        Forbidden."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[Away] | HubError:
            who = await admit_acting_in(tx, by, now, Permission.READ_ROUTES if everybody else None)
            if isinstance(who, HubError):
                return who
            rows = await presence_store.absences(tx, who.org_id, now)
            return [_away(row) for row in rows if everybody or row["person_id"] == who.actor_id]

        return settled(await self.db.read(work, org=by.org_id))

    async def end(self, by: PersonCredential | OperatorCredential, absence_id: str) -> Away:
        """End one now: its own person, or an owner or admin. Raises NotFound, Unauthenticated."""
        now = self.clock.now()

        async def work(tx: Tx) -> Away | HubError:
            who = await admit_acting_in(tx, by, now)
            if isinstance(who, HubError):
                return who
            known = {row["id"]: row for row in await presence_store.absences(tx, who.org_id, now)}
            found = known.get(absence_id)
            own = found is not None and found["person_id"] == who.actor_id
            if not own and not (found is not None and _governs(who)):
                return NotFound("absence_unknown", "there is no such absence", next_step="List the absences.")
            row = await presence_store.end_absence(tx, who.org_id, absence_id, at=now)
            assert row is not None
            await self._record_in(tx, who, "absence.ended", _away(row), now)
            return _away(row)

        return settled(await self.db.run(work, org=by.org_id))

    async def _record_in(self, tx: Tx, who: Acting, kind: Kind, away: Away, now: int) -> None:
        by_other = who.actor_id != away.person_id
        await self.absence_changed_in(tx, who.org_id, away.person_id, kind if by_other else None, now)
        await self.recorder.record(
            tx,
            Event(
                kind=kind,
                org_id=who.org_id,
                at=now,
                actor_type=who.actor_type,
                actor_id=who.actor_id,
                detail={
                    "absence_id": away.absence_id,
                    "person_id": away.person_id,
                    "delegate_id": away.delegate_id,
                    "from": to_text(away.since),
                    "until": to_text(away.until),
                },
            ),
        )


def _governs(who: Acting) -> bool:
    return Permission.GOVERN_ROUTES in permissions(who.roles)


async def _refuse_people_in(tx: Tx, who: Acting, absent: str, delegate_id: str | None) -> HubError | None:
    if await orgs.member(tx, who.org_id, absent) is None:
        return NotFound("person_unknown", "there is no such member", next_step="List the members.")
    if delegate_id is None:
        return None
    row = await orgs.member(tx, who.org_id, delegate_id)
    may = row is not None and Permission.ANSWER in permissions(frozenset(row["roles"].split()))
    if row is not None and row["state"] == "active" and may:
        return None
    return Invalid(
        "delegate_invalid",
        "nobody who may answer here has this id",
        next_step="Name an active member with a role that answers, or nobody.",
        field="$.delegate",
    )


def _not_yours() -> HubError:
    return Forbidden(
        "role_missing",
        "only an owner or admin says that somebody else is away",
        next_step="Ask an owner or admin of the organisation.",
    )


def _not_yourself() -> Forbidden:
    return Forbidden(
        "delegate_yourself",
        "nobody makes themselves answer for somebody else",
        next_step="Name another delegate, or let somebody else say it: the person, or another owner or admin.",
        field="$.delegate",
    )


def _away(row: Row) -> Away:
    return Away(
        row["id"],
        row["person_id"],
        row["since"],
        row["until"],
        row["delegate_id"],
        row["recorded_at"],
        row["recorded_by"],
    )
