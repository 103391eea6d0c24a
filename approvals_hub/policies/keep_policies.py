"""Owners and admins publish the organisation's policies, bind them to agents, and take them out of force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from approvals_hub.agents import store as agents
from approvals_hub.audit.event import Detail, Event, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, HubError, Invalid, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain.advice import refusal_of_codes
from approvals_hub.domain.requirement import stored
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people import store as people
from approvals_hub.people.acting import Acting, OperatorCredential, admit_acting_in
from approvals_hub.people.names import answers, names_of
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from approvals_hub.policies import store
from approvals_hub.policies.demand import requirement_for
from approvals_hub.policies.document import AGENT, Policy
from approvals_hub.policies.kept import (
    POLICIES_LIMIT,
    Binding,
    KeptPolicy,
    checked_binding,
    checked_name,
    kept_of,
    policy_unknown,
    refuse_version,
)
from approvals_hub.policies.load import load
from approvals_hub.routing import store as routing
from approvals_hub.routing.plan import ROUTE
from approvals_hub.routing.resolve import groups_in

Writer = PersonCredential | OperatorCredential
SOURCE_LIMIT = 200
"""Characters."""


@dataclass(frozen=True, slots=True)
class KeepPolicies:
    """Publishes and removes policies, each change against the version that its writer saw.

    Every change takes a fresh factor: one rule too many lets an agent do without people what it asked about before.
    """

    db: Database
    recorder: Recorder
    fresh: FreshFactors
    clock: Clock
    methods: frozenset[str] = frozenset()
    """The ways to prove who one is that this hub offers, as requirements name them."""

    async def publish(
        self,
        writer: Writer,
        name: str,
        text: str,
        *,
        version: int = 0,
        binding: Binding | None = None,
        source: str | None = None,
        fresh: Any = None,
    ) -> KeptPolicy:
        """Put a text in force; `version` is the one that it replaces, 0 for a new policy. `binding` None: as it was,
        every agent for a new one. The same text and binding again is no change.

        Raises Invalid with line, column and the nearest known word, or the field's path; Conflict where another version
        stands (`extra` holds it) or there are too many; Unauthenticated, Forbidden without the right or a fresh factor.
        """
        checked_name(name)
        read = load(text)
        bound = None if binding is None else checked_binding(binding)
        if source is not None and not (1 <= len(source) <= SOURCE_LIMIT and source.isprintable()):
            raise Invalid(
                "policy_invalid",
                f"source has 1 to {SOURCE_LIMIT} printable characters",
                next_step="Name a commit, or leave it out.",
                field="$.source",
            )
        now, policy_id = self.clock.now(), new_id("pol")

        async def work(tx: Tx) -> KeptPolicy | HubError:
            who = await admit_acting_in(tx, writer, now, Permission.GOVERN_POLICIES)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            row = await store.find(tx, who.org_id, name)
            before = None if row is None else kept_of(row)
            wanted = bound or (before.binding if before is not None else Binding())
            if before is not None and (before.text, before.binding) == (text, wanted):
                return before
            refusal = (
                refuse_version(before, version)
                or await _refuse_many_in(tx, who, before)
                or await self._refuse_unknown_in(tx, who, read, wanted)
                or await refuse_stale_in(tx, self.fresh, writer, fresh, now)
            )
            if refusal is not None:
                return refusal
            after = await _publish_in(tx, who, policy_id, name, text, read.hash, before, wanted, source, now)
            await self._record_in(tx, who, "policy.published", name, before, after, now)
            return after

        return settled(await self.db.run(work, org=writer.org_id))

    async def remove(self, writer: Writer, name: str, *, version: int, fresh: Any = None) -> KeptPolicy:
        """Take one out of force; the answer is what was there. Its versions stay, for what was decided by them.

        Raises NotFound; Conflict where another version stands; Unauthenticated, Forbidden without the right or a fresh
        factor.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> KeptPolicy | HubError:
            who = await admit_acting_in(tx, writer, now, Permission.GOVERN_POLICIES)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            row = await store.find(tx, who.org_id, name)
            if row is None:
                return policy_unknown()
            before = kept_of(row)
            refusal = refuse_version(before, version) or await refuse_stale_in(tx, self.fresh, writer, fresh, now)
            if refusal is not None:
                return refusal
            await store.remove(tx, before.policy_id, now)
            await store.changed(tx, who.org_id)
            await self._record_in(tx, who, "policy.removed", name, before, None, now)
            return before

        return settled(await self.db.run(work, org=writer.org_id))

    async def _refuse_unknown_in(self, tx: Tx, who: Acting, read: Policy, binding: Binding) -> HubError | None:
        """What names somebody, a way or a route that is not here would turn every question into a refusal."""
        if binding.tier == AGENT:
            assert binding.bound_to is not None
            row = await agents.agent(tx, binding.bound_to)
            if row is None or row["org_id"] != who.org_id:
                return _wrong("there is no such agent here", "$.bound_to")
        org = await orgs.find(tx, who.org_id)
        assert org is not None
        floor = stored(org["requirement"])
        members = await people.standings(tx, who.org_id)
        groups = await groups_in(tx, who.org_id, members)
        known = names_of([row for row in members if answers(row["roles"])], groups)
        for rule in read.rules:
            place = f"rule {rule.id!r} (line {rule.line})"
            blind = [name for name in ("signal", "mode") if getattr(rule.where, name, None) is not None]
            if blind:
                return _wrong(f"{place}: this hub is told no {blind[0]}, so nothing can be selected by it")
            if rule.approval is None:
                continue
            try:
                asked = requirement_for(floor, rule.approval)
            except Invalid as refusal:
                return _wrong(f"{place}: {refusal.detail}")
            codes = refusal_of_codes(asked, floor)
            if codes is not None:
                return _wrong(f"{place}: {codes.detail}")
            unknown = next((name for name in asked.paths_of_names() if name not in known), None)
            if unknown is not None:
                return _wrong(f"{place}: there is nobody here by the name {unknown} who may answer")
            method = next((each for each in asked.methods if each not in self.methods), None)
            if method is not None:
                return _wrong(f"{place}: this hub proves nobody by {method!r}")
            route = rule.approval.route
            if route is not None and await routing.plan(tx, who.org_id, ROUTE, route) is None:
                return _wrong(f"{place}: there is no route {route!r}")
        return None

    async def _record_in(
        self, tx: Tx, who: Acting, kind: str, name: str, before: KeptPolicy | None, after: KeptPolicy | None, now: int
    ) -> None:
        there = after or before
        assert there is not None
        detail: Detail = {
            "name": name,
            "before": None if before is None else before.hash,
            "after": None if after is None else after.hash,
            "version": there.version,
            "tier": there.binding.tier,
            "bound_to": there.binding.bound_to,
            "rank": there.binding.rank,
        }
        await self.recorder.record(
            tx,
            Event(
                kind=cast(Kind, kind),
                org_id=who.org_id,
                at=now,
                actor_type=who.actor_type,
                actor_id=who.actor_id,
                policy_id=there.policy_id,
                detail=detail,
            ),
        )


