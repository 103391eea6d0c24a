"""What is wired by itself for policies: all parts are of one hub."""

from __future__ import annotations

from tests.unit.hub_fixture import StaffedHub


async def test_every_part_works_on_the_hubs_database_and_asks_people_as_it_does(house: StaffedHub) -> None:
    policies = house.hub.policies
    parts = (policies.keep, policies.read, policies.tried, policies.label_agents, house.hub.authorize)
    assert all(part.db is house.hub.db for part in parts)
    assert house.hub.authorize.escalate is house.hub.escalate
