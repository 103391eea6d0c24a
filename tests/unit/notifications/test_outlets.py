"""What each channel is for."""

from __future__ import annotations

from approvals_hub.notifications.outlets import Outlet, Outlets, key_in, key_of, name_of, org_of
from tests.unit.reach_house import Pager


class Room(Pager):
    name = "slack"


async def test_devices_have_addresses_at_push_channels_and_not_in_rooms() -> None:
    outlets = Outlets({"phones": Pager(), "room": Room()})
    assert (outlets.push, outlets.mail, outlets.sms, outlets.rooms) == (("phones",), (), (), ())
    assert outlets.by_key["room"].replaces
    assert outlets.by_key["phones"].public_key is None
    await outlets.close()


def test_a_channel_of_an_organisation_takes_the_place_of_one_of_the_settings_with_its_name() -> None:
    own = Outlet("org_1/phones", "webpush", "notice", "key")
    outlets = Outlets({"phones": Pager(), "letters": Pager()}).beside([own])
    assert outlets.named("phones") == own
    assert outlets.push == ("letters", "org_1/phones")
    assert outlets.named("nothing") is None


def test_only_rooms_of_the_organisation_itself_have_an_address_of_their_own() -> None:
    own = [Outlet("org_1/ops", "slack", "notice"), Outlet("org_1/hook", "webhook", "event")]
    assert Outlets({"room": Room()}).beside(own).rooms == ("org_1/ops", "org_1/hook")


def test_only_channels_with_many_hosts_have_a_lane_for_each() -> None:
    browsers, phones = Outlet("browsers", "webpush", "notice"), Outlet("org_1/iphones", "apns", "notice")
    assert browsers.lane("push.example…x9Qk") == "browsers push.example"
    assert phones.lane("…9f3a") == "org_1/iphones"
    assert key_in(browsers.lane("push.example…x9Qk")) == "browsers"


def test_a_key_says_whose_channel_it_is() -> None:
    key = key_of("org_1", "ops")
    assert (org_of(key), name_of(key)) == ("org_1", "ops")
    assert (org_of("mail"), name_of("mail")) == (None, "mail")
