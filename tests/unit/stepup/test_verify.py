"""What a device signed, over which bytes."""

from __future__ import annotations

import time
from hashlib import sha256

import pytest

from approvals_hub.core.errors import Forbidden
from approvals_hub.stepup.verify import REMEMBERED, DeviceSignatures, Verified, check_row
from approvals_hub_client.keys import Ed25519SigningKey, Es256SigningKey, SigningKey
from tests.fakes.front_door import FrontDoor
from tests.fakes.soft_authenticator import EDDSA, ES256, RS256, SoftAuthenticator

MESSAGE = b"approvals-hub.decision.v1\0{}"


@pytest.mark.parametrize("key", [Ed25519SigningKey(), Es256SigningKey()])
async def test_a_device_key_signs_the_message_itself(door: FrontDoor, key: SigningKey) -> None:
    _, phone = await door.owner(key)
    found = await door.signatures.check(phone.device_id, MESSAGE, key.sign(MESSAGE), None)
    assert isinstance(found, Verified)
    assert (found.device_id, found.person_id, found.kind) == (phone.device_id, phone.person_id, "device_key")
    assert (found.new_sign_count, found.flagged) == (0, None)


@pytest.mark.parametrize("alg", [ES256, EDDSA, RS256])
async def test_a_passkey_signs_the_messages_hash_as_its_challenge(door: FrontDoor, alg: int) -> None:
    passkey = SoftAuthenticator(alg)
    _, phone = await door.owner(passkey)
    found = await door.signatures.check(phone.device_id, MESSAGE, None, passkey.get(sha256(MESSAGE).digest()))
    assert isinstance(found, Verified)
    assert (found.kind, found.new_sign_count, found.flagged) == ("passkey", 2, None)


async def test_a_passkeys_assertion_over_the_message_itself_is_refused(door: FrontDoor) -> None:
    passkey = SoftAuthenticator()
    _, phone = await door.owner(passkey)
    found = await door.signatures.check(phone.device_id, MESSAGE, None, passkey.get(MESSAGE))
    assert isinstance(found, Forbidden)


async def test_a_counter_that_went_back_is_flagged_and_the_highest_is_kept(door: FrontDoor) -> None:
    passkey = SoftAuthenticator()
    passkey.count = 40
    _, phone = await door.owner(passkey)
    passkey.count = 7
    found = await door.signatures.check(phone.device_id, MESSAGE, None, passkey.get(sha256(MESSAGE).digest()))
    assert isinstance(found, Verified)
    assert (found.flagged, found.new_sign_count) == ("counter_regression", 41)


async def test_every_bad_signature_gets_the_same_answer(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    passkey = SoftAuthenticator()
    enrolled = await door.enrol_key(owner, phone.person_id, passkey, existing=phone)
    assert isinstance(phone.key, Ed25519SigningKey)
    good, assertion = phone.key.sign(MESSAGE), passkey.get(sha256(MESSAGE).digest())
    attempts = [
        ("dev_unknown", MESSAGE, good, None),  # no such device
        (phone.device_id, MESSAGE + b"!", good, None),  # other bytes
        (phone.device_id, MESSAGE, Ed25519SigningKey().sign(MESSAGE), None),  # another key
        (phone.device_id, MESSAGE, good[:-1], None),  # a short signature
        (phone.device_id, MESSAGE, good + b"\0", None),  # a long one
        (phone.device_id, MESSAGE, None, assertion),  # a passkey's assertion for a device key
        (phone.device_id, MESSAGE, None, None),  # nothing
        (enrolled.device.device_id, MESSAGE, good, None),  # a signature for a passkey
        (enrolled.device.device_id, MESSAGE + b"!", None, assertion),  # other bytes
        (enrolled.device.device_id, MESSAGE, None, {}),  # malformed
    ]
    answers = [await door.signatures.check(*attempt) for attempt in attempts]
    assert {(type(answer), str(answer)) for answer in answers} == {
        (Forbidden, "the signature is not this device's over exactly these bytes")
    }


async def test_another_of_the_persons_passkeys_does_not_sign_for_the_named_one(door: FrontDoor) -> None:
    first, second = SoftAuthenticator(), SoftAuthenticator()
    owner, phone = await door.owner(first)
    await door.enrol_key(owner, phone.person_id, second, existing=phone)
    found = await door.signatures.check(phone.device_id, MESSAGE, None, second.get(sha256(MESSAGE).digest()))
    assert isinstance(found, Forbidden)


async def test_a_known_key_is_verified_without_the_database(door: FrontDoor) -> None:
    _, phone = await door.owner()
    assert isinstance(phone.key, Ed25519SigningKey)
    signature = phone.key.sign(MESSAGE)
    await door.signatures.check(phone.device_id, MESSAGE, signature, None)
    await door.db.close()
    assert isinstance(await door.signatures.check(phone.device_id, MESSAGE, signature, None), Verified)


async def test_the_memory_of_keys_is_bounded(door: FrontDoor) -> None:
    _, phone = await door.owner()
    signatures = DeviceSignatures(door.db, door.rp)
    assert isinstance(phone.key, Ed25519SigningKey)
    signature = phone.key.sign(MESSAGE)
    await signatures.check(phone.device_id, MESSAGE, signature, None)
    known = signatures._keys[phone.device_id]
    signatures._keys.update({f"dev_{number}": known for number in range(REMEMBERED)})
    signatures._keys.move_to_end(phone.device_id, last=False)
    signatures.forget("dev_0")
    await signatures.check("dev_1", MESSAGE, signature, None)
    assert len(signatures._keys) <= REMEMBERED


async def test_a_forgotten_key_is_read_again(door: FrontDoor) -> None:
    _, phone = await door.owner()
    assert isinstance(phone.key, Ed25519SigningKey)
    signature = phone.key.sign(MESSAGE)
    for _ in range(2):
        assert isinstance(await door.signatures.check(phone.device_id, MESSAGE, signature, None), Verified)
        door.signatures.forget(phone.device_id)


@pytest.mark.parametrize("key", [Ed25519SigningKey(), SoftAuthenticator()])
async def test_a_device_that_was_read_already_is_checked_alike(
    door: FrontDoor, key: SigningKey | SoftAuthenticator
) -> None:
    _, phone = await door.owner(key)
    [row] = await door.rows("SELECT * FROM devices")
    if isinstance(key, SoftAuthenticator):
        found = check_row(door.rp, row, MESSAGE, None, key.get(sha256(MESSAGE).digest()))
    else:
        found = check_row(door.rp, row, MESSAGE, key.sign(MESSAGE), None)
    assert isinstance(found, Verified)
    assert found.device_id == phone.device_id


async def test_an_ed25519_check_costs_less_than_a_millisecond(door: FrontDoor) -> None:
    _, phone = await door.owner()
    assert isinstance(phone.key, Ed25519SigningKey)
    signature = phone.key.sign(MESSAGE)
    await door.signatures.check(phone.device_id, MESSAGE, signature, None)
    best = float("inf")
    for _ in range(200):
        start = time.perf_counter()
        await door.signatures.check(phone.device_id, MESSAGE, signature, None)
        best = min(best, time.perf_counter() - start)
    assert best < 0.001
