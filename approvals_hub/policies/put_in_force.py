"""Puts a policy in force, or out of it, inside the unit of work of whoever may: the half that every way shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import msgspec

from approvals_hub.agents import store as agents
from approvals_hub.audit.event import ActorType, Detail, Event, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.core.errors import Conflict, HubError, Invalid
from approvals_hub.db.database import Row, Tx
from approvals_hub.domain.advice import refusal_of_codes
from approvals_hub.domain.requirement import stored
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission, permissions
from approvals_hub.people import store as people
from approvals_hub.people.names import answers, names_of
from approvals_hub.people.person import ACTIVE
from approvals_hub.policies import store
from approvals_hub.policies.demand import requirement_for
from approvals_hub.policies.document import AGENT, Policy
from approvals_hub.policies.kept import POLICIES_LIMIT, Binding, KeptPolicy
from approvals_hub.policies.stand import unknown_in
from approvals_hub.routing import store as routing
from approvals_hub.routing.plan import ROUTE
from approvals_hub.routing.resolve import groups_in


class By(msgspec.Struct, frozen=True):
    """Who changes what is in force; where people signed for it first, the question and the draft."""

    org_id: str
    actor_type: ActorType
    actor_id: str
    writer: str
    """Who wrote the text."""
    draft_id: str | None = None
    escalation_id: str | None = None


@dataclass(frozen=True, slots=True)
class PutInForce:
    """The caller holds the organisation's row."""

    recorder: Recorder
    methods: frozenset[str] = frozenset()
    """The ways to prove who one is that this hub offers, as requirements name them."""

    async def publish_in(
        self,
        tx: Tx,
        by: By,
        new: str,
        name: str,
        text: str,
        content_hash: str,
        before: KeptPolicy | None,
        binding: Binding,
        source: str | None,
        now: int,
    ) -> KeptPolicy:
        """Put this text in force in the place of `before`; `new` is the id of a policy that there was not."""
        tier, bound_to, rank = binding.tier, binding.bound_to, binding.rank
        if before is None:
            policy_id, version = new, 1
            await store.add(tx, policy_id=new, org_id=by.org_id, name=name, tier=tier, bound_to=bound_to, rank=rank)
        else:
            policy_id, version = before.policy_id, before.version + 1
            await store.bind(tx, policy_id, tier=tier, bound_to=bound_to, rank=rank)
        await store.publish(
            tx,
            policy_id=policy_id,
            org_id=by.org_id,
            version=version,
            body=text,
            content_hash=content_hash,
            source=source,
            at=now,
            by=by.writer,
        )
        await store.changed(tx, by.org_id)
        after = KeptPolicy(policy_id, name, text, content_hash, version, binding, source, now, by.writer)
        await self._record_in(tx, by, "policy.published", name, before, after, now)
        return after

    async def remove_in(self, tx: Tx, by: By, before: KeptPolicy, now: int) -> None:
        """Take it out of force; its versions stay, for what was decided by them."""
        await store.remove(tx, before.policy_id, now)
        await store.changed(tx, by.org_id)
        await self._record_in(tx, by, "policy.removed", before.name, before, None, now)

    async def want_second_person_in(self, tx: Tx, by: By, now: int) -> Conflict | None:
        """From now on publishing takes a second person; Conflict where there are no two who could."""
        able = [row for row in await people.standings(tx, by.org_id) if may_publish(row) and row["key"] == 2]
        if len(able) < 2:
            return Conflict(
                "no_second_person",
                f"{len(able)} people with a key may publish policies here, and it takes two",
                next_step="Invite another owner or admin (approvals-hub people invite), who enrols a key.",
            )
        await self._set_in(tx, by, now, wanted=True)
        return None

    async def end_second_person_in(self, tx: Tx, by: By, now: int) -> None:
        """From now on one person publishes alone."""
        await self._set_in(tx, by, now, wanted=False)

    async def _set_in(self, tx: Tx, by: By, now: int, *, wanted: bool) -> None:
        await store.set_second_person(tx, by.org_id, wanted=wanted)
        await self.recorder.record(
            tx,
            Event(
                kind="org.second_person_changed",
                org_id=by.org_id,
                at=now,
                actor_type=by.actor_type,
                actor_id=by.actor_id,
                escalation_id=by.escalation_id,
                detail={"wanted": wanted, "draft_id": by.draft_id, "proposed_by": by.writer},
            ),
        )

    async def refuse_in(
        self, tx: Tx, org_id: str, read: Policy, before: KeptPolicy | None, binding: Binding
    ) -> HubError | None:
        """Why this cannot be in force here: there are too many, or it names somebody, a way or a route that is not
        here, which would turn every question into a refusal."""
        return await _refuse_many_in(tx, org_id, before) or await self._refuse_unknown_in(tx, org_id, read, binding)

    async def _refuse_unknown_in(self, tx: Tx, org_id: str, read: Policy, binding: Binding) -> HubError | None:
        if binding.tier == AGENT:
            assert binding.bound_to is not None
            row = await agents.agent(tx, binding.bound_to)
            if row is None or row["org_id"] != org_id:
                return _wrong("there is no such agent here", "$.bound_to")
        org = await orgs.find(tx, org_id)
        assert org is not None
        floor = stored(org["requirement"])
        members = await people.standings(tx, org_id)
        groups = await groups_in(tx, org_id, members)
        known = names_of([row for row in members if answers(row["roles"])], groups)
        for rule in read.rules:
            place = f"rule {rule.id!r} (line {rule.line})"
            untold = await unknown_in(tx, org_id, rule)
            if untold is not None:
                return _wrong(f"{place}: {untold.detail}", missing=await _missing_in(tx, org_id, read))
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
            if route is not None and await routing.plan(tx, org_id, ROUTE, route) is None:
                return _wrong(f"{place}: there is no route {route!r}", missing=["approvals-hub routes apply FILE"])
        return None

    async def _record_in(
        self, tx: Tx, by: By, kind: str, name: str, before: KeptPolicy | None, after: KeptPolicy | None, now: int
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
        if by.draft_id is not None:
            detail |= {"draft_id": by.draft_id, "proposed_by": by.writer}
        await self.recorder.record(
            tx,
            Event(
                kind=cast(Kind, kind),
                org_id=by.org_id,
                at=now,
                actor_type=by.actor_type,
                actor_id=by.actor_id,
                escalation_id=by.escalation_id,
                policy_id=there.policy_id,
                detail=detail,
            ),
        )


def may_publish(member: Row) -> bool:
    """Whether a member's roles let them, as long as they are active."""
    held = frozenset(member["roles"].split())
    return member["state"] == ACTIVE and Permission.GOVERN_POLICIES in permissions(held)


async def _refuse_many_in(tx: Tx, org_id: str, before: KeptPolicy | None) -> HubError | None:
    if before is not None or len(await store.in_force(tx, org_id)) < POLICIES_LIMIT:
        return None
    return Conflict(
        "too_many",
        f"an organisation has at most {POLICIES_LIMIT} policies",
        next_step="Remove one, or write two into one.",
        extra={"limit": POLICIES_LIMIT},
    )


async def _missing_in(tx: Tx, org_id: str, read: Policy) -> list[str]:
    """The commands after which every rule selects by what is here, each once."""
    untold = [await unknown_in(tx, org_id, rule) for rule in read.rules]
    return [*dict.fromkeys(command for each in untold if each is not None for command in each.commands)]


def _wrong(detail: str, field: str = "$.yaml", missing: Sequence[str] = ()) -> Invalid:
    next_step = "Correct the policy and publish it again."
    if missing:
        next_step = f"Make what it names, and publish it again: {'; '.join(missing)}. Or correct the policy."
    return Invalid("policy_invalid", detail, next_step=next_step, field=field)
