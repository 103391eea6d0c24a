"""What is wired by itself: all parts are of one hub."""

from __future__ import annotations

from approvals_hub.wiring_telling import Telling
from tests.unit.hub_fixture import StaffedHub


async def test_every_part_is_a_member_of_the_hub_and_works_on_its_database(house: StaffedHub) -> None:
    parts = [getattr(house.hub, name) for name in Telling.__annotations__]
    assert all(getattr(part, "db", house.hub.db) is house.hub.db for part in parts)
    assert house.hub.reach.dispatch.book is house.hub.push_addresses.book
