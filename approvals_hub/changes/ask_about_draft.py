"""Asks people about a draft of a policy: an escalation whose requester is the hub itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from approvals_hub.agents import store as agents
from approvals_hub.changes.change_trust import trusted_so_far_in
from approvals_hub.changes.change_who_answers import instead_of_in
from approvals_hub.changes.end_draft import EndDraft
from approvals_hub.changes.policy_question import Drafted, asked_of_publishers, question_of
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.domain.requirement import CRITICAL, requirement_hash, stored
from approvals_hub.escalations.asked import Asked, ask
from approvals_hub.escalations.escalation import HUB
from approvals_hub.escalations.freeze import Frozen
from approvals_hub.escalations.opening import Opening
from approvals_hub.escalations.requester import HubAsks
from approvals_hub.orgs import store as orgs
from approvals_hub.people import store as people
from approvals_hub.people.person import OPERATOR
from approvals_hub.people.who_answers import TRUST, WHO_ANSWERS, SoFar
from approvals_hub.policies import draft_store as store
from approvals_hub.policies import store as policies
from approvals_hub.policies.draft import (
    BY_AGENT,
    DRAFT,
    LABEL,
    PUBLISH,
    REFUSED,
    REMOVE,
    STALE,
    PolicyDraft,
    draft_unknown,
)
from approvals_hub.policies.keep_drafts import KeepDrafts, record_draft_in
from approvals_hub.policies.kept import KeptPolicy, kept_of
from approvals_hub.policies.label_agents import hash_of, labels_in
from approvals_hub.routing.known import people_of
from approvals_hub.stepup import recovery_store as colleagues

PAGE = 50
"""Drafts looked at in one turn."""


@dataclass(frozen=True, slots=True)
class AskAboutDraft:
    """Opens the question, once for each draft: at once for whoever proposed it, and by a worker what a crash left
    out."""

    db: Database
    opening: Opening
    drafts: KeepDrafts
    end: EndDraft
    clock: Clock

    async def __call__(self) -> int:
        """Ask about every draft that waits for it; returns how many were looked at."""
        waiting = await self.db.read(lambda tx: store.to_ask(tx, PAGE))
        for draft_id in waiting:
            await self.one(draft_id)
        return len(waiting)

    async def one(self, draft_id: str) -> PolicyDraft:
        """Ask about this one; how it stands then. Where nobody can be asked it is refused, with the cause."""
        drafted = await self.db.read(lambda tx: self._read_in(tx, draft_id))
        if drafted.draft.state != DRAFT:
            return drafted.draft
        now = self.clock.now()
        # Long texts take a while to be compared and hashed: not on the loop.
        asked = await asyncio.to_thread(_asked, drafted, now)

        async def work(tx: Tx) -> PolicyDraft:
            await tx.lock("orgs", drafted.draft.org_id)
            draft = await store.find(tx, draft_id)
            assert draft is not None
            if draft.state != DRAFT:
                return draft
            frozen = asked if isinstance(asked, HubError) else await self._frozen_in(tx, draft, now)
            if isinstance(frozen, HubError) or isinstance(asked, HubError):
                cause = frozen.code if isinstance(frozen, HubError) else "too_long"
                return await self.end.end_in(tx, draft, state=REFUSED, cause=cause, by=HUB, actor_type="hub", now=now)
            if not await still_fits_in(tx, draft):
                return await self.end.end_in(
                    tx, draft, state=STALE, cause="version_changed", by=HUB, actor_type="hub", now=now
                )
            return await self._open_in(tx, draft, asked, frozen, now)

        return await self.db.run(work)

    async def _open_in(self, tx: Tx, draft: PolicyDraft, asked: Asked, frozen: Frozen, now: int) -> PolicyDraft:
        begun_by = (draft.owner_id,) if draft.owner_id is not None else (draft.proposed_by,)
        # An owner who is asked, as nobody else could be, stands in for nobody all the same.
        escalation = await self.opening.store_in(tx, HubAsks(draft.org_id), asked, frozen, now, barred=begun_by)
        opened = await store.asked(tx, draft.id, escalation_id=escalation.id)
        assert opened is not None  # the organisation's row is held since it was read
        await record_draft_in(
            tx, self.drafts.recorder, "policy.draft_asked", opened, actor_type="hub", actor_id=HUB, now=now
        )
        return opened

    async def _frozen_in(self, tx: Tx, draft: PolicyDraft, now: int) -> Frozen | HubError:
        org = await orgs.find(tx, draft.org_id)
        assert org is not None
        rule = asked_of_publishers(
            await colleagues.colleagues(tx, draft.org_id, draft.owner_id or draft.proposed_by),
            draft,
            default=stored(org["requirement"]),
            apart=await policies.second_person(tx, draft.org_id),
            now=now,
        )
        if isinstance(rule, HubError):
            return rule
        text = rule.text()
        return Frozen(rule, text.decode(), requirement_hash(text), None, urgent=rule.risk == CRITICAL)

    async def _read_in(self, tx: Tx, draft_id: str) -> Drafted:
        draft = await store.find(tx, draft_id)
        if draft is None:
            raise draft_unknown()
        names = await people.names(tx, [draft.proposed_by, draft.owner_id or draft.proposed_by])
        agent = await agents.agent(tx, draft.proposed_by) if draft.proposer_type == BY_AGENT else None
        known = {OPERATOR: OPERATOR, **names}
        return Drafted(
            draft=draft,
            before=await standing_in(tx, draft),
            first=not await policies.in_force(tx, draft.org_id),
            proposer=str(agent["name"]) if agent is not None else known.get(draft.proposed_by, ""),
            owner=None if draft.owner_id is None else names.get(draft.owner_id),
            why=await self.drafts.why_in(tx, draft),
            labels=await labels_in(tx, draft.name) if draft.change == LABEL else None,
            so_far=await so_far_in(tx, draft),
            people=_named(await orgs.members(tx, draft.org_id)) if draft.change in WHO_ANSWERS else {},
        )


async def standing_in(tx: Tx, draft: PolicyDraft) -> KeptPolicy | None:
    """The policy of the draft's name that is in force now."""
    row = await policies.find(tx, draft.org_id, draft.name) if draft.change in (PUBLISH, REMOVE) else None
    return None if row is None else kept_of(row)


