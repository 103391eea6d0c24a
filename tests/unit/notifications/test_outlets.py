"""What each channel of the settings is for."""

from __future__ import annotations

from approvals_hub.notifications.outlets import Outlets
from tests.unit.reach_house import Pager


class Room(Pager):
    name = "slack"


async def test_devices_have_addresses_at_push_channels_and_not_in_rooms() -> None:
    outlets = Outlets({"phones": Pager(), "room": Room()})
    assert (outlets.push, outlets.mail, outlets.sms) == (("phones",), (), ())
    assert outlets.replaces("room")
    assert outlets.public_key("phones") is None
    await outlets.close()
