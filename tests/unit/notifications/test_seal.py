"""Words that one device alone can read."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag

from approvals_hub.notifications.seal import LENGTH, ROOM, SealTo, is_seal_key, is_signed, sealed
from approvals_hub_client.canonical import b64u, unb64u
from approvals_hub_client.keys import Ed25519SigningKey, Es256SigningKey, SigningKey, jwk_of
from notify.message import LARGEST_SEALED
from tests.fakes.sealing_device import SealingDevice

HUB = "https://hub.example"
PLACE = {"escalation_id": "esc_1", "telling_id": "tel_1"}


@pytest.fixture
def device() -> SealingDevice:
    return SealingDevice(HUB, "dev_1")


def to(device: SealingDevice) -> SealTo:
    return SealTo(device.audience, device.device_id, device.public)


def words(device: SealingDevice, body: str = "canary") -> bytes:
    found = sealed(to(device), title="Ops asks", body=body, **PLACE)
    assert found is not None
    return found


def test_the_device_opens_what_is_sealed_to_it(device: SealingDevice) -> None:
    assert device.opened(words(device), **PLACE) == {"title": "Ops asks", "body": "canary"}


def test_nobody_sees_by_the_length_how_much_is_said(device: SealingDevice) -> None:
    assert {len(words(device, "x" * count)) for count in (0, 1, 900)} == {LENGTH}
    assert LENGTH <= LARGEST_SEALED
    assert sealed(to(device), title="", body="å" * (ROOM // 2), **PLACE) is None


def test_no_two_are_the_same(device: SealingDevice) -> None:
    assert words(device)[:32] != words(device)[:32]


@pytest.mark.parametrize("changed", ["device_id", "audience", "escalation_id", "telling_id", "key", "byte"])
def test_moved_to_another_device_hub_question_or_notification_it_does_not_open(
    device: SealingDevice, changed: str
) -> None:
    octets, place = words(device), dict(PLACE)
    if changed in place:
        place[changed] = "other_1"
    elif changed == "key":
        device.key = SealingDevice(HUB, "dev_1").key
    elif changed == "byte":
        octets = octets[:-1] + bytes([octets[-1] ^ 1])
    else:
        setattr(device, changed, "https://evil.example" if changed == "audience" else "dev_2")
    with pytest.raises(InvalidTag):
        device.opened(octets, **place)


# The points of small order of Curve25519 (https://cr.yp.to/ecdh.html#validate): each shares one secret with everybody.
SMALL = [
    "00" * 32,
    "01" + "00" * 31,
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]


@pytest.mark.parametrize("point", [*SMALL, "", "aa" * 31, "aa" * 33])
def test_a_key_that_everybody_could_open_is_none(point: str) -> None:
    assert not is_seal_key(bytes.fromhex(point))


def test_a_key_of_a_device_is_one(device: SealingDevice) -> None:
    assert is_seal_key(device.public)


@pytest.mark.parametrize("signing", [Ed25519SigningKey(), Es256SigningKey()])
def test_a_seal_key_counts_that_the_devices_own_key_signed_for_this_hub(
    device: SealingDevice, signing: SigningKey
) -> None:
    form, jwk = device.form(signing.sign), jwk_of(signing.public)
    sound, octets = unb64u(form["signature"]), signing.sign(b"something else")
    others = b64u(SealingDevice(HUB, "dev_1").public)
    assert is_signed(form["key"], sound, jwk=jwk, device_id="dev_1", audience=HUB)
    assert not is_signed(form["key"], octets, jwk=jwk, device_id="dev_1", audience=HUB)
    assert not is_signed(form["key"], sound, jwk=jwk, device_id="dev_2", audience=HUB)
    assert not is_signed(form["key"], sound, jwk=jwk, device_id="dev_1", audience="https://evil.example")
    assert not is_signed(others, sound, jwk=jwk, device_id="dev_1", audience=HUB)