async def _publish_in(
    tx: Tx,
    who: Acting,
    new: str,
    name: str,
    text: str,
    content_hash: str,
    before: KeptPolicy | None,
    binding: Binding,
    source: str | None,
    now: int,
) -> KeptPolicy:
    tier, bound_to, rank = binding.tier, binding.bound_to, binding.rank
    if before is None:
        policy_id, version = new, 1
        await store.add(tx, policy_id=new, org_id=who.org_id, name=name, tier=tier, bound_to=bound_to, rank=rank)
    else:
        policy_id, version = before.policy_id, before.version + 1
        await store.bind(tx, policy_id, tier=tier, bound_to=bound_to, rank=rank)
    await store.publish(
        tx,
        policy_id=policy_id,
        org_id=who.org_id,
        version=version,
        body=text,
        content_hash=content_hash,
        source=source,
        at=now,
        by=who.actor_id,
    )
    await store.changed(tx, who.org_id)
    return KeptPolicy(policy_id, name, text, content_hash, version, binding, source, now, who.actor_id)


async def _refuse_many_in(tx: Tx, who: Acting, before: KeptPolicy | None) -> HubError | None:
    if before is not None or len(await store.in_force(tx, who.org_id)) < POLICIES_LIMIT:
        return None
    return Conflict(
        "too_many",
        f"an organisation has at most {POLICIES_LIMIT} policies",
        next_step="Remove one, or write two into one.",
        extra={"limit": POLICIES_LIMIT},
    )


def _wrong(detail: str, field: str = "$.yaml") -> Invalid:
    return Invalid("policy_invalid", detail, next_step="Correct the policy and publish it again.", field=field)
