"""Everything about policies is one field of the hub."""

from __future__ import annotations

from tests.unit.hub_fixture import StaffedHub
from tests.unit.policies.kept_policies import ALLOW, publish


async def test_what_was_published_is_read_tried_and_holds_for_labelled_agents(house: StaffedHub) -> None:
    made = await publish(house, ALLOW)
    policies, agent = house.hub.policies, house.bot.agent_id
    assert await policies.read(house.operator) == [made]
    assert (await policies.tried(house.operator, agent, house.bot.action())).decision.decision == "ALLOW"
    assert (await policies.label_agents.read(house.operator, agent)).teams == ()
