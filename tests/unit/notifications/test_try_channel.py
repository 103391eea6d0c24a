"""Test messages: to whom, how many, and what is kept. Vendors over the wire: tests/flows/test_own_channels.py."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, NotFound, TooMany
from approvals_hub.notifications.attempt import UNSAVED
from approvals_hub.notifications.read_deliveries import Wanted
from approvals_hub.notifications.try_channel import A_MINUTE
from tests.unit.hub_fixture import StaffedHub
from tests.unit.notifications.own_house import at_beeper, with_beeper
from tests.unit.reach_house import Pager, registered

Paged = tuple[StaffedHub, Pager]


async def test_an_admin_is_told_at_their_own_device_and_at_nobody_elses(paged: Paged) -> None:
    house, pager = paged
    ada = await house.person("Ada")
    await registered(house, "to-ada-01", by=ada)
    pager.took.clear()
    tried = house.hub.channels.tried
    with pytest.raises(Conflict) as refused:
        await tried(house.owner.credential, "pager", person_id=ada.person_id)
    assert refused.value.code == "no_address"
    assert pager.took == []
    await registered(house, "to-the-owner")
    pager.took.clear()
    found = await tried(house.owner.credential, "pager")
    assert (found.status, found.recipient, [address for address, _ in pager.took]) == (
        "delivered",
        "…er",
        ["to-the-owner"],
    )
    assert pager.took[0][1].title == "Test message"
    with pytest.raises(Forbidden):
        await tried(ada.credential, "pager")
    with pytest.raises(NotFound):
        await tried(house.owner.credential, "fax")


async def test_the_operator_names_the_member_who_is_told(paged: Paged) -> None:
    house, pager = paged
    await registered(house, "to-the-owner")
    with pytest.raises(NotFound):
        await house.hub.channels.tried(house.operator, "pager")
    found = await house.hub.channels.tried(house.operator, "pager", person_id=house.owner.person_id)
    assert (found.status, len(pager.took)) == ("delivered", 1)


async def test_values_that_are_not_saved_are_tried_and_say_nothing_of_the_saved_ones(paged: Paged) -> None:
    house, _ = paged
    await with_beeper(house)
    await at_beeper(house, "refused-1")
    found = await house.hub.channels.tried.unsaved(house.owner.credential, "beeper", "pager", {"server": "y"})
    assert (found.status, found.said) == ("settings", "who are you")
    assert (await house.hub.channels.read.one(house.operator, "beeper")).health.works()
    assert [event["detail"]["status"] for event in await house.events("channel.tested")] == ["settings"]
    [line] = await house.hub.channels.deliveries(house.operator, Wanted(channel="beeper"))
    assert (line.attempt, line.status, line.said) == (UNSAVED, "settings", "who are you")
    assert (await house.hub.channels.tried(house.owner.credential, "beeper")).status == "settings"
    assert not (await house.hub.channels.read.one(house.operator, "beeper")).health.works()


async def test_an_organisation_does_not_flood_a_vendor_with_test_messages(paged: Paged) -> None:
    house, pager = paged
    await registered(house, "to-the-owner")
    for _ in range(A_MINUTE):
        await house.hub.channels.tried(house.owner.credential, "pager")
    with pytest.raises(TooMany) as refused:
        await house.hub.channels.tried(house.owner.credential, "pager")
    assert 0 < (refused.value.retry_after or 0) <= 61
    assert len(pager.took) == A_MINUTE
    house.time.now += 61_000
    await house.hub.channels.tried(house.owner.credential, "pager")
