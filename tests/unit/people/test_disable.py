"""The end of everything a person can do, at once."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Unauthenticated
from approvals_hub.people.disable import disable_in, enable_in
from approvals_hub.people.invite import Invitation
from tests.fakes.front_door import HERE, FrontDoor


async def disable(door: FrontDoor, person_id: str) -> object:
    return await door.db.run(lambda tx: disable_in(tx, person_id, door.time.now))


async def test_a_disabled_persons_sessions_and_devices_end(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    member, phone = await door.member(owner)
    ended = await door.db.run(lambda tx: disable_in(tx, phone.person_id, door.time.now))
    assert ended is not None
    assert (len(ended.sessions), ended.devices) == (2, (phone.device_id,))
    with pytest.raises(Unauthenticated):
        await door.current_session(member)


async def test_a_disabled_persons_open_invitation_ends(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    invited = await door.invite_person(owner, Invitation("Ada"))
    await disable(door, invited.person_id)
    await door.db.run(lambda tx: enable_in(tx, invited.person_id))
    with pytest.raises(Unauthenticated):
        await door.accept(invited.token, HERE)


async def test_disabling_twice_does_nothing(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    invited = await door.invite_person(owner, Invitation("Ada"))
    await disable(door, invited.person_id)
    assert await disable(door, invited.person_id) is None
    assert await disable(door, "per_unknown") is None


async def test_enabling_brings_no_session_and_no_key_back(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    member, phone = await door.member(owner)
    proof = await door.sign_in_proof(phone)
    await disable(door, phone.person_id)
    assert await door.db.run(lambda tx: enable_in(tx, phone.person_id))
    with pytest.raises(Unauthenticated):
        await door.current_session(member)
    with pytest.raises(Unauthenticated, match="may not sign"):
        await door.sign_in(proof, HERE)


async def test_enabling_somebody_who_is_not_disabled_does_nothing(door: FrontDoor) -> None:
    _, phone = await door.owner()
    assert not await door.db.run(lambda tx: enable_in(tx, phone.person_id))
