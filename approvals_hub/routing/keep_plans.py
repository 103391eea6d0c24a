"""Owners and admins write the organisation's groups, routes and schedules; nothing that is used is taken away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any, cast

from approvals_hub.audit.event import Detail, Event, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, HubError, Invalid, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain.requirement import stored
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import Acting, OperatorCredential, admit_acting_in
from approvals_hub.people.second_person import SecondPerson
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from approvals_hub.people.who_answers import GROUP_JOINED, Waiting, Wanted
from approvals_hub.routing import presence_store, store
from approvals_hub.routing.known import ChannelsIn, known_in, plan_in, plan_of
from approvals_hub.routing.load_group import MEMBERS_LIMIT, Group, load_group
from approvals_hub.routing.plan import GROUP, PLANS_LIMIT, ROUTE, SCHEDULE, Plan, hash_of, read, uses
from approvals_hub.routing.refer import refuse_unknown

Writer = PersonCredential | OperatorCredential
Left = Callable[[Tx, str, Collection[str], int], Awaitable[None]]
"""What follows for open questions when these people have left a group of an organisation."""
UsedIn = Callable[[Tx, str, str, str], Awaitable[list[str]]]
"""Which policies of an organisation name this plan, by its kind and name: `policy:NAME`."""


@dataclass(frozen=True, slots=True)
class KeepPlans:
    """Puts and deletes plans, each change against the version that its writer saw.

    What can make somebody hear of fewer questions needs a fresh factor: every change of a route or schedule that
    stands, every deletion, and whoever is taken out of a group. Where publishing policies takes a second person, so
    does letting somebody into a group by which a policy or the organisation says who must answer.
    """

    db: Database
    recorder: Recorder
    fresh: FreshFactors
    clock: Clock
    left_in: Left
    channels_in: ChannelsIn
    policies_use_in: UsedIn
    second: SecondPerson

    async def put(
        self, writer: Writer, kind: str, name: str, text: str, *, version: int = 0, fresh: Any = None
    ) -> Plan | Waiting:
        """Write one whole; `version` is the one it replaces, 0 for a new one. The same text again is no change.
        Waiting, of a group alone: a second person is asked first.

        Raises Invalid with line, column and the nearest known word; Conflict where another version stands (`extra`
        holds it), there are too many, or nobody could be the second person; Unauthenticated, Forbidden without the
        right, or without a fresh factor where somebody could hear of less; TooMany of drafts.
        """
        written = read(kind, name, text)
        now = self.clock.now()
        ids = [new_id("gmb") for _ in range(MEMBERS_LIMIT)] if kind == GROUP else []

        async def work(tx: Tx) -> Plan | Waiting | HubError:
            who = await admit_acting_in(tx, writer, now, Permission.GOVERN_ROUTES)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            row = await store.plan(tx, who.org_id, kind, name)
            before = None if row is None else plan_of(row)
            if before is not None and before.text == text:
                return before
            refusal = _refuse_version(kind, before, version) or await _refuse_many_in(tx, who, kind, before)
            if refusal is not None:
                return refusal
            known = await known_in(tx, who.org_id, self.channels_in)
            refuse_unknown(kind, text, known)
            members = [known.people[name] for name in written.members] if isinstance(written, Group) else []
            there = await _members_in(tx, who.org_id, name) if kind == GROUP else []
            joins = before is not None and not set(members) <= set(there)
            counts = joins and await self._counts_in(tx, who.org_id, name)
            if counts or not set(there) <= set(members) or (before is not None and kind != GROUP):
                refusal = await refuse_stale_in(tx, self.fresh, writer, fresh, now)
                if refusal is not None:
                    return refusal
            if before is not None and counts:
                wanted = Wanted(GROUP_JOINED, name, text, before.version, before.hash)
                waiting = await self.second.keep_in(tx, who, wanted, now)
                if waiting is not None:
                    return waiting
            return await self._put_in(tx, who, kind, name, text, before, members, ids, now)

        made = await self.db.run(work, org=writer.org_id)
        if isinstance(made, HubError):
            raise made
        return await self.second.asked(made) if isinstance(made, Waiting) else made

    async def refuse_group_in(self, tx: Tx, org_id: str, name: str, text: str) -> Invalid | None:
        """Why this cannot be a group's text: it cannot be read, or somebody is gone."""
        try:
            read(GROUP, name, text)
            refuse_unknown(GROUP, text, await known_in(tx, org_id, self.channels_in))
        except Invalid as refusal:
            return refusal
        return None

    async def put_group_in(
        self, tx: Tx, who: Acting, before: Plan, text: str, ids: list[str], now: int, *, question: str
    ) -> Plan:
        """Write a group's text, which is not refused, in the place of `before`, as people have signed by `question`;
        `ids` are new ones."""
        known = await known_in(tx, who.org_id, self.channels_in)
        members = [known.people[name] for name in load_group(text).members]
        return await self._put_in(tx, who, GROUP, before.name, text, before, members, ids, now, question)

    async def _put_in(
        self,
        tx: Tx,
        who: Acting,
        kind: str,
        name: str,
        text: str,
        before: Plan | None,
        members: list[str],
        ids: list[str],
        now: int,
        question: str | None = None,
    ) -> Plan:
        if kind == GROUP:
            there = await _members_in(tx, who.org_id, name)
            await self._leave_in(tx, who.org_id, name, [each for each in there if each not in members], now)
            for place, person in enumerate(dict.fromkeys(members)):
                await store.join_group(
                    tx, who.org_id, member_id=ids[place], group=name, person_id=person, place=place, at=now
                )
        version = 1 if before is None else before.version + 1
        after = Plan(kind, name, text, hash_of(text), version, now, who.actor_id)
        await store.put_plan(
            tx,
            who.org_id,
            kind=kind,
            name=name,
            text=text,
            content_hash=after.hash,
            version=after.version,
            at=now,
            by=who.actor_id,
        )
        await self._record_in(tx, who, kind, name, "changed", before, after, now, question)
        return after

    async def _counts_in(self, tx: Tx, org_id: str, group: str) -> bool:
        """Whether it is said by this group who must answer, and not only who is told."""
        used_by = await used_by_in(tx, org_id, GROUP, group, self.policies_use_in)
        return any(not each.startswith("route:") for each in used_by)

    async def delete(self, writer: Writer, kind: str, name: str, *, version: int, fresh: Any = None) -> Plan:
        """Take one away; the answer is what was there.

        Raises NotFound; Conflict where another version stands, or where it is used: `extra.used_by` says by what;
        Unauthenticated, Forbidden without the right or a fresh factor.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> Plan | HubError:
            who = await admit_acting_in(tx, writer, now, Permission.GOVERN_ROUTES)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            before = await plan_in(tx, who.org_id, kind, name)
            if isinstance(before, HubError):
                return before
            refusal = _refuse_version(kind, before, version) or _refuse_used(
                kind, name, await used_by_in(tx, who.org_id, kind, name, self.policies_use_in)
            )
            if refusal is None:
                refusal = await refuse_stale_in(tx, self.fresh, writer, fresh, now)
            if refusal is not None:
                return refusal
            if kind == GROUP:
                await self._leave_in(tx, who.org_id, name, await _members_in(tx, who.org_id, name), now)
            if kind == SCHEDULE:
                await presence_store.drop_overrides(tx, who.org_id, name)
            await store.delete_plan(tx, who.org_id, kind, name)
            await self._record_in(tx, who, kind, name, "deleted", before, None, now)
            return before

        return settled(await self.db.run(work, org=writer.org_id))

    async def _leave_in(self, tx: Tx, org_id: str, group: str, people: list[str], now: int) -> None:
        if people:
            await store.leave_group(tx, org_id, group, people, at=now)
            await self.left_in(tx, org_id, people, now)

    async def _record_in(
        self,
        tx: Tx,
        who: Acting,
        kind: str,
        name: str,
        what: str,
        before: Plan | None,
        after: Plan | None,
        now: int,
        question: str | None = None,
    ) -> None:
        detail: Detail = {
            "name": name,
            "before": None if before is None else before.hash,
            "after": None if after is None else after.hash,
            "version": None if after is None else after.version,
        }
        await self.recorder.record(
            tx,
            Event(
                kind=cast(Kind, f"{kind}.{what}"),
                org_id=who.org_id,
                at=now,
                actor_type=who.actor_type,
                actor_id=who.actor_id,
                escalation_id=question,
                detail=detail,
            ),
        )


async def used_by_in(tx: Tx, org_id: str, kind: str, name: str, policies_use_in: UsedIn) -> list[str]:
    """What would miss it: `route:NAME` for a group or schedule, `requirement` for a group, `default_route` for a
    route, `policy:NAME` for either."""
    by_policies = await policies_use_in(tx, org_id, kind, name)
    if kind == ROUTE:
        return [*(["default_route"] if await orgs.default_route(tx, org_id) == name else []), *by_policies]
    routes = await store.plans(tx, org_id, ROUTE)
    by_routes = [f"route:{row['name']}" for row in routes if uses(row["body"], kind, name)]
    org = await orgs.find(tx, org_id)
    asked = kind == GROUP and org is not None and f"group:{name}" in stored(org["requirement"]).paths_of_names()
    return [*by_routes, *(["requirement"] if asked else []), *by_policies]


def _refuse_version(kind: str, before: Plan | None, version: int) -> HubError | None:
    standing = 0 if before is None else before.version
    if standing == version:
        return None
    return Conflict(
        "version_changed",
        f"this {kind} has version {standing} now, and version {version} was to be changed",
        next_step="Read it again, make the change there, and send it with its version (0 for a new one).",
        field="$.version",
        extra={"version": standing},
    )


async def _refuse_many_in(tx: Tx, who: Acting, kind: str, before: Plan | None) -> HubError | None:
    if before is not None or len(await store.plans(tx, who.org_id, kind)) < PLANS_LIMIT:
        return None
    return Conflict(
        "too_many",
        f"an organisation has at most {PLANS_LIMIT} {kind}s",
        next_step="Delete one that nothing uses.",
        extra={"limit": PLANS_LIMIT},
    )


def _refuse_used(kind: str, name: str, used_by: list[str]) -> HubError | None:
    if not used_by:
        return None
    return Conflict(
        f"{kind}_in_use",
        f"the {kind} {name!r} is used by {', '.join(used_by[:10])}",
        next_step="Change what uses it first.",
        extra={"used_by": used_by},
    )


async def _members_in(tx: Tx, org_id: str, group: str) -> list[str]:
    return [row["person_id"] for row in await store.group_members(tx, org_id) if row["group_name"] == group]
