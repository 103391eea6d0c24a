"""Says who is on call, and lets owners and admins say who stands in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import DAY, Clock, to_text
from approvals_hub.core.errors import Conflict, HubError, Invalid, NotFound, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from approvals_hub.routing import presence_store
from approvals_hub.routing.absence import absence_of
from approvals_hub.routing.known import people_of, plan_in
from approvals_hub.routing.plan import SCHEDULE
from approvals_hub.routing.resolve import absences_in, schedule_in
from approvals_hub.routing.schedule import OVERRIDES_LIMIT, candidates, next_change
from approvals_hub.routing.wall_clock import LAST_YEAR

Caller = PersonCredential | OperatorCredential

LONGEST: Final = 400 * DAY
"""How long an override may last, in milliseconds."""
LAST_INSTANT: Final = (LAST_YEAR - 1970) * 365 * DAY


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is on call at an instant, and until when that stays; `then` are those who follow where one may not answer."""

    schedule: str
    at: int
    person_id: str | None
    name: str | None
    then: list[str]
    until: int | None
    away_until: int | None
    delegate_id: str | None


@dataclass(frozen=True, slots=True)
class StandIn:
    """An override that is written beside a schedule."""

    override_id: str
    schedule: str
    person_id: str
    since: int
    until: int
    recorded_at: int
    recorded_by: str


