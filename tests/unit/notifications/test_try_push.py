"""Test messages to one's own devices: whose, how many, and what is kept. A provider over the wire:
tests/flows/test_reach.py."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Conflict, NotFound, TooMany
from approvals_hub.notifications.try_channel import A_MINUTE as OF_AN_ORGANISATION
from approvals_hub.notifications.try_push import A_MINUTE
from tests.unit.hub_fixture import StaffedHub
from tests.unit.reach_house import Pager, registered

Paged = tuple[StaffedHub, Pager]


async def test_an_approver_tries_their_own_device_and_hears_what_its_provider_says(paged: Paged) -> None:
    house, pager = paged
    ada = await house.person("Ada")
    await registered(house, "to-ada-01", by=ada)
    pager.took.clear()
    found = await house.hub.try_push(ada.credential, ada.device_id)
    assert (found.status, found.address, found.said) == ("delivered", "…01", None)
    [(address, message)] = pager.took
    assert (address, message.title, message.id) == ("to-ada-01", "Test message", found.telling_id)
    [event] = await house.events("device.push_tested")
    assert (event["actor_id"], event["detail"]["status"]) == (ada.person_id, "delivered")
    [attempt] = await house.rows("SELECT status FROM delivery_attempts WHERE telling_id = :id", id=found.telling_id)
    assert attempt["status"] == "delivered"


@pytest.mark.parametrize(("address", "status"), [("gone-1", "gone"), ("later-1", "later"), ("refused-1", "settings")])
async def test_what_the_provider_answers_is_told_in_words(paged: Paged, address: str, status: str) -> None:
    house, _ = paged
    await registered(house, address)
    found = await house.hub.try_push(house.owner.credential, house.owner.device_id)
    assert found.status == status
    # What only whoever runs the hub can mend is not said to an approver.
    assert found.said == {"gone": "nobody is there", "later": "busy", "settings": None}[status]
    assert found.retry_after == (30 if status == "later" else None)
    assert found.next_step


async def test_nobody_rings_anothers_phone_with_test_messages(paged: Paged) -> None:
    house, pager = paged
    ada = await house.person("Ada")
    await registered(house, "to-the-owner")
    pager.took.clear()
    with pytest.raises(NotFound):
        await house.hub.try_push(ada.credential, house.owner.device_id)
    with pytest.raises(Conflict) as refused:
        await house.hub.try_push(ada.credential, ada.device_id)
    assert refused.value.code == "no_push_address"
    assert pager.took == []


async def test_a_revoked_device_is_not_tried(paged: Paged) -> None:
    house, _ = paged
    second = await house.owner.further_device()
    await registered(house, "address-01", by=second)
    await second.revoke()
    with pytest.raises(Conflict) as refused:
        await house.hub.try_push(house.owner.credential, second.device_id)
    assert refused.value.code == "device_not_active"


async def test_a_person_who_floods_a_vendor_is_stopped_and_the_admins_can_still_try_their_channels(
    paged: Paged,
) -> None:
    house, pager = paged
    ada = await house.person("Ada")
    await registered(house, "to-ada-01", by=ada)
    await registered(house, "to-the-owner")
    pager.took.clear()
    for _ in range(A_MINUTE):
        await house.hub.try_push(ada.credential, ada.device_id)
    with pytest.raises(TooMany) as refused:
        await house.hub.try_push(ada.credential, ada.device_id)
    assert 0 < (refused.value.retry_after or 0) <= 61
    assert len(pager.took) == A_MINUTE
    for _ in range(OF_AN_ORGANISATION):
        await house.hub.channels.tried(house.owner.credential, "pager")
    house.time.now += 61_000
    assert (await house.hub.try_push(ada.credential, ada.device_id)).status == "delivered"
