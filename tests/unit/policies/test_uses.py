"""What policies name is not deleted from under them."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Conflict
from approvals_hub.policies.uses import policies_use_in
from approvals_hub.routing.plan import GROUP, ROUTE, SCHEDULE
from tests.unit.hub_fixture import StaffedHub
from tests.unit.policies.kept_policies import DENY, publish, rules
from tests.unit.routing.plans import ladder


async def test_a_route_or_group_that_a_policy_in_force_names_is_not_deleted_until_no_policy_does(
    house: StaffedHub,
) -> None:
    ada = await house.person("Ada")
    await ladder(house, ada.person_id)
    await publish(house, rules("id: a, effect: allow, action: '*', approval: {route: ladder}"), "by_route")
    text = rules("id: a, effect: allow, action: '*', approval: {quorum: {of: ['group:ops']}}")
    await publish(house, text, "by_group")
    plans = house.hub.keep_plans
    with pytest.raises(Conflict) as refused:
        await plans.delete(house.operator, ROUTE, "ladder", version=1)
    assert (refused.value.code, refused.value.extra) == ("route_in_use", {"used_by": ["policy:by_route"]})
    shown = await house.hub.read_plans.one(house.operator, ROUTE, "ladder")
    assert shown.used_by == ["policy:by_route"]
    await publish(house, DENY, "by_route", version=1)
    await plans.delete(house.operator, ROUTE, "ladder", version=1)
    with pytest.raises(Conflict) as refused:
        await plans.delete(house.operator, GROUP, "ops", version=1)
    assert refused.value.extra == {"used_by": ["policy:by_group"]}
    await house.hub.policies.keep.remove(house.operator, "by_group", version=1)
    await plans.delete(house.operator, GROUP, "ops", version=1)


async def test_a_schedule_is_named_by_no_policy_and_a_text_that_is_read_no_more_names_nothing(
    house: StaffedHub,
) -> None:
    await publish(house, DENY)
    await house.change("UPDATE policy_versions SET body = 'nonsense'")

    async def used(kind: str) -> list[str]:
        return await house.hub.db.read(lambda tx: policies_use_in(tx, house.org_id, kind, "x"))

    assert [await used(kind) for kind in (SCHEDULE, ROUTE)] == [[], []]
