"""Who an agent is, for itself and for those who may know."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, NotFound, Unauthenticated
from tests.unit.hub_fixture import StaffedHub


async def test_an_agent_reads_itself_and_is_seen(house: StaffedHub) -> None:
    house.time.now += 5
    found = await house.hub.read_agents.itself(house.bot.credential())
    assert (found.agent_id, found.owner_id, found.state) == (house.bot.agent_id, house.owner.person_id, "active")
    assert [(key.key_id, key.kind, key.valid_until) for key in found.keys] == [(house.bot.key_id, "signed", None)]
    assert found.last_seen_at == house.time.now


async def test_a_paused_agent_reads_that_it_is_paused_and_why(house: StaffedHub) -> None:
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "paused")
    found = await house.hub.read_agents.itself(house.bot.credential())
    assert (found.state, found.cause) == ("paused", "paused")


async def test_a_revoked_agent_reads_nothing(house: StaffedHub) -> None:
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "revoked")
    with pytest.raises(Unauthenticated):
        await house.hub.read_agents.itself(house.bot.credential())


async def test_a_list_shows_every_agent_with_its_keys_and_no_secret(house: StaffedHub) -> None:
    script = await house.api_key_agent()
    found = await house.hub.read_agents.of_org(house.operator, house.org_id)
    assert [agent.agent_id for agent in found] == [house.bot.agent_id, script.agent_id]
    assert [key.kind for agent in found for key in agent.keys] == ["signed", "api_key"]
    assert str(script.api_key) not in str(found)


@pytest.mark.parametrize(
    ("role", "may"), [("admin", True), ("auditor", True), ("developer", True), ("approver", False)]
)
async def test_the_list_is_for_those_whose_role_reads_agents(house: StaffedHub, role: str, may: bool) -> None:
    person = await house.person("Ada", role)
    if may:
        assert await house.hub.read_agents.of_org(person.credential, house.org_id)
    else:
        with pytest.raises(Forbidden):
            await house.hub.read_agents.of_org(person.credential, house.org_id)


async def test_the_agents_of_another_organisation_are_not_there(house: StaffedHub) -> None:
    with pytest.raises((NotFound, Unauthenticated)):
        await house.hub.read_agents.of_org(house.owner.credential, "org_other")
