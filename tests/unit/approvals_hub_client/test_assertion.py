"""A passkey's assertion is verified with its public key alone."""

from __future__ import annotations

import os
from typing import Any

import pytest

from approvals_hub_client.assertion import BadAssertion, cose_key, verify_assertion
from approvals_hub_client.canonical import unb64u
from approvals_hub_client.keys import BadKey, Ed25519Key, Es256Key
from tests.fakes.soft_authenticator import SoftAuthenticator

ORIGIN = "https://hub.example"
EDDSA, ES256 = -8, -7
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


@pytest.mark.parametrize(("alg", "kind"), [(EDDSA, Ed25519Key), (ES256, Es256Key)])
def test_an_assertion_of_either_algorithm_holds(alg: int, kind: type) -> None:
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
@pytest.mark.parametrize("alg", [EDDSA, ES256])
def test_an_assertion_of_anything_else_is_refused(alg: int, changes: Any) -> None:
    with pytest.raises(BadAssertion):
        check(SoftAuthenticator(alg), **changes)


def test_a_key_that_is_cut_or_goes_on_is_no_key() -> None:
    for alg in (EDDSA, ES256):
        whole = SoftAuthenticator(alg).cose()
        for bad in [whole[:length] for length in range(len(whole))] + [whole + b"\0", b"\xa5" * 80, b""]:
            with pytest.raises(BadKey):
                cose_key(bad)


def test_random_bytes_are_no_key() -> None:
    for length in range(80):
        with pytest.raises(BadKey):
            cose_key(b"\xa4" + os.urandom(length))
