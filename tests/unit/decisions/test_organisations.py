"""The one field of the Hub for several organisations."""

from __future__ import annotations

from tests.unit.hub_fixture import StaffedHub


async def test_whoever_governs_ends_memberships_by_the_very_rules_by_which_people_leave(house: StaffedHub) -> None:
    assert house.hub.orgs.members is house.hub.govern.members
