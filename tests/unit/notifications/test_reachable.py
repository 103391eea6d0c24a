"""Whom too few channels reach."""

from __future__ import annotations

from tests.unit.hub_fixture import StaffedHub
from tests.unit.notifications.own_house import at_beeper, with_beeper
from tests.unit.reach_house import Pager, registered


async def test_two_working_channels_are_enough_and_one_that_fails_is_none(paged: tuple[StaffedHub, Pager]) -> None:
    house, _ = paged

    async def warned() -> list[tuple[str, list[str]]]:
        return [(few.whom, few.channels) for few in await house.hub.channels.read.warnings(house.operator)]

    assert await warned() == [("approvers", [])]
    ada = await house.person("Ada")
    await registered(house, "to-the-owner")
    await with_beeper(house)
    await at_beeper(house, "to-ada-1", by=ada)
    assert await warned() == []
    text = f"group: ops\nmembers: [{house.owner.person_id}]\n"
    await house.hub.keep_plans.put(house.operator, "group", "ops", text)
    assert await warned() == [("group:ops", ["pager"])]
    await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, "disabled")
    assert await warned() == [("approvers", ["pager"]), ("group:ops", ["pager"])]
