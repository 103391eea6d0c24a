"""Drafts that are taken back."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Conflict, NotFound
from tests.unit.changes.drafted import carried_out, decided, propose
from tests.unit.hub_fixture import StaffedHub
from tests.unit.policies.kept_policies import ASK


async def test_a_draft_that_is_taken_back_after_its_approval_is_not_carried_out(house: StaffedHub) -> None:
    draft = await propose(house)
    await house.owner.answer(str(draft.escalation_id))
    gone = await house.hub.drafts.end(house.owner.credential, draft.id)
    assert gone == await house.hub.drafts.end(house.owner.credential, draft.id)
    assert (await carried_out(house, draft)).state == "withdrawn"
    assert await house.hub.policies.read(house.operator) == []
    [entry] = await house.events("policy.draft_ended")
    assert (entry["actor_id"], entry["decision"]) == (house.owner.person_id, "withdrawn")


async def test_a_draft_that_has_ended_otherwise_is_a_conflict_and_one_that_is_not_there_unknown(
    house: StaffedHub,
) -> None:
    draft = await decided(house, await propose(house, ASK), house.owner)
    with pytest.raises(Conflict) as refused:
        await house.hub.drafts.end(house.operator, draft.id)
    assert refused.value.extra == {"state": "in_force", "cause": None}
    with pytest.raises(NotFound):
        await house.hub.drafts.end(house.operator, "pdr_unknown")
