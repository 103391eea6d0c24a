"""Sessions: the present one, all of them, and their end."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, NotFound, Unauthenticated
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


async def test_a_person_ends_another_of_their_sessions(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    other = await door.signed_in(phone)
    ended = await door.end_session(owner, other.session.session_id)
    assert (ended.session_id, ended.current) == (other.session.session_id, False)
    with pytest.raises(Unauthenticated):
        await door.current_session(credential_of(other.session.token))
    await door.current_session(owner)


async def test_the_present_session_ends_by_its_nickname(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    assert (await door.end_session(owner, "current")).current
    with pytest.raises(Unauthenticated, match="ended"):
        await door.current_session(owner)
    assert len(await door.events("session.ended")) == 1


async def test_nobody_ends_another_persons_session(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    member, _ = await door.member(owner)
    session = await door.current_session(owner)
    with pytest.raises(NotFound):
        await door.end_session(member, session.session_id)
    await door.current_session(owner)


async def test_signing_out_takes_the_named_device_key_along(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    await door.sign_out(owner, phone.device_id, by=phone)
    [row] = await door.rows("SELECT state FROM devices")
    assert row["state"] == "revoked"
    assert [event["decision"] for event in await door.events("device.revoked")] == ["signed_out"]


async def test_signing_out_alone_leaves_the_device(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    await door.sign_out(owner)
    await door.signed_in(phone)


async def test_a_stolen_session_takes_no_key_away_by_signing_out(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    with pytest.raises(Forbidden, match="your key again"):
        await door.sign_out(owner, phone.device_id)
    assert (await door.current_session(owner)).device_id == phone.device_id


async def test_signing_out_with_somebody_elses_device_does_nothing(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    member, _ = await door.member(owner)
    with pytest.raises(NotFound):
        await door.sign_out(member, phone.device_id)
    await door.current_session(member)
    await door.signed_in(phone)
