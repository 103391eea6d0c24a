"""Seeing recoveries."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden
from tests.fakes.lost_keys import Lost


async def test_a_person_sees_their_own_and_nobody_elses(lost: Lost) -> None:
    phone = await lost.by_code((await lost.codes())[0])
    listing = lost.house.hub.list_recoveries
    assert [one.id for one in await listing.mine(lost.ada.credential)] == [phone.recovery.id]
    assert await listing.mine(lost.bo.credential) == []


async def test_those_who_govern_see_all_newest_first_and_an_approver_does_not(lost: Lost) -> None:
    first = await lost.by_code((await lost.codes())[0])
    await lost.link()
    listing = lost.house.hub.list_recoveries
    found = await listing.of_org(lost.house.owner.credential)
    assert [(one.way, one.state) for one in found] == [("colleagues", "open"), ("code", "ended")]
    assert found[1].id == first.recovery.id
    with pytest.raises(Forbidden):
        await listing.of_org(lost.bo.credential)
