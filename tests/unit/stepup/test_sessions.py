"""Sessions: the present one, and all of them."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Unauthenticated
from approvals_hub.people.session import ABSOLUTE_LIMIT, IDLE_LIMIT, TOUCH_AFTER
from tests.fakes.front_door import FrontDoor, credential_of


async def test_a_session_says_who_is_signed_in(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    session = await door.current_session(owner)
    assert (session.person_name, session.org_name, session.roles) == ("Owner", "Personal", frozenset({"owner"}))
    assert session.person_id == phone.person_id


async def test_an_unknown_token_is_no_session(door: FrontDoor) -> None:
    with pytest.raises(Unauthenticated):
        await door.current_session(credential_of("ses_unknown"))


async def test_an_idle_session_ends(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    door.time.now += IDLE_LIMIT
    with pytest.raises(Unauthenticated, match="expired"):
        await door.current_session(owner)


async def test_a_used_session_moves_its_idle_limit(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    for _ in range(3):
        door.time.now += IDLE_LIMIT - 1
        await door.current_session(owner)


async def test_looking_again_within_minutes_writes_nothing(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    door.time.now += TOUCH_AFTER - 1
    before = (await door.current_session(owner)).last_seen_at
    assert (await door.current_session(owner)).last_seen_at == before


async def test_no_session_outlives_the_absolute_limit(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    end = door.time.now + ABSOLUTE_LIMIT
    while door.time.now + IDLE_LIMIT - 1 < end:
        door.time.now += IDLE_LIMIT - 1
        await door.current_session(owner)
    door.time.now = end
    with pytest.raises(Unauthenticated, match="expired"):
        await door.current_session(owner)


async def test_a_person_sees_their_live_sessions_and_no_tokens(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    other = await door.signed_in(phone)
    listed = await door.list_sessions(owner)
    assert [(entry.session_id == other.session.session_id, entry.current) for entry in listed] == [
        (False, True),
        (True, False),
    ]
    assert [entry.client for entry in listed] == ["test", "test"]


async def test_a_list_of_sessions_says_how_each_was_opened_and_its_network_alone(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    await door.signed_in(phone)
    listed = await door.list_sessions(owner)
    assert {(entry.method, entry.device_id, entry.network) for entry in listed} == {
        ("device_key", phone.device_id, "192.0.2.0/24")
    }
