"""What names a channel."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.notifications.channel_use import used_by_in
from tests.unit.hub_fixture import StaffedHub


async def test_routes_and_the_default_route_use_the_channels_that_they_name(house: StaffedHub) -> None:
    level = f"  - people: [{house.owner.person_id}]\n    channels: [ops, mail]\n"
    await house.hub.keep_plans.put(house.operator, "route", "one", f"route: one\nlevels:\n{level}then: keep_waiting\n")
    await house.hub.keep_plans.put(house.operator, "route", "two", f"route: two\nlevels:\n{level}then: keep_waiting\n")
    await house.hub.set_default_route(house.operator, "two")
    await house.change("UPDATE plans SET body = 'route: of a later version' WHERE name = 'one'")

    async def work(tx: Tx) -> dict[str, list[str]]:
        return await used_by_in(tx, house.org_id)

    assert await house.hub.db.read(work) == {
        "ops": ["route:two", "default_route"],
        "mail": ["route:two", "default_route"],
    }