@dataclass(frozen=True, slots=True)
class OnCall:
    """Answers who is on call; keeps overrides. One that is written counts from then on, never for the past."""

    db: Database
    recorder: Recorder
    fresh: FreshFactors
    clock: Clock

    async def __call__(self, reader: Caller, schedule: str, at: int | None = None) -> Duty:
        """Who is on call at an instant, now unless said. Raises NotFound, Invalid, Unauthenticated, Forbidden."""
        now = self.clock.now()
        when = now if at is None else at
        if not 0 <= when <= LAST_INSTANT:
            raise Invalid("time_invalid", "that is too far away", next_step="Ask about a nearer time.", field="$.at")

        async def work(tx: Tx) -> Duty | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.READ_ROUTES)
            if isinstance(who, HubError):
                return who
            plan = await plan_in(tx, who.org_id, SCHEDULE, schedule)
            if isinstance(plan, HubError):
                return plan
            rows = await orgs.members(tx, who.org_id)
            members, people = {row["id"]: row["name"] for row in rows}, people_of(rows)
            # What is written beside the text counts from when it was written on, as in a question.
            found = await schedule_in(tx, who.org_id, schedule, people, now)
            assert found is not None
            able = [person for person in candidates(found, when) if person in members]
            first = able[0] if able else None
            away = None if first is None else absence_of(first, await absences_in(tx, who.org_id, when), when)
            return Duty(
                schedule=schedule,
                at=when,
                person_id=first,
                name=None if first is None else members[first],
                then=able[1:],
                until=next_change(found, when, among=members),
                away_until=None if away is None else away.until,
                delegate_id=None if away is None else away.delegate,
            )

        return settled(await self.db.read(work, org=reader.org_id))

    async def overrides(self, reader: Caller, schedule: str) -> list[StandIn]:
        """Those beside the schedule's text that are not over. Raises NotFound, Unauthenticated, Forbidden."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[StandIn] | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.READ_ROUTES)
            if isinstance(who, HubError):
                return who
            plan = await plan_in(tx, who.org_id, SCHEDULE, schedule)
            if isinstance(plan, HubError):
                return plan
            return await _beside_in(tx, who.org_id, schedule, now)

        return settled(await self.db.read(work, org=reader.org_id))

    async def stand_in(
        self, writer: Caller, schedule: str, *, person: str, since: int, until: int, fresh: Any = None
    ) -> StandIn:
        """Somebody is on call from one instant until another, whatever the schedule says.

        Raises NotFound, Invalid for a period that is none or a person who is not here, Conflict over the limit,
        Unauthenticated, Forbidden without the right or a fresh factor: somebody else hears of nothing meanwhile.
        """
        now, override_id = self.clock.now(), new_id("ovr")
        if not since < until <= since + LONGEST or not now < until <= LAST_INSTANT:
            raise Invalid(
                "override_invalid",
                f"an override ends after it begins, in the future, and lasts {LONGEST // DAY} days at most",
                next_step="Correct the times.",
                field="$.until",
            )

        async def work(tx: Tx) -> StandIn | HubError:
            who = await admit_acting_in(tx, writer, now, Permission.GOVERN_ROUTES)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            plan = await plan_in(tx, who.org_id, SCHEDULE, schedule)
            if isinstance(plan, HubError):
                return plan
            person_id = people_of(await orgs.members(tx, who.org_id)).get(person)
            if person_id is None:
                return Invalid(
                    "person_unknown",
                    "nobody here has this id or address",
                    next_step="List the members.",
                    field="$.person",
                )
            if len(await _beside_in(tx, who.org_id, schedule, now)) >= OVERRIDES_LIMIT:
                return Conflict(
                    "too_many",
                    f"a schedule has at most {OVERRIDES_LIMIT} overrides",
                    next_step="End some, or change the schedule.",
                    extra={"limit": OVERRIDES_LIMIT},
                )
            refusal = await refuse_stale_in(tx, self.fresh, writer, fresh, now)
            if refusal is not None:
                return refusal
            made = StandIn(override_id, schedule, person_id, since, until, now, who.actor_id)
            await presence_store.add_override(
                tx,
                who.org_id,
                override_id=override_id,
                schedule=schedule,
                person_id=person_id,
                since=since,
                until=until,
                at=now,
                by=who.actor_id,
            )
            await self.recorder.record(
                tx,
                Event(
                    kind="override.recorded",
                    org_id=who.org_id,
                    at=now,
                    actor_type=who.actor_type,
                    actor_id=who.actor_id,
                    detail={
                        "override_id": override_id,
                        "schedule": schedule,
                        "person_id": person_id,
                        "from": to_text(since),
                        "until": to_text(until),
                    },
                ),
            )
            return made

        return settled(await self.db.run(work, org=writer.org_id))

    async def end(self, writer: Caller, schedule: str, override_id: str, fresh: Any = None) -> StandIn:
        """End one now. Raises NotFound for one that is over, Unauthenticated, Forbidden, as `stand_in` does."""
        now = self.clock.now()

        async def work(tx: Tx) -> StandIn | HubError:
            who = await admit_acting_in(tx, writer, now, Permission.GOVERN_ROUTES)
            if isinstance(who, HubError):
                return who
            beside = {each.override_id: each for each in await _beside_in(tx, who.org_id, schedule, now)}
            if override_id not in beside:
                return NotFound("override_unknown", "there is no such override", next_step="List the overrides.")
            refusal = await refuse_stale_in(tx, self.fresh, writer, fresh, now)
            if refusal is not None:
                return refusal
            row = await presence_store.end_override(tx, who.org_id, schedule, override_id, at=now)
            assert row is not None
            await self.recorder.record(
                tx,
                Event(
                    kind="override.ended",
                    org_id=who.org_id,
                    at=now,
                    actor_type=who.actor_type,
                    actor_id=who.actor_id,
                    detail={"override_id": override_id, "schedule": schedule, "person_id": row["person_id"]},
                ),
            )
            return _stand_in(row)

        return settled(await self.db.run(work, org=writer.org_id))


async def _beside_in(tx: Tx, org_id: str, schedule: str, now: int) -> list[StandIn]:
    rows = await presence_store.overrides(tx, org_id, now)
    return [_stand_in(row) for row in rows if row["schedule"] == schedule]


def _stand_in(row: Row) -> StandIn:
    return StandIn(
        row["id"],
        row["schedule"],
        row["person_id"],
        row["since"],
        row["until"],
        row["recorded_at"],
        row["recorded_by"],
    )
