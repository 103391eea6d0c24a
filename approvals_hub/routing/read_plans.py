"""Shows the organisation's groups, routes and schedules to those who may see them."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from approvals_hub.routing import store
from approvals_hub.routing.absence import absence_of
from approvals_hub.routing.keep_plans import UsedIn, used_by_in
from approvals_hub.routing.known import ChannelsIn, known_in, plan_in, plan_of
from approvals_hub.routing.plan import GROUP, Plan
from approvals_hub.routing.refer import Missing, missing
from approvals_hub.routing.resolve import absences_in, groups_in

Reader = PersonCredential | OperatorCredential


@dataclass(frozen=True, slots=True)
class InGroup:
    """Somebody in a group; while they are away, until when and who stands in."""

    person_id: str
    name: str
    state: str
    away_until: int | None = None
    delegate_id: str | None = None


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """A plan, what uses it, of a group who is in it, and what it names that is not there any more."""

    plan: Plan
    used_by: list[str]
    people: list[InGroup]
    missing: list[Missing]


@dataclass(frozen=True, slots=True)
class ReadPlans:
    """Lists plans, and shows one."""

    db: Database
    clock: Clock
    channels_in: ChannelsIn
    policies_use_in: UsedIn

    async def __call__(self, reader: Reader, kind: str) -> list[Plan]:
        """All of one kind, by name. Raises Unauthenticated, Forbidden."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[Plan] | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.READ_ROUTES)
            if isinstance(who, HubError):
                return who
            return [plan_of(row) for row in await store.plans(tx, who.org_id, kind)]

        return settled(await self.db.read(work, org=reader.org_id))

    async def one(self, reader: Reader, kind: str, name: str) -> ShownPlan:
        """One of them. Raises NotFound, Unauthenticated, Forbidden."""
        now = self.clock.now()

        async def work(tx: Tx) -> ShownPlan | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.READ_ROUTES)
            if isinstance(who, HubError):
                return who
            plan = await plan_in(tx, who.org_id, kind, name)
            if isinstance(plan, HubError):
                return plan
            people = await _people_in(tx, who.org_id, name, now) if kind == GROUP else []
            gone = missing(kind, plan.text, await known_in(tx, who.org_id, self.channels_in))
            return ShownPlan(plan, await used_by_in(tx, who.org_id, kind, name, self.policies_use_in), people, gone)

        return settled(await self.db.read(work, org=reader.org_id))


async def _people_in(tx: Tx, org_id: str, group: str, now: int) -> list[InGroup]:
    members = await orgs.members(tx, org_id)
    absences = await absences_in(tx, org_id, now)
    rows = {row["id"]: row for row in members}
    found = []
    for person in (await groups_in(tx, org_id, members)).get(group, ()):
        away = absence_of(person, absences, now)
        found.append(
            InGroup(
                person,
                rows[person]["name"],
                rows[person]["state"],
                None if away is None else away.until,
                None if away is None else away.delegate,
            )
        )
    return found
