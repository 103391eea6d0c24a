"""The route that questions take for which nothing else names one."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, NotFound
from tests.unit.hub_fixture import StaffedHub
from tests.unit.routing.plans import ladder


async def test_a_default_is_set_with_a_fresh_factor_and_recorded(house: StaffedHub) -> None:
    await ladder(house, house.owner.person_id)
    with pytest.raises(Forbidden):
        await house.hub.set_default_route(house.owner.credential, "ladder")
    await house.hub.set_default_route(house.owner.credential, "ladder", await house.owner.fresh())
    assert await house.hub.set_default_route.present(house.owner.credential) == "ladder"
    [entry] = await house.events("org.default_route_changed")
    assert entry["detail"] == {"before": None, "after": "ladder"}


async def test_a_route_that_is_not_there_is_no_default(house: StaffedHub) -> None:
    with pytest.raises(NotFound):
        await house.hub.set_default_route(house.operator, "ladder")
    assert await house.hub.set_default_route.present(house.operator) is None
