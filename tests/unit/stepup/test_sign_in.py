"""Signing in by passkey and by device key."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from approvals_hub.core.errors import Forbidden, HubError, Unauthenticated
from approvals_hub.people.disable import disable_in
from approvals_hub.stepup.sign_in import SignInProof
from approvals_hub_client.canonical import b64u
from approvals_hub_client.keys import Ed25519SigningKey, Es256SigningKey, SigningKey
from approvals_hub_client.statement import sign_in_bytes
from tests.fakes.front_door import HERE, FrontDoor, Phone, credential_of
from tests.fakes.soft_authenticator import EDDSA, ES256, SoftAuthenticator

KEYS = {
    "Ed25519 device key": (Ed25519SigningKey, "LOW"),
    "ES256 device key": (Es256SigningKey, "LOW"),
    "ES256 passkey": (lambda: SoftAuthenticator(ES256), "SUBSTANTIAL"),
    "EdDSA passkey": (lambda: SoftAuthenticator(EDDSA), "SUBSTANTIAL"),
}


async def refused(door: FrontDoor, proof: SignInProof) -> str:
    """The code of the answer to a proof that opens nothing."""
    with pytest.raises(Unauthenticated) as answer:
        await door.sign_in(proof, HERE)
    assert (
        await door.rows("SELECT id FROM sessions WHERE client = 'test' AND device_id IS NULL AND scope = 'full'") == []
    )
    return answer.value.code


@pytest.mark.parametrize("kind", KEYS)
async def test_a_person_signs_in_with_any_kind_of_key(door: FrontDoor, kind: str) -> None:
    make, acr = KEYS[kind]
    key: SigningKey | SoftAuthenticator = make()
    _, phone = await door.owner(key)
    signed_in = await door.signed_in(phone)
    session = await door.current_session(credential_of(signed_in.session.token))
    assert (session.person_id, session.scope, session.device_id) == (phone.person_id, "full", phone.device_id)
    assert (session.acr, signed_in.roles, signed_in.org_name) == (acr, ("owner",), "Personal")


async def test_a_session_token_is_stored_as_a_hash_alone(door: FrontDoor) -> None:
    _, phone = await door.owner()
    signed_in = await door.signed_in(phone)
    rows = await door.rows("SELECT token_hash FROM sessions")
    assert all(len(bytes(row["token_hash"])) == 32 for row in rows)
    assert signed_in.session.token.startswith("ses_")


async def test_every_sign_in_is_a_new_session(door: FrontDoor) -> None:
    _, phone = await door.owner()
    one, two = await door.signed_in(phone), await door.signed_in(phone)
    assert one.session.session_id != two.session.session_id
    assert one.session.token != two.session.token


async def test_signing_in_is_recorded_and_notes_the_devices_use(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    door.time.now += 1000
    await door.signed_in(phone)
    event = (await door.events("session.opened"))[-1]
    assert event["detail"]["device_id"] == phone.device_id
    [(device, _)] = await door.list_devices(owner)
    assert device.last_used_at == door.time.now


async def test_a_replayed_sign_in_is_refused(door: FrontDoor) -> None:
    _, phone = await door.owner()
    proof = await door.sign_in_proof(phone)
    await door.sign_in(proof, HERE)
    assert await refused(door, proof) == "challenge_invalid"


async def test_of_ten_who_send_one_proof_at_once_one_gets_in(door: FrontDoor) -> None:
    _, phone = await door.owner(SoftAuthenticator())
    proof = await door.sign_in_proof(phone)
    answers = await asyncio.gather(*(door.sign_in(proof, HERE) for _ in range(10)), return_exceptions=True)
    assert sum(not isinstance(answer, HubError) for answer in answers) == 1


async def test_unknown_devices_and_bad_signatures_get_the_same_answer(door: FrontDoor) -> None:
    _, phone = await door.owner()
    proof = await door.sign_in_proof(phone)
    forged = await door.sign_in_proof(replace(phone, key=Ed25519SigningKey()))
    unknown = replace(proof, device_id="dev_unknown")
    nothing = replace(proof, signature=None)
    nobody = SignInProof(proof.challenge_id)
    assert {await refused(door, bad) for bad in (forged, unknown, nothing, nobody)} == {"invalid_signature"}


async def test_a_device_keys_signature_for_another_hub_is_refused(door: FrontDoor) -> None:
    _, phone = await door.owner()
    proof = await door.sign_in_proof(phone)
    issued = await door.rows("SELECT challenge FROM challenges WHERE id = :id", id=proof.challenge_id)
    assert isinstance(phone.key, Ed25519SigningKey)
    message = sign_in_bytes(
        challenge=b64u(bytes(issued[0]["challenge"])), device_id=phone.device_id, audience="https://hub.evil"
    )
    assert await refused(door, replace(proof, signature=phone.key.sign(message))) == "invalid_signature"


async def test_a_passkey_that_names_another_person_is_refused(door: FrontDoor) -> None:
    owner, _ = await door.owner(SoftAuthenticator())
    _, phone = await door.member(owner, SoftAuthenticator())
    [row] = await door.rows("SELECT user_handle FROM people WHERE name = 'Owner'")
    assert isinstance(phone.key, SoftAuthenticator)
    phone.key.user_handle = bytes(row["user_handle"])
    assert await refused(door, await door.sign_in_proof(phone)) == "invalid_signature"


async def test_a_passkey_that_names_nobody_is_refused(door: FrontDoor) -> None:
    _, phone = await door.owner(SoftAuthenticator())
    assert isinstance(phone.key, SoftAuthenticator)
    phone.key.user_handle = None
    assert await refused(door, await door.sign_in_proof(phone)) == "invalid_signature"


async def test_an_assertion_made_for_enrolling_signs_nobody_in(door: FrontDoor) -> None:
    owner, phone = await door.owner(SoftAuthenticator())
    issued = await door.issue_challenge("enrol", owner)
    assert isinstance(phone.key, SoftAuthenticator)
    proof = SignInProof(issued.challenge_id, assertion=phone.key.get(issued.challenge))
    assert await refused(door, proof) == "challenge_invalid"


async def test_a_revoked_device_signs_nobody_in(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    proof = await door.sign_in_proof(phone)
    await door.revoke_device(owner, phone.device_id, by=phone)
    assert await refused(door, proof) == "device_revoked"


async def test_a_pending_device_signs_nobody_in(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    accepted = await door.invited(owner)
    key = Ed25519SigningKey()
    enrolled = await door.enrol_first(accepted, key)
    proof = await door.sign_in_proof(Phone(enrolled.device.device_id, accepted.person_id, key))
    with pytest.raises(Forbidden, match="not confirmed"):
        await door.sign_in(proof, HERE)


async def test_a_disabled_person_does_not_sign_in(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    _, phone = await door.member(owner)
    proof = await door.sign_in_proof(phone)
    await door.db.run(lambda tx: disable_in(tx, phone.person_id, door.time.now))
    assert await refused(door, proof) == "person_disabled"
    assert [event["decision"] for event in await door.events("session.refused")] == ["person_disabled"]


async def test_an_organisation_that_one_is_not_in_cannot_be_chosen(door: FrontDoor) -> None:
    _, phone = await door.owner()
    proof = replace(await door.sign_in_proof(phone), org_id="org_other")
    with pytest.raises(Forbidden, match="no organisation"):
        await door.sign_in(proof, HERE)
