"""The admins' inbox."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, Unauthenticated
from tests.unit.hub_fixture import StaffedHub


async def test_an_agent_that_somebody_disowned_is_a_line_in_the_admins_inbox(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.owner.answer(opened.escalation.id, "not_me")
    [notice] = await house.hub.list_notices(house.owner.credential, limit=10)
    assert (notice.kind, notice.subject_id, notice.by_id) == (
        "agent_paused",
        house.bot.agent_id,
        house.owner.person_id,
    )
    assert (notice.at, notice.closed_at) == (house.time.now, None)


async def test_the_newest_lines_come_first_and_no_more_than_were_asked_for(house: StaffedHub) -> None:
    agents = [house.bot, await house.agent("b"), await house.agent("c")]
    for agent in agents:
        house.time.now += 1
        await house.hub.govern.set_agent_state(house.operator, house.org_id, agent.agent_id, "paused")
    found = await house.hub.list_notices(house.operator, limit=2)
    assert [notice.subject_id for notice in found] == [agents[2].agent_id, agents[1].agent_id]


@pytest.mark.parametrize("role", ["approver", "auditor", "developer"])
async def test_nobody_but_owners_and_admins_reads_them(house: StaffedHub, role: str) -> None:
    person = await house.person("Ada", role)
    with pytest.raises(Forbidden):
        await house.hub.list_notices(person.credential, limit=10)


async def test_a_session_that_has_ended_reads_nothing(house: StaffedHub) -> None:
    await house.change("UPDATE sessions SET ended_at = 1")
    with pytest.raises(Unauthenticated):
        await house.hub.list_notices(house.owner.credential, limit=10)


async def test_lines_of_another_organisation_are_not_shown(house: StaffedHub) -> None:
    await house.change(
        "INSERT INTO notices (id, org_id, kind, subject_id, by_id, at) VALUES ('not_x', 'org_other', 'k', 's', NULL, 1)"
    )
    assert await house.hub.list_notices(house.owner.credential, limit=10) == []
