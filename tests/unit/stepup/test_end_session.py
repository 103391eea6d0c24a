"""How sessions end: the present one by itself, others by whoever shows that they are there."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, HubError, NotFound, Unauthenticated
from approvals_hub.db.database import Tx
from approvals_hub.people.session import PersonCredential
from approvals_hub_client.keys import Ed25519SigningKey
from tests.fakes.front_door import FrontDoor, Phone, credential_of
from tests.fakes.soft_authenticator import SoftAuthenticator


async def test_a_person_ends_another_of_their_sessions(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    other = await door.signed_in(phone)
    ended = await door.end_session(owner, other.session.session_id, by=phone)
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
    member, phone = await door.member(owner)
    session = await door.current_session(owner)
    with pytest.raises(NotFound):
        await door.end_session(member, session.session_id, by=phone)
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


async def test_a_session_that_is_ended_leaves_a_browser_that_signs_in_again(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    other = await door.signed_in(phone)
    ended = await door.end_session(owner, other.session.session_id, by=phone)
    assert ended.forgotten is None
    await door.signed_in(phone)


async def test_a_lost_browser_that_is_forgotten_does_not_sign_in_again(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    browser = await further_browser(door, owner, phone)
    session, another = await door.signed_in(browser), await door.signed_in(browser)
    ended = await door.end_session(owner, session.session.session_id, forget_device=True, by=phone)
    assert (ended.forgotten, ended.current) == (browser.device_id, False)
    with pytest.raises(HubError):
        await door.signed_in(browser)
    with pytest.raises(Unauthenticated):  # every session of that key, not the named one alone
        await door.current_session(credential_of(another.session.token))
    await door.current_session(owner)
    [event] = await door.events("device.revoked")
    assert (event["decision"], event["actor_id"]) == ("signed_out", phone.person_id)
    assert event["detail"]["device_id"] == browser.device_id


async def test_a_forgotten_device_has_no_push_address_left(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    await door.db.run(lambda tx: tx.execute("UPDATE devices SET push_address = :address", address=b"sealed"))
    await door.end_session(owner, "current", forget_device=True, by=phone)
    [row] = await door.rows("SELECT state, push_address FROM devices")
    assert (row["state"], row["push_address"]) == ("revoked", None)


async def test_who_forgets_the_device_they_use_is_signed_out_here_too(door: FrontDoor) -> None:
    _, phone = await door.owner()
    here = credential_of((await door.signed_in(phone)).session.token)
    other = await door.signed_in(phone)
    ended = await door.end_session(here, other.session.session_id, forget_device=True, by=phone)
    assert (ended.current, ended.forgotten) == (True, phone.device_id)
    with pytest.raises(Unauthenticated):
        await door.current_session(here)


async def test_a_passkey_stays_when_its_session_ends(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    passkey = SoftAuthenticator()
    made = await door.enrol_key(owner, phone.person_id, passkey, existing=phone)
    session = await door.signed_in(Phone(made.device.device_id, phone.person_id, passkey))
    ended = await door.end_session(owner, session.session.session_id, forget_device=True, by=phone)
    assert ended.forgotten is None
    await door.signed_in(Phone(made.device.device_id, phone.person_id, passkey))


async def test_nobody_makes_another_persons_device_forgotten(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    member, other = await door.member(owner)
    session = await door.current_session(owner)
    with pytest.raises(NotFound):
        await door.end_session(member, session.session_id, forget_device=True, by=other)
    await door.signed_in(phone)


async def test_a_stolen_session_makes_no_browser_forgotten(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    browser = await further_browser(door, owner, phone)
    session = (await door.signed_in(browser)).session
    with pytest.raises(Forbidden, match="your key again"):
        await door.end_session(owner, session.session_id, forget_device=True)
    await door.current_session(credential_of(session.token))
    await door.signed_in(browser)


async def test_a_stolen_session_does_not_make_all_other_browsers_forgotten(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    browser = await further_browser(door, owner, phone)
    session = (await door.signed_in(browser)).session
    with pytest.raises(Forbidden, match="your key again"):
        await door.end_others(owner, forget_devices=True)
    await door.current_session(credential_of(session.token))
    await door.signed_in(browser)


async def test_an_invitations_session_leaves_nothing_to_forget(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    opened = await door.invited(owner)
    ended = await door.end_session(credential_of(opened.session.token), "current", forget_device=True)
    assert (ended.current, ended.forgotten) == (True, None)


async def test_all_other_sessions_end_and_the_present_one_stays(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    others = [await door.signed_in(phone) for _ in range(2)]
    assert sorted(await door.end_others(owner, by=phone)) == sorted(other.session.session_id for other in others)
    assert [entry.current for entry in await door.list_sessions(owner)] == [True]
    assert len(await door.events("session.ended")) == 2


async def test_the_keys_that_opened_the_other_sessions_end_with_them_where_asked_and_ones_own_stays(
    door: FrontDoor,
) -> None:
    owner, phone = await door.owner()
    enrolled = await door.enrol_key(owner, phone.person_id, Ed25519SigningKey(), phone)
    passkey = await door.enrol_key(owner, phone.person_id, SoftAuthenticator(), phone)
    other = Phone(enrolled.device.device_id, phone.person_id, phone.key)
    await door.signed_in(phone)
    rows = "UPDATE sessions SET device_id = :new WHERE device_id = :old AND id <> :mine"
    mine = (await door.current_session(owner)).session_id

    async def elsewhere(tx: Tx) -> None:
        await tx.execute(rows, new=other.device_id, old=phone.device_id, mine=mine)

    await door.db.run(elsewhere)
    await door.end_others(owner, forget_devices=True, by=phone)
    states = {device.device_id: device.state for device, _ in await door.list_devices(owner)}
    assert states == {phone.device_id: "active", other.device_id: "revoked", passkey.device.device_id: "active"}


async def further_browser(door: FrontDoor, owner: PersonCredential, phone: Phone) -> Phone:
    """Another browser of the owner with a key of its own."""
    key = Ed25519SigningKey()
    made = await door.enrol_key(owner, phone.person_id, key, existing=phone)
    return Phone(made.device.device_id, phone.person_id, key)
