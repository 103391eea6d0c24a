"""Drafts of policies, for tests: an organisation with people who may publish, and agents that propose."""

from __future__ import annotations

from typing import Any

from approvals_hub.hub import PolicyDraft
from tests.unit.hub_fixture import Bot, Person, StaffedHub
from tests.unit.policies.kept_policies import ALLOW

__all__ = ["ALLOW", "carried_out", "decided", "propose", "standing"]


async def propose(house: StaffedHub, text: str = ALLOW, *, by: Bot | None = None, **more: Any) -> PolicyDraft:
    """An agent's draft."""
    return await house.hub.drafts.draft((by or house.bot).credential(), text, **more)


async def decided(house: StaffedHub, draft: PolicyDraft, by: Person, decision: str = "approve") -> PolicyDraft:
    """Somebody answers, and the worker has its turn."""
    assert draft.escalation_id is not None
    await by.answer(draft.escalation_id, decision)
    return await carried_out(house, draft)


async def carried_out(house: StaffedHub, draft: PolicyDraft) -> PolicyDraft:
    """How it stands after the worker's turn."""
    await house.hub.carry_out_drafts()
    return await standing(house, draft)


async def standing(house: StaffedHub, draft: PolicyDraft) -> PolicyDraft:
    """How it stands."""
    found, _ = await house.hub.drafts.read.one(house.operator, draft.id)
    return found
