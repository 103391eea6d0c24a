"""What is done about a channel is answered with how it stands."""

from __future__ import annotations

from tests.unit.hub_fixture import StaffedHub
from tests.unit.reach_house import Pager


async def test_a_channel_is_answered_as_it_stands_and_as_it_was(paged: tuple[StaffedHub, Pager]) -> None:
    house, _ = paged
    made = await house.hub.channels.put(house.operator, "beeper", "pager", {"server": "x"})
    assert (made.name, made.version, made.changed_by) == ("beeper", 1, "operator")
    gone = await house.hub.channels.delete(house.operator, "beeper", version=1)
    assert gone == made
