"""What the log says of an action that was asked about: codes, hashes and ids, nothing of the payload."""

from __future__ import annotations

from approvals_hub.agents.agent import judge
from approvals_hub.authorizations.recorded import refused_action
from approvals_hub.core.errors import Invalid
from tests.unit.agents.test_agent import ROW
from tests.unit.hub_fixture import StaffedHub
from tests.unit.openleash_bot import openleash_bot


async def test_a_decision_is_told_with_what_decided_and_how_the_agent_proved_itself(house: StaffedHub) -> None:
    bot = await openleash_bot(house)
    told = await house.hub.authorize(bot.credential(), bot.action())
    [entry] = await house.events("action.authorized")
    assert (entry["trust"], entry["decision"], entry["signature_valid"]) == ("openleash", "REQUIRE_APPROVAL", True)
    assert entry["detail"]["decision_id"] == told.told.decision_id
    assert "4200" not in str(entry)


def test_a_refused_action_is_recorded_with_its_code_and_place_and_nothing_that_it_held() -> None:
    agent = judge({**ROW}, "openleash", 10, paused_may=False)  # type: ignore[arg-type] # reads like a row
    refusal = Invalid("action_invalid", "what it held", next_step="x", field="$.action.payload")
    event = refused_action(agent, refusal, 5)  # type: ignore[arg-type] # neither refused nor unknown
    assert (event.kind, event.decision, event.trust, event.detail) == (
        "action.refused",
        "action_invalid",
        "openleash",
        {"field": "$.action.payload"},
    )
