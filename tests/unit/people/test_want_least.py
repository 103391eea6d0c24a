"""A person wants no more said to them than the least."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Unauthenticated
from approvals_hub.people.session import PersonCredential
from tests.unit.hub_fixture import StaffedHub


async def test_it_is_set_taken_back_and_recorded_where_it_changes(house: StaffedHub) -> None:
    want, me = house.hub.want_least, house.owner.credential
    assert not await want.present(me)
    for least in (True, True, False):
        assert await want(me, least=least) is least
        assert await want.present(me) is least
    found = await house.events("person.disclosure_changed")
    assert [(each["actor_id"], each["detail"]["least"]) for each in found] == [
        (house.owner.person_id, True),
        (house.owner.person_id, False),
    ]


async def test_nobody_sets_it_without_a_session(house: StaffedHub) -> None:
    with pytest.raises(Unauthenticated):
        await house.hub.want_least(PersonCredential(b"x" * 32, house.org_id), least=False)
