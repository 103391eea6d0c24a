"""What is wired by itself for lost keys: all parts are of one hub."""

from __future__ import annotations

from approvals_hub.wiring_lost_keys import LostKeys
from tests.unit.hub_fixture import StaffedHub


async def test_every_part_is_a_member_of_the_hub_and_opens_recoveries_of_its_own(house: StaffedHub) -> None:
    parts = [getattr(house.hub, name) for name in LostKeys.__annotations__]
    assert all(part.db is house.hub.db for part in parts)
    assert house.hub.recover_by_link.opening is house.hub.recover_on_host.opening
