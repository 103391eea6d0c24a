"""What a member's roles do not allow stands in the log."""

from __future__ import annotations

from approvals_hub.core.errors import Forbidden
from tests.unit.hub_fixture import StaffedHub

REFUSED = Forbidden("role_missing", "no", next_step="Ask somebody else.")
STOP = "POST /v1/orgs/{org}/stop"


async def test_who_tried_what_is_recorded(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await house.hub.note_refusal(ada.credential, STOP, REFUSED)
    [event] = await house.events("request.refused")
    assert (event["org_id"], event["actor_type"], event["actor_id"]) == (house.org_id, "person", ada.person_id)
    assert (event["decision"], event["detail"]) == ("role_missing", {"request": STOP})


async def test_a_session_that_has_ended_is_nobodys(house: StaffedHub) -> None:
    await house.change("UPDATE sessions SET ended_at = 1")
    await house.hub.note_refusal(house.owner.credential, STOP, REFUSED)
    assert await house.events("request.refused") == []


async def test_an_agents_request_is_recorded_once_with_what_it_claimed(house: StaffedHub) -> None:
    signed = house.bot.credential()
    assert await house.hub.note_refusal(signed, "POST /v1/authorize", REFUSED, ("acr",))
    assert not await house.hub.note_refusal(signed, "POST /v1/authorize", REFUSED, ("acr",))
    [event] = await house.events("request.refused")
    assert (event["actor_type"], event["actor_id"], event["agent_id"]) == ("agent", *[house.bot.agent_id] * 2)
    assert event["detail"] == {"claimed": ["acr"], "request": "POST /v1/authorize"}


async def test_an_agent_that_may_not_act_is_nobody(house: StaffedHub) -> None:
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "paused")
    assert not await house.hub.note_refusal(house.bot.credential(), "POST /v1/authorize", REFUSED)
    assert await house.events("request.refused") == []
