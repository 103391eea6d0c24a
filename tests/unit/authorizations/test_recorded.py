"""What the log says of an action that was refused before anything was decided; decisions: test_authorize.py."""

from __future__ import annotations

from approvals_hub.authorizations.recorded import refused_action
from approvals_hub.core.clock import MINUTE
from approvals_hub.core.errors import Invalid
from tests.unit.hub_fixture import StaffedHub


async def test_a_refused_action_is_recorded_with_its_code_and_place_and_nothing_that_it_held(house: StaffedHub) -> None:
    from approvals_hub.agents.admit import admit_agent_in
    from approvals_hub.agents.agent import Agent

    agent = await house.hub.db.run(
        lambda tx: admit_agent_in(tx, house.bot.credential(), house.time.now, epoch_started=0), org=house.org_id
    )
    assert isinstance(agent, Agent)
    refusal = Invalid("action_invalid", "what it held", next_step="x", field="$.action.payload")
    event = refused_action(agent, refusal, house.time.now + MINUTE)
    assert (event.kind, event.decision, event.detail) == (
        "action.refused",
        "action_invalid",
        {"field": "$.action.payload"},
    )
