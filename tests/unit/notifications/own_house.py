"""A hub whose organisation has a pager of its own beside the operator's."""

from __future__ import annotations

from typing import Any

from tests.unit.hub_fixture import Person, StaffedHub


async def with_beeper(house: StaffedHub, **settings: Any) -> None:
    """Set up the organisation's own pager, called `beeper`."""
    await house.hub.channels.keep.put(house.operator, "beeper", "pager", settings or {"server": "beeper.example"})


async def at_beeper(house: StaffedHub, address: str, *, by: Person | None = None) -> None:
    """The owner's device, or another's, has this address there."""
    who = by or house.owner
    await house.hub.push_addresses.set(who.credential, who.device_id, channel="beeper", address=address, language=None)
    await house.hub.reach.settled()
