"""Looking at plans."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, NotFound
from approvals_hub.routing.plan import GROUP, ROUTE
from tests.unit.hub_fixture import StaffedHub
from tests.unit.routing.plans import ladder


async def test_a_group_is_shown_with_its_people_and_what_uses_it(house: StaffedHub) -> None:
    await ladder(house, house.owner.person_id)
    shown = await house.hub.read_plans.one(house.owner.credential, GROUP, "ops")
    assert [each.person_id for each in shown.people] == [house.owner.person_id]
    assert shown.used_by == ["route:ladder"]


async def test_an_auditor_reads_and_an_approver_does_not(house: StaffedHub) -> None:
    auditor, approver = await house.person("Au", "auditor"), await house.person("Ap", "approver")
    assert await house.hub.read_plans(auditor.credential, ROUTE) == []
    with pytest.raises(Forbidden):
        await house.hub.read_plans(approver.credential, ROUTE)
    with pytest.raises(Forbidden):
        await house.hub.read_plans.one(approver.credential, ROUTE, "ladder")


async def test_what_is_not_there_is_not_found(house: StaffedHub) -> None:
    with pytest.raises(NotFound):
        await house.hub.read_plans.one(house.operator, ROUTE, "ladder")
