"""How it stands with where devices are told."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.clock import DAY
from approvals_hub.notifications.push_reach import push_reach
from approvals_hub.people.contact import STALE_AFTER
from tests.unit.hub_fixture import StaffedHub
from tests.unit.notifications.own_house import at_beeper, with_beeper
from tests.unit.reach_house import Pager, registered

Paged = tuple[StaffedHub, Pager]
NOW = 100 * DAY


def row(**changes: Any) -> dict[str, Any]:
    sound = {"device_id": "dev_1", "channel": "pager", "masked": "…01", "language": "en", "gone_at": None}
    return {**sound, "registered_at": NOW, "last_used_at": None, **changes}


@pytest.mark.parametrize(
    ("registered_at", "last_used_at", "gone_at", "state"),
    [
        (NOW, None, None, "told"),
        (NOW - STALE_AFTER + 1, None, None, "told"),
        (NOW - STALE_AFTER, None, None, "stale"),
        (NOW - STALE_AFTER, NOW - 1, None, "told"),  # its key was used: somebody has it in hand
        (NOW - STALE_AFTER, NOW - STALE_AFTER, None, "stale"),
        (NOW, NOW, NOW, "gone"),
    ],
)
def test_an_address_is_told_then_stale_and_gone_once_its_provider_says_so(
    registered_at: int, last_used_at: int | None, gone_at: int | None, state: str
) -> None:
    found: Any = row(registered_at=registered_at, last_used_at=last_used_at, gone_at=gone_at)
    assert push_reach(found, NOW).state == state


async def test_a_person_sees_their_own_devices_and_nobody_elses(paged: Paged) -> None:
    house, _ = paged
    ada = await house.person("Ada")
    second = await house.owner.further_device()
    await registered(house, "address-01")
    await registered(house, "gone-02", by=second)
    await house.hub.try_push(house.owner.credential, second.device_id)
    found = {each.device_id: each for each in (await house.hub.read_push_reach(house.owner.credential)).devices}
    assert {device: each.state for device, each in found.items()} == {
        house.owner.device_id: "told",
        second.device_id: "gone",
    }
    assert found[house.owner.device_id].address == "…01"
    assert (await house.hub.read_push_reach(ada.credential)).devices == []
    await registered(house, "address-03", by=second)
    assert {each.state for each in (await house.hub.read_push_reach(house.owner.credential)).devices} == {"told"}


async def test_one_channel_is_enough_where_there_is_no_other_and_none_is_not(paged: Paged) -> None:
    house, _ = paged

    async def stands() -> tuple[list[str], bool]:
        reached = await house.hub.read_push_reach(house.owner.credential)
        return reached.channels, reached.enough

    assert await stands() == ([], False)
    await registered(house, "address-01")
    assert await stands() == (["pager"], True)
    await with_beeper(house)
    assert await stands() == (["pager"], False)
    await at_beeper(house, "address-02", by=await house.owner.further_device())
    assert await stands() == (["beeper", "pager"], True)


async def test_whoever_turns_notifications_off_after_the_address_was_gone_hears_of_it_no_more(paged: Paged) -> None:
    house, _ = paged
    await registered(house, "gone-01")
    await house.hub.try_push(house.owner.credential, house.owner.device_id)
    await house.hub.push_addresses.remove(house.owner.credential, house.owner.device_id)
    assert (await house.hub.read_push_reach(house.owner.credential)).devices == []
