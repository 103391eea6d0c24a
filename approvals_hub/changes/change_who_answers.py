"""Drafts of who must answer: whom a group lets in, and what the organisation asks of every question.

They are kept, asked about and carried out as drafts of policies are; this is what they change, inside those units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from approvals_hub.audit.event import ActorType
from approvals_hub.core.errors import HubError
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Tx
from approvals_hub.domain.requirement import requirement_hash, stored
from approvals_hub.people.acting import Acting
from approvals_hub.people.requirement import SetRequirement, requirement_in
from approvals_hub.people.who_answers import GROUP_JOINED, LESS_REQUIRED, SoFar
from approvals_hub.policies.draft import PolicyDraft
from approvals_hub.routing import store as routing
from approvals_hub.routing.keep_plans import KeepPlans
from approvals_hub.routing.known import plan_of
from approvals_hub.routing.load_group import MEMBERS_LIMIT
from approvals_hub.routing.plan import GROUP, Plan


@dataclass(frozen=True, slots=True)
class ChangeWhoAnswers:
    """Carries such a draft out."""

    plans: KeepPlans
    requirement: SetRequirement

    async def unfit_in(self, tx: Tx, draft: PolicyDraft) -> str | None:
        """Why it cannot be carried out: whom it names may be gone since it was drafted."""
        assert draft.body is not None
        refusal: HubError | None
        if draft.change == GROUP_JOINED:
            refusal = await self.plans.refuse_group_in(tx, draft.org_id, draft.name, draft.body)
        else:
            refusal = await self.requirement.refuse_in(tx, draft.org_id, stored(draft.body))
        return None if refusal is None else refusal.code

    async def change_in(self, tx: Tx, draft: PolicyDraft, question: str, now: int) -> int | None:
        """Do it, for who proposed it; the new version of a group. `question` is the one that people have signed."""
        assert draft.body is not None
        who = Acting(draft.org_id, cast(ActorType, draft.proposer_type), draft.proposed_by, frozenset())
        if draft.change == GROUP_JOINED:
            before = await _group_in(tx, draft)
            assert before is not None  # the organisation's row is held since it was found to fit
            ids = [new_id("gmb") for _ in range(MEMBERS_LIMIT)]
            made = await self.plans.put_group_in(tx, who, before, draft.body, ids, now, question=question)
            return made.version
        before_it, wanted = await requirement_in(tx, draft.org_id), stored(draft.body)
        await self.requirement.set_in(tx, who, before_it, wanted, now, question=question)
        return None


async def instead_of_in(tx: Tx, draft: PolicyDraft) -> SoFar | None:
    """What the draft would replace; None of any other draft, and of a group that is gone."""
    if draft.change == LESS_REQUIRED:
        text = (await requirement_in(tx, draft.org_id)).text()
        return SoFar(text.decode(), 0, requirement_hash(text))
    group = await _group_in(tx, draft) if draft.change == GROUP_JOINED else None
    return None if group is None else SoFar(group.text, group.version, group.hash)


async def _group_in(tx: Tx, draft: PolicyDraft) -> Plan | None:
    row = await routing.plan(tx, draft.org_id, GROUP, draft.name)
    return None if row is None else plan_of(row)
