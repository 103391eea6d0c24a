"""The list of members."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden
from approvals_hub.people.disable import disable_in
from approvals_hub.people.invite import Invitation
from tests.fakes.front_door import FrontDoor


async def test_members_are_listed_with_their_keys_counted(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    await door.enrol_key(owner, phone.person_id, type(phone.key)(), existing=phone)
    await door.invite_person(owner, Invitation("Ada"))
    listed = {member.name: (member.roles, member.state, member.keys) for member in await door.list_members(owner)}
    assert listed == {"Owner": (("owner",), "active", 2), "Ada": (("approver",), "active", 0)}


async def test_disabled_members_stay_on_the_list(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    _, phone = await door.member(owner)
    await door.db.run(lambda tx: disable_in(tx, phone.person_id, door.time.now))
    ada = next(member for member in await door.list_members(owner) if member.name == "Ada")
    assert (ada.state, ada.keys) == ("disabled", 0)


async def test_an_approver_does_not_see_the_list(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    approver, _ = await door.member(owner)
    with pytest.raises(Forbidden):
        await door.list_members(approver)
