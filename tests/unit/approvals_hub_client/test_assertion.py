"""A passkey's assertion is verified with its public key alone."""

from __future__ import annotations

import os
from typing import Any

import pytest

from approvals_hub_client.assertion import BadAssertion, Rs256Key, cose_key, verify_assertion
from approvals_hub_client.canonical import unb64u
from approvals_hub_client.keys import BadKey, Ed25519Key, Es256Key
from tests.fakes.soft_authenticator import EDDSA, ES256, RS256, SoftAuthenticator, cbor, rsa_cose

ORIGIN = "https://hub.example"
CHALLENGE = bytes(range(32))


def check(passkey: SoftAuthenticator, *, challenge: bytes = CHALLENGE, origin: str = ORIGIN, **changes: bytes) -> None:
    response = passkey.get(CHALLENGE)["response"]
    parts = {
        "client_data": unb64u(response["clientDataJSON"]),
        "authenticator_data": unb64u(response["authenticatorData"]),
        "signature": unb64u(response["signature"]),
        **changes,
    }
    verify_assertion(cose_key(passkey.cose()), challenge=challenge, origin=origin, **parts)


@pytest.mark.parametrize(("alg", "kind"), [(EDDSA, Ed25519Key), (ES256, Es256Key), (RS256, Rs256Key)])
def test_an_assertion_of_each_algorithm_holds(alg: int, kind: type) -> None:
    passkey = SoftAuthenticator(alg)
    check(passkey)
    assert isinstance(cose_key(passkey.cose()), kind)


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("user_present", False),
        ("user_verified", False),
        ("cross_origin", True),
        ("top_origin", "https://evil.example"),
        ("origin", "https://evil.example"),
        ("rp_id", "evil.example"),
        ("bogus", True),
    ],
)
def test_an_assertion_of_another_page_or_without_the_person_is_refused(knob: str, value: Any) -> None:
    passkey = SoftAuthenticator()
    setattr(passkey, knob, value)
    with pytest.raises(BadAssertion):
        check(passkey)


@pytest.mark.parametrize(
    "changes",
    [
        {"challenge": bytes(32)},
        {"origin": "https://hub.example:8443"},
        {"client_data": b"{}"},
        {"client_data": b"not json"},
        {"client_data": b"[]"},
        {"authenticator_data": b""},
        {"signature": b""},
        {"signature": bytes(64)},
        {"signature": b"\x30\x06\x02\x01\x01\x02\x01\x01"},
    ],
)
@pytest.mark.parametrize("alg", [EDDSA, ES256, RS256])
def test_an_assertion_of_anything_else_is_refused(alg: int, changes: Any) -> None:
    with pytest.raises(BadAssertion):
        check(SoftAuthenticator(alg), **changes)


def test_a_key_that_is_cut_or_goes_on_is_no_key() -> None:
    for alg in (EDDSA, ES256, RS256):
        whole = SoftAuthenticator(alg).cose()
        for bad in [whole[:length] for length in range(len(whole))] + [whole + b"\0", b"\xa5" * 80, b""]:
            with pytest.raises(BadKey):
                cose_key(bad)


MODULUS = (1 << 2047) + 12345


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(rsa_cose((1 << 1023) + 12345), id="an RSA key that can be factored"),
        pytest.param(rsa_cose(MODULUS >> 1 | 1), id="an RSA key with a bit too few"),
        pytest.param(rsa_cose((1 << 16383) + 12345), id="an RSA key that takes a second to verify with"),
        pytest.param(rsa_cose(MODULUS, exponent=1), id="an RSA key whose exponent is one"),
        pytest.param(rsa_cose(MODULUS, exponent=3), id="an RSA key whose exponent is three"),
        pytest.param(rsa_cose(MODULUS - 1), id="an even modulus"),
        pytest.param(rsa_cose(MODULUS).replace(b"\x39\x01\x00", b"\x39\x00\x24"), id="an RSA key that says PS256"),
        pytest.param(rsa_cose(MODULUS).replace(b"\x01\x03", b"\x18\x01\x03", 1), id="a number in a longer form"),
        pytest.param(cbor({1: 1, 3: EDDSA, -1: 6, -2: bytes(32)}), id="an Ed25519 key of small order"),
        pytest.param(cbor({1: 3, 3: RS256, -1: 2, -2: b"\x01\x00\x01"}), id="a modulus that is a number"),
    ],
)
def test_a_key_that_cannot_be_trusted_is_no_key(bad: bytes) -> None:
    with pytest.raises(BadKey):
        cose_key(bad)


def test_random_bytes_are_no_key() -> None:
    for length in range(80):
        with pytest.raises(BadKey):
            cose_key(b"\xa4" + os.urandom(length))
