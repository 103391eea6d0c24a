"""Listing and revoking devices."""

from __future__ import annotations

from pathlib import Path

import pytest

from approvals_hub.core.errors import Forbidden, HubError, NotFound, Unauthenticated
from approvals_hub.db.sqlite import SqliteDatabase
from approvals_hub.people.invite import Invitation
from approvals_hub_client.keys import Ed25519SigningKey
from tests.fakes.front_door import HERE, FrontDoor, Phone, credential_of
from tests.fakes.lost_keys import Lost
from tests.fakes.soft_authenticator import SoftAuthenticator
from tests.unit.hub_fixture import code_of
from tests.unit.two_orgs import second_org


async def test_a_person_sees_their_devices_and_which_one_is_this(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    passkey = await door.enrol_key(owner, phone.person_id, SoftAuthenticator(), existing=phone)
    listed = await door.list_devices(owner)
    assert [(device.device_id, current) for device, current in listed] == [
        (phone.device_id, True),
        (passkey.device.device_id, False),
    ]


async def test_an_invitations_session_sees_its_key_wait(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    accepted = await door.invited(owner)
    await door.enrol_first(accepted, Ed25519SigningKey())
    [(device, current)] = await door.list_devices(credential_of(accepted.session.token))
    assert (device.state, current) == ("pending", False)


async def test_a_revoked_devices_sessions_end_and_others_live_on(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    lost_key = Ed25519SigningKey()
    lost = await door.enrol_key(owner, phone.person_id, lost_key, existing=phone)
    lost_session = await door.signed_in(Phone(lost.device.device_id, phone.person_id, lost_key))
    device = await door.revoke_device(owner, lost.device.device_id, by=phone)
    assert device.state == "revoked"
    with pytest.raises(Unauthenticated, match="ended"):
        await door.current_session(credential_of(lost_session.session.token))
    assert (await door.current_session(owner)).device_id == phone.device_id


async def test_revoking_is_recorded_with_the_keys_hash_and_told(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    device = await door.revoke_device(owner, phone.device_id, by=phone)
    [event] = await door.events("device.revoked")
    assert (event["decision"], event["detail"]["key_hash"]) == ("asked", device.key_hash)
    rows = await door.rows("SELECT person_id FROM outbox WHERE kind = 'device.revoked'")
    assert [row["person_id"] for row in rows] == [phone.person_id]


async def test_revoking_again_answers_the_same_and_writes_nothing(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    lost = await door.enrol_key(owner, phone.person_id, Ed25519SigningKey(), existing=phone)
    for _ in range(2):
        assert (await door.revoke_device(owner, lost.device.device_id, by=phone)).state == "revoked"
    assert len(await door.events("device.revoked")) == 1


async def test_an_owner_revokes_a_members_lost_phone_at_once_without_a_fresh_factor(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    member, phone = await door.member(owner)
    await door.revoke_device(owner, phone.device_id)
    with pytest.raises(Unauthenticated):
        await door.current_session(member)


async def test_a_stolen_session_takes_no_key_of_its_person_away(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    with pytest.raises(Forbidden, match="your key again"):
        await door.revoke_device(owner, phone.device_id)
    assert (await door.current_session(owner)).device_id == phone.device_id
    assert await door.rows("SELECT id FROM outbox WHERE kind = 'device.revoked'") == []


async def test_somebody_elses_fresh_factor_revokes_no_key(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    _, other = await door.member(owner)
    with pytest.raises(Forbidden, match="not this device's"):
        await door.revoke_device(owner, phone.device_id, by=other)


async def test_whoever_holds_a_link_sees_none_of_the_keys_that_were_there_before(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    accepted = await door.invited(owner)
    await door.enrol_first(accepted, Ed25519SigningKey())
    door.time.now += 1
    again = await door.invite_person(owner, Invitation(person_id=accepted.person_id))
    session = credential_of((await door.accept(again.token, HERE)).session.token)
    assert await door.list_devices(session) == []


async def test_an_approver_revokes_nobody_elses_device(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    approver, _ = await door.member(owner)
    with pytest.raises(NotFound):
        await door.revoke_device(approver, phone.device_id)
    assert (await door.current_session(owner)).device_id == phone.device_id


async def test_a_device_that_is_not_there_is_not_found(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    with pytest.raises(NotFound):
        await door.revoke_device(owner, "dev_unknown")


async def test_what_waits_under_a_revoked_device_is_woken(sqlite_path: Path) -> None:
    topics: list[str] = []
    database = await SqliteDatabase.open(sqlite_path, on_commit=topics.extend)
    door = FrontDoor(database)
    owner, phone = await door.owner()
    topics.clear()
    await door.revoke_device(owner, phone.device_id, by=phone)
    await database.close()
    assert {f"person:{phone.person_id}", f"inbox:{phone.person_id}"} <= set(topics)


async def test_an_admin_of_another_organisation_turns_no_key_down_that_a_recovery_brings_its_person(lost: Lost) -> None:
    other, [code, again, *_] = await second_org(lost.house), await lost.codes()
    await other.lets_in(lost.ada, "approver")
    phone = await lost.by_code(code)
    with pytest.raises(HubError) as refused:
        await lost.house.hub.revoke_device(other.owner.credential, phone.device_id)
    assert (code_of(refused.value), await lost.state(phone)) == ("several_organisations", "pending")
    # Whoever governs where the recovery runs turns it down as before, and so does its person.
    await lost.house.hub.revoke_device(lost.house.owner.credential, phone.device_id)
    assert await lost.state(phone) == "revoked"
    phone = await lost.by_code(again)
    await lost.house.hub.revoke_device(lost.ada.credential, phone.device_id)
    assert await lost.state(phone) == "revoked"
