"""The set-up link of a new hub."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Conflict, Invalid, Unauthenticated
from approvals_hub.people.person import SETUP_LIFE
from approvals_hub_client.keys import Ed25519SigningKey
from tests.fakes.front_door import HERE, PUBLIC_URL, FrontDoor, credential_of


async def test_the_link_carries_its_token_where_no_server_sees_it(door: FrontDoor) -> None:
    link = await door.set_up()
    assert link.url == f"{PUBLIC_URL}/app/enrol#{link.token}"


async def test_a_new_hub_gets_one_organisation_and_one_owner_without_a_key(door: FrontDoor) -> None:
    link = await door.set_up(org_name="Home", owner_name="Grace")
    [member] = await door.list_members(await door.operator())
    assert (member.person_id, member.name, member.roles, member.keys) == (link.person_id, "Grace", ("owner",), 0)
    assert [event["kind"] for event in await door.events("org.created")] == ["org.created"]


async def test_the_token_is_stored_as_a_hash_alone(door: FrontDoor) -> None:
    link = await door.set_up()
    [row] = await door.rows("SELECT token_hash FROM person_invites")
    assert link.token.encode() not in bytes(row["token_hash"])
    assert len(bytes(row["token_hash"])) == 32


async def test_a_new_link_ends_the_old_one(door: FrontDoor) -> None:
    old = await door.set_up()
    await door.set_up()
    with pytest.raises(Unauthenticated, match="not valid"):
        await door.accept(old.token, HERE)


async def test_a_new_link_ends_the_session_that_a_leaked_one_opened(door: FrontDoor) -> None:
    leaked = await door.accept((await door.set_up()).token, HERE)
    await door.set_up()
    with pytest.raises(Unauthenticated):
        await door.current_session(credential_of(leaked.session.token))


async def test_a_link_that_is_older_than_an_hour_opens_nothing(door: FrontDoor) -> None:
    link = await door.set_up()
    door.time.now += SETUP_LIFE
    with pytest.raises(Unauthenticated):
        await door.accept(link.token, HERE)


async def test_set_up_is_closed_before_the_link_and_after_the_first_key(door: FrontDoor) -> None:
    assert not await door.set_up.is_open()
    accepted = await door.accept((await door.set_up()).token, HERE)
    await door.set_up()
    assert await door.set_up.is_open()
    accepted = await door.accept((await door.set_up()).token, HERE)
    assert not await door.set_up.is_open()
    await door.enrol_first(accepted, Ed25519SigningKey())
    assert not await door.set_up.is_open()


async def test_a_hub_whose_owner_has_a_key_makes_no_link(door: FrontDoor) -> None:
    await door.owner()
    with pytest.raises(Conflict, match="has been set up"):
        await door.set_up()


async def test_a_restart_makes_no_link_after_the_owner_has_revoked_the_last_key(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    await door.revoke_device(owner, phone.device_id, by=phone)
    with pytest.raises(Conflict):
        await door.set_up()


async def test_a_name_that_controls_a_terminal_is_refused(door: FrontDoor) -> None:
    with pytest.raises(Invalid):
        await door.set_up(owner_name="\x1b[2J")
