"""Enrolling keys, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, Unauthenticated
from approvals_hub.people.invite import Invitation
from approvals_hub.stepup.enrolment import Enrolment
from approvals_hub.stepup.new_key import OfferedKey
from approvals_hub_client.canonical import b64u, unb64u
from approvals_hub_client.keys import Ed25519SigningKey, Es256SigningKey
from approvals_hub_client.statement import further_key_bytes
from tests.fakes.front_door import HERE, FrontDoor, Phone, credential_of, offer, permit_by
from tests.fakes.soft_authenticator import SoftAuthenticator


async def told(door: FrontDoor) -> list[tuple[Any, Any]]:
    """Who waits to be told what."""
    rows = await door.rows("SELECT kind, person_id FROM outbox ORDER BY id")
    return [(row["kind"], row["person_id"]) for row in rows]


async def test_the_set_up_link_makes_the_first_key_active_and_the_session_full(door: FrontDoor) -> None:
    accepted = await door.accept((await door.set_up()).token, HERE)
    enrolled = await door.enrol_first(accepted, Ed25519SigningKey())
    assert (enrolled.device.state, enrolled.digits) == ("active", None)
    assert enrolled.session is not None
    assert (enrolled.session.scope, enrolled.session.acr) == ("full", "LOW")
    assert enrolled.session.session_id != accepted.session.session_id


async def test_the_set_up_session_ends_with_the_first_key(door: FrontDoor) -> None:
    accepted = await door.accept((await door.set_up()).token, HERE)
    await door.enrol_first(accepted, SoftAuthenticator())
    with pytest.raises(Unauthenticated, match="ended"):
        await door.current_session(credential_of(accepted.session.token))


async def test_a_first_key_by_invitation_is_pending_and_shows_six_digits(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    enrolled = await door.enrol_first(await door.invited(owner), SoftAuthenticator())
    assert (enrolled.device.state, enrolled.session) == ("pending", None)
    assert enrolled.digits is not None
    assert len(enrolled.digits) == 6
    assert enrolled.digits.isdigit()


async def test_the_keys_hash_is_in_the_audit_entry(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    enrolled = await door.enrol_first(await door.invited(owner), Es256SigningKey())
    event = (await door.events("device.enrolled"))[-1]
    assert event["detail"]["key_hash"] == enrolled.device.key_hash
    assert (event["detail"]["state"], event["detail"]["alg"]) == ("pending", "ES256")


async def test_the_person_is_told_of_every_new_device(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    await door.enrol_key(owner, phone.person_id, SoftAuthenticator(), existing=phone)
    assert await told(door) == [("device.enrolled", phone.person_id)] * 2


@pytest.mark.parametrize("old", [Ed25519SigningKey, SoftAuthenticator])
@pytest.mark.parametrize("new", [Es256SigningKey, SoftAuthenticator])
async def test_a_further_key_is_active_at_once_by_the_word_of_an_existing_one(
    door: FrontDoor, old: Any, new: Any
) -> None:
    owner, phone = await door.owner(old())
    further = new()
    enrolled = await door.enrol_key(owner, phone.person_id, further, existing=phone)
    assert (enrolled.device.state, enrolled.session) == ("active", None)
    event = (await door.events("device.enrolled"))[-1]
    assert event["detail"]["existing_device_id"] == phone.device_id
    await door.signed_in(Phone(enrolled.device.device_id, phone.person_id, further))


async def test_a_stolen_session_alone_enrols_no_further_key(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    with pytest.raises(Forbidden, match="word of a key"):
        await door.enrol_key(owner, phone.person_id, Ed25519SigningKey())
    [event] = await door.events("device.refused")
    assert (event["decision"], event["actor_id"]) == ("existing_key_needed", phone.person_id)


async def test_a_word_for_another_key_is_refused(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    issued = await door.issue_challenge("enrol", owner)
    offered, _ = offer(Ed25519SigningKey(), issued.challenge, phone.person_id)
    other = Ed25519SigningKey().public.thumbprint
    message = further_key_bytes(challenge=b64u(issued.challenge), key_thumbprint=other, person_id=phone.person_id)
    permit = permit_by(phone, message)
    with pytest.raises(Forbidden, match="not this device's"):
        await door.enrol(owner, Enrolment(issued.challenge_id, offered, "thief", existing=permit), HERE)


async def test_another_persons_word_is_refused(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    _, other = await door.member(owner)
    with pytest.raises(Forbidden, match="word of a key"):
        await door.enrol_key(owner, phone.person_id, Ed25519SigningKey(), existing=other)


async def test_the_word_of_a_revoked_device_is_refused(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    further = await door.enrol_key(owner, phone.person_id, Ed25519SigningKey(), existing=phone)
    lost_key = Ed25519SigningKey()
    lost = await door.enrol_key(owner, phone.person_id, lost_key, existing=phone)
    await door.revoke_device(owner, lost.device.device_id, by=phone)
    assert further.device.state == "active"
    with pytest.raises(Unauthenticated, match="may not sign"):
        await door.enrol_key(
            owner,
            phone.person_id,
            Ed25519SigningKey(),
            existing=Phone(lost.device.device_id, phone.person_id, lost_key),
        )


async def test_an_invitation_enrols_nothing_where_a_key_exists(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    first = await door.invite_person(owner, Invitation(name="Ada"))
    accepted = await door.accept(first.token, HERE)
    again = await door.invite_person(owner, Invitation(person_id=accepted.person_id))
    second = await door.accept(again.token, HERE)
    enrolled = await door.enrol_first(second, Ed25519SigningKey())
    assert enrolled.digits is not None
    await door.confirm(owner, enrolled.device.device_id, enrolled.digits)
    with pytest.raises(Forbidden, match="have a key already"):
        await door.enrol_first(second, Ed25519SigningKey())


async def test_a_second_try_before_the_confirmation_replaces_the_first_key(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    accepted = await door.invited(owner)
    first = await door.enrol_first(accepted, Ed25519SigningKey())
    second = await door.enrol_first(accepted, Ed25519SigningKey())
    devices = await door.list_devices(credential_of(accepted.session.token))
    assert {device.device_id: device.state for device, _ in devices} == {
        first.device.device_id: "revoked",
        second.device.device_id: "pending",
    }


@pytest.mark.parametrize("make", [Ed25519SigningKey, SoftAuthenticator])
async def test_one_key_for_two_people_is_refused(door: FrontDoor, make: Any) -> None:
    shared = make()
    owner, _ = await door.owner(shared)
    with pytest.raises(Conflict, match="enrolled before"):
        await door.enrol_first(await door.invited(owner), shared)


async def test_a_credential_id_that_is_enrolled_cannot_be_taken_over(door: FrontDoor) -> None:
    victim, thief = SoftAuthenticator(), SoftAuthenticator()
    thief.credential_id = victim.credential_id
    owner, _ = await door.owner(victim)
    with pytest.raises(Conflict):
        await door.enrol_first(await door.invited(owner), thief)


async def test_a_revoked_key_does_not_come_back(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    lost_key = Ed25519SigningKey()
    lost = await door.enrol_key(owner, phone.person_id, lost_key, existing=phone)
    await door.revoke_device(owner, lost.device.device_id, by=phone)
    with pytest.raises(Conflict, match="enrolled before"):
        await door.enrol_key(owner, phone.person_id, lost_key, existing=phone)


async def test_a_refused_key_spends_its_challenge_and_is_recorded(door: FrontDoor) -> None:
    accepted = await door.accept((await door.set_up()).token, HERE)
    session = credential_of(accepted.session.token)
    issued = await door.issue_challenge("enrol", session)
    offered, _ = offer(Ed25519SigningKey(), issued.challenge, accepted.person_id)
    bad = Enrolment(issued.challenge_id, replace(offered, proof=bytes(64)), "phone")
    with pytest.raises(Invalid, match="proof"):
        await door.enrol(session, bad, HERE)
    assert [event["decision"] for event in await door.events("device.refused")] == ["key_refused"]
    with pytest.raises(Unauthenticated, match="challenge"):
        await door.enrol(session, replace(bad, key=offered), HERE)


async def test_a_challenge_of_another_session_enrols_nothing(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    mine, theirs = await door.invited(owner), await door.invited(owner)
    issued = await door.issue_challenge("enrol", credential_of(theirs.session.token))
    offered, _ = offer(Ed25519SigningKey(), issued.challenge, mine.person_id)
    with pytest.raises(Unauthenticated):
        await door.enrol(credential_of(mine.session.token), Enrolment(issued.challenge_id, offered, "phone"), HERE)


async def test_of_two_first_keys_sent_at_once_over_a_set_up_link_one_is_enrolled(door: FrontDoor) -> None:
    accepted = await door.accept((await door.set_up()).token, HERE)
    answers = await asyncio.gather(
        *(door.enrol_first(accepted, Ed25519SigningKey()) for _ in range(4)), return_exceptions=True
    )
    assert sum(not isinstance(answer, HubError) for answer in answers) == 1
    rows = await door.rows("SELECT id FROM devices WHERE state = 'active'")
    assert len(rows) == 1


async def test_a_device_needs_a_plain_name(door: FrontDoor) -> None:
    accepted = await door.accept((await door.set_up()).token, HERE)
    with pytest.raises(Invalid, match="name"):
        await door.enrol(credential_of(accepted.session.token), Enrolment("chl", OfferedKey("passkey"), "\n"), HERE)


async def test_an_admin_who_revokes_the_only_key_lets_nobody_in_by_the_invitation_of_before(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    accepted = await door.invited(owner)
    enrolled = await door.enrol_first(accepted, Ed25519SigningKey())
    await door.confirm(owner, enrolled.device.device_id, enrolled.digits or "")
    await door.revoke_device(owner, enrolled.device.device_id)
    with pytest.raises(Forbidden) as refused:
        await door.enrol_first(accepted, Ed25519SigningKey())
    assert refused.value.code == "had_key"
    assert await door.list_pending(owner) == []


async def test_an_app_that_makes_a_new_key_on_the_same_installation_leaves_no_second_device(door: FrontDoor) -> None:
    owner, first = await door.owner()
    key, again, other = Ed25519SigningKey(), Ed25519SigningKey(), SoftAuthenticator()
    mine = await enrol_installed(door, owner, first, key, "app-1")
    await enrol_installed(door, owner, first, other, "app-1")  # the app's passkey is another key of its own
    await enrol_installed(door, owner, first, Ed25519SigningKey(), "app-2")
    newer = await enrol_installed(door, owner, first, again, "app-1")
    states = {row["id"]: row["state"] for row in await door.rows("SELECT id, state FROM devices")}
    assert (states[mine], states[newer], sorted(states.values())) == (
        "revoked",
        "active",
        ["active", "active", "active", "active", "revoked"],
    )
    [entry] = await door.events("device.revoked")
    assert (entry["detail"]["device_id"], entry["decision"]) == (mine, "replaced")


async def test_a_first_key_by_invitation_that_names_anothers_installation_takes_nobodys_key_away(
    door: FrontDoor,
) -> None:
    owner, first = await door.owner()
    await enrol_installed(door, owner, first, Ed25519SigningKey(), "app-1")
    accepted = await door.invited(owner)
    credential = credential_of(accepted.session.token, accepted.org_id)
    issued = await door.issue_challenge("enrol", credential)
    key, _ = offer(Ed25519SigningKey(), issued.challenge, accepted.person_id)
    await door.enrol(credential, Enrolment(issued.challenge_id, key, "phone", installation_id="app-1"), HERE)
    assert await door.events("device.revoked") == []


async def enrol_installed(
    door: FrontDoor, who: Any, by: Phone, key: Ed25519SigningKey | SoftAuthenticator, installation: str
) -> str:
    """A further key of an installation, by the word of an existing one; the device's id."""
    issued = await door.issue_challenge("enrol", who)
    if isinstance(key, SoftAuthenticator):
        key.user_handle = unb64u(issued.public_key["user"]["id"])
    offered, thumbprint = offer(key, issued.challenge, by.person_id)
    message = further_key_bytes(challenge=b64u(issued.challenge), key_thumbprint=thumbprint, person_id=by.person_id)
    enrolment = Enrolment(
        issued.challenge_id, offered, "phone", installation_id=installation, existing=permit_by(by, message)
    )
    return (await door.enrol(who, enrolment, HERE)).device.device_id