async def still_fits_in(tx: Tx, draft: PolicyDraft) -> bool:
    """Whether the very version is in force, or the same stands of what is no policy, that it was drafted against."""
    if draft.change == LABEL:
        return hash_of(await labels_in(tx, draft.name)) == draft.replaces_hash
    if draft.change in (*WHO_ANSWERS, *TRUST):
        so_far = await so_far_in(tx, draft)
        return so_far is not None and (so_far.version, so_far.hash) == (draft.replaces, draft.replaces_hash)
    standing = await standing_in(tx, draft)
    there = (None, 0) if standing is None else (standing.policy_id, standing.version)
    return there == (draft.policy_id, draft.replaces)


async def so_far_in(tx: Tx, draft: PolicyDraft) -> SoFar | None:
    """What a draft would replace that is about no policy and no labels; None of any other draft, and of what is
    gone."""
    return await trusted_so_far_in(tx, draft) if draft.change in TRUST else await instead_of_in(tx, draft)


def _named(members: list[Row]) -> dict[str, str]:
    names = {row["id"]: str(row["name"]) for row in members}
    return {written: names[person_id] for written, person_id in people_of(members).items()}


def _asked(drafted: Drafted, now: int) -> Asked | HubError:
    try:
        return ask(
            question_of(drafted, now),
            agent_id=HUB,
            justification=drafted.why,
            expires_in=None,
            now=now,
            by_hub=True,
        )
    except HubError as refusal:
        return refusal
