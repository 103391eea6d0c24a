"""A device gets another name, by its owner alone."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Invalid, NotFound
from tests.unit.hub_fixture import StaffedHub


async def test_a_device_is_called_otherwise_and_stays_the_same(house: StaffedHub) -> None:
    owner = house.owner
    before = (await house.hub.list_devices(owner.credential))[0][0]
    renamed = await house.hub.rename_device(owner.credential, owner.device_id, "  Kitchen phone ")
    assert (renamed.name, renamed.key_hash, renamed.state) == ("Kitchen phone", before.key_hash, before.state)
    [event] = await house.events("device.renamed")
    assert event["detail"] == {"device_id": owner.device_id}


async def test_nobody_renames_somebody_elses_device_not_even_an_owner(house: StaffedHub) -> None:
    ada = await house.person()
    with pytest.raises(NotFound):
        await house.hub.rename_device(house.owner.credential, ada.device_id, "mine")


@pytest.mark.parametrize("name", ["", "   ", "a\x1b[2Jb", "x" * 101])
async def test_a_name_that_cannot_be_shown_is_refused(house: StaffedHub, name: str) -> None:
    with pytest.raises(Invalid):
        await house.hub.rename_device(house.owner.credential, house.owner.device_id, name)


async def test_a_revoked_device_keeps_its_name(house: StaffedHub) -> None:
    second = await house.owner.further_device()
    await house.hub.revoke_device(house.owner.credential, second.device_id, await house.owner.fresh())
    with pytest.raises(NotFound):
        await house.hub.rename_device(house.owner.credential, second.device_id, "again")
