"""Who sees which drafts."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, NotFound
from tests.unit.changes.drafted import propose
from tests.unit.hub_fixture import StaffedHub


async def test_whoever_may_read_policies_sees_the_organisations_drafts_by_page_and_nobody_else(
    house: StaffedHub,
) -> None:
    first, second = await propose(house, why="because"), await propose(house, name="other")
    auditor, approver = await house.person("Aud", "auditor"), await house.person("App")
    read = house.hub.drafts.read
    assert [each.id for each in await read(auditor.credential)] == [second.id, first.id]
    assert [each.id for each in await read(auditor.credential, before=second.id, state="open")] == [first.id]
    assert (await read.one(auditor.credential, first.id))[1] == "because"
    assert {each.proposer for each in await read(auditor.credential)} == {"bot"}
    with pytest.raises(NotFound):
        await read.one(auditor.credential, "pdr_x")
    with pytest.raises(Forbidden):
        await read(approver.credential)
    with pytest.raises(Forbidden):
        await house.hub.drafts.end(auditor.credential, first.id)


async def test_a_paused_agent_may_look_at_its_drafts(house: StaffedHub) -> None:
    draft = await propose(house)
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "paused")
    assert [each.id for each in await house.hub.drafts.read.of_agent(house.bot.credential())] == [draft.id]
