"""What is kept of a draft."""

from __future__ import annotations

from tests.unit.changes.drafted import propose
from tests.unit.hub_fixture import StaffedHub


async def test_the_proposers_words_lie_sealed_and_the_log_has_hashes_alone(house: StaffedHub) -> None:
    draft = await propose(house, why="a secret reason")
    [row] = await house.rows("SELECT why FROM policy_drafts")
    assert b"secret" not in bytes(row["why"])
    [entry] = await house.events("policy.drafted")
    assert (entry["agent_id"], entry["decision"]) == (house.bot.agent_id, None)
    assert entry["detail"] == {
        "draft_id": draft.id,
        "change": "publish",
        "name": house.bot.agent_id,
        "before": None,
        "after": draft.hash,
        "replaces": 0,
        "tier": "agent",
        "bound_to": house.bot.agent_id,
        "rank": 100,
        "proposed_by": house.bot.agent_id,
    }
