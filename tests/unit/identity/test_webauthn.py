"""Registrations and assertions of a software authenticator, good ones and every bad one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from identity.webauthn import (
    LARGEST,
    BadPasskey,
    Known,
    RelyingParty,
    creation_options,
    credential_named,
    request_options,
    verify_assertion,
    verify_registration,
)
from tests.fakes.soft_authenticator import EDDSA, ES256, RS256, SoftAuthenticator, cbor, rsa_cose

RP = RelyingParty("hub.example", "Hub", ("https://hub.example", "android:apk-key-hash:abc"))
CHALLENGE = bytes(range(32))
Turn = Callable[[SoftAuthenticator], None]


def turned(name: str, value: Any) -> Turn:
    """Set one knob of an authenticator."""
    return lambda authenticator: setattr(authenticator, name, value)


@pytest.fixture(params=[ES256, EDDSA, RS256], ids=["ES256", "EdDSA", "RS256"])
def authenticator(request: pytest.FixtureRequest) -> SoftAuthenticator:
    return SoftAuthenticator(request.param)


def known_of(authenticator: SoftAuthenticator, *, sign_count: int | None = None) -> Known:
    """Register it, and keep what a site keeps."""
    found = verify_registration(RP, authenticator.create(CHALLENGE), challenge=CHALLENGE)
    count = found.sign_count if sign_count is None else sign_count
    return Known(found.credential_id, found.public_key, count, found.backup_eligible)


def test_a_registration_tells_what_to_keep(authenticator: SoftAuthenticator) -> None:
    found = verify_registration(RP, authenticator.create(CHALLENGE), challenge=CHALLENGE)
    assert found.credential_id == authenticator.credential_id
    assert found.public_key == authenticator.cose()
    assert found.alg == {ES256: "ES256", EDDSA: "EdDSA", RS256: "RS256"}[authenticator.alg]
    assert (found.sign_count, found.backup_eligible, found.backed_up) == (1, False, False)
    assert found.aaguid == "00000000-0000-0000-0000-000000000000"


def test_a_self_attested_registration_is_accepted(authenticator: SoftAuthenticator) -> None:
    authenticator.attestation = "packed"
    found = verify_registration(RP, authenticator.create(CHALLENGE), challenge=CHALLENGE)
    assert found.public_key == authenticator.cose()


def test_a_synced_passkey_is_known_as_one(authenticator: SoftAuthenticator) -> None:
    authenticator.backup_eligible = authenticator.backed_up = True
    found = verify_registration(RP, authenticator.create(CHALLENGE), challenge=CHALLENGE)
    assert (found.backup_eligible, found.backed_up) == (True, True)


def test_a_native_apps_origin_is_accepted_where_it_is_listed(authenticator: SoftAuthenticator) -> None:
    authenticator.origin = "android:apk-key-hash:abc"
    known = known_of(authenticator)
    assert verify_assertion(RP, authenticator.get(CHALLENGE), challenge=CHALLENGE, known=known).sign_count == 2


ATTACKS: dict[str, Turn] = {
    "another site's origin": turned("origin", "https://hub.example.evil"),
    "an origin with another port": turned("origin", "https://hub.example:8443"),
    "plain http": turned("origin", "http://hub.example"),
    "another rp id": turned("rp_id", "example"),
    "a page inside another site's frame": turned("cross_origin", True),
    "a cross-origin mark that is no boolean": turned("cross_origin", "true"),
    "a top origin": turned("top_origin", "https://evil.example"),
    "nobody present": turned("user_present", False),
    "nobody verified": turned("user_verified", False),
    "backed up though it cannot be": turned("backed_up", True),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_registration_under_attack_is_refused(authenticator: SoftAuthenticator, attack: str) -> None:
    ATTACKS[attack](authenticator)
    with pytest.raises(BadPasskey):
        verify_registration(RP, authenticator.create(CHALLENGE), challenge=CHALLENGE)


@pytest.mark.parametrize("attack", [*ATTACKS, "a bogus signature", "a key that became backup-eligible"])
def test_an_assertion_under_attack_is_refused(authenticator: SoftAuthenticator, attack: str) -> None:
    known = known_of(authenticator)
    more = {
        "a bogus signature": turned("bogus", True),
        "a key that became backup-eligible": turned("backup_eligible", True),
    }
    {**ATTACKS, **more}[attack](authenticator)
    with pytest.raises(BadPasskey):
        verify_assertion(RP, authenticator.get(CHALLENGE), challenge=CHALLENGE, known=known)


def test_a_registration_with_another_challenge_is_refused(authenticator: SoftAuthenticator) -> None:
    with pytest.raises(BadPasskey):
        verify_registration(RP, authenticator.create(os.urandom(32)), challenge=CHALLENGE)


def test_an_assertion_with_another_challenge_is_refused(authenticator: SoftAuthenticator) -> None:
    known = known_of(authenticator)
    with pytest.raises(BadPasskey):
        verify_assertion(RP, authenticator.get(os.urandom(32)), challenge=CHALLENGE, known=known)


def test_a_registration_replayed_as_an_assertion_is_refused(authenticator: SoftAuthenticator) -> None:
    known = known_of(authenticator)
    replayed = authenticator.create(CHALLENGE)
    replayed["response"] = {
        **authenticator.get(CHALLENGE)["response"],
        "clientDataJSON": replayed["response"]["clientDataJSON"],
    }
    with pytest.raises(BadPasskey):
        verify_assertion(RP, replayed, challenge=CHALLENGE, known=known)


def test_an_assertion_of_another_credential_is_refused(authenticator: SoftAuthenticator) -> None:
    known = known_of(authenticator)
    other = SoftAuthenticator(authenticator.alg)
    with pytest.raises(BadPasskey, match="another credential"):
        verify_assertion(RP, other.get(CHALLENGE), challenge=CHALLENGE, known=known)


def test_an_assertion_whose_id_was_swapped_for_the_victims_is_refused(authenticator: SoftAuthenticator) -> None:
    known = known_of(authenticator)
    forged = SoftAuthenticator(authenticator.alg)
    forged.credential_id = known.credential_id
    with pytest.raises(BadPasskey):
        verify_assertion(RP, forged.get(CHALLENGE), challenge=CHALLENGE, known=known)


def test_a_bogus_self_attestation_is_refused(authenticator: SoftAuthenticator) -> None:
    authenticator.attestation, authenticator.bogus = "packed", True
    with pytest.raises(BadPasskey):
        verify_registration(RP, authenticator.create(CHALLENGE), challenge=CHALLENGE)


@pytest.mark.parametrize(
    ("kept", "sent", "regressed"),
    [
        (0, 0, False),  # an authenticator that does not count
        (5, 6, False),  # counts on
        (5, 5, True),  # the same again: a replay or a clone
        (5, 4, True),  # a clone that was used less
        (5, 0, True),  # counted once, does not any more
        (0, 3, False),  # began to count
    ],
)
def test_a_counter_that_does_not_grow_is_told(kept: int, sent: int, regressed: bool) -> None:
    authenticator = SoftAuthenticator()
    known = known_of(authenticator, sign_count=kept)
    authenticator.counts, authenticator.count = False, sent
    found = verify_assertion(RP, authenticator.get(CHALLENGE), challenge=CHALLENGE, known=known)
    assert (found.sign_count, found.counter_regressed) == (sent, regressed)


MODULUS = (1 << 2047) + 12345
BAD_KEYS = {
    "an RSA key that can be factored": rsa_cose((1 << 1023) + 12345),
    "an RSA key with a bit too few": rsa_cose(MODULUS >> 1 | 1),
    "an RSA key that takes a second to verify with": rsa_cose((1 << 16383) + 12345),
    "an RSA key whose exponent is one": rsa_cose(MODULUS, exponent=1),
    "an RSA key whose exponent is three": rsa_cose(MODULUS, exponent=3),
    "an RSA key that begins with zeros": cbor(
        {1: 3, 3: RS256, -1: bytes(8) + bytes([0x81]) * 248, -2: b"\x01\x00\x01"}
    ),
    "an RSA key that two divides": rsa_cose(MODULUS - 1),
    "an RSA key that says PS256": cbor({1: 3, 3: -37, -1: MODULUS.to_bytes(256, "big"), -2: b"\x01\x00\x01"}),
    "an RSA key that says RS1": cbor({1: 3, 3: -65535, -1: MODULUS.to_bytes(256, "big"), -2: b"\x01\x00\x01"}),
    "an Ed25519 key of small order": cbor({1: 1, 3: EDDSA, -1: 6, -2: bytes([1]) + bytes(31)}),
    "the all-zero Ed25519 key": cbor({1: 1, 3: EDDSA, -1: 6, -2: bytes(32)}),
    "an Ed25519 key that is too short": cbor({1: 1, 3: EDDSA, -1: 6, -2: bytes([7]) * 31}),
    "a point that is not on P-256": cbor({1: 2, 3: ES256, -1: 1, -2: bytes([1]) * 32, -3: bytes([2]) * 32}),
    "an ES256 key on another curve": cbor({1: 2, 3: ES256, -1: 8, -2: bytes([1]) * 32, -3: bytes([2]) * 32}),
    "an OKP key that says ES256": cbor({1: 1, 3: ES256, -1: 6, -2: bytes([7]) * 32}),
    "bytes that are no CBOR": b"\xff\xff",
    "a map without a key type": cbor({3: ES256}),
}


@pytest.mark.parametrize("attack", BAD_KEYS)
def test_a_key_that_cannot_be_trusted_is_not_registered(attack: str) -> None:
    with pytest.raises(BadPasskey):
        verify_registration(RP, SoftAuthenticator().create(CHALLENGE, public_key=BAD_KEYS[attack]), challenge=CHALLENGE)


def changed(path: tuple[str, ...], value: Any) -> Callable[[dict[str, Any]], Any]:
    """Replace one member of a credential's JSON."""

    def change(credential: dict[str, Any]) -> dict[str, Any]:
        inner = credential
        for name in path[:-1]:
            inner = inner[name]
        inner[path[-1]] = value
        return credential

    return change


MALFORMED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "null": lambda credential: None,
    "a list": lambda credential: [credential],
    "no response": changed(("response",), None),
    "an id that is a number": changed(("id",), 7),
    "an id unlike the raw id": changed(("id",), "AAAA"),
    "a raw id with padding": changed(("rawId",), "AAAA=="),
    "another type": changed(("type",), "password"),
    "client data that is a list": changed(("response", "clientDataJSON"), "W10"),
    "client data that is no JSON": changed(("response", "clientDataJSON"), "e30e"),
    "client data that is no UTF-8": changed(("response", "clientDataJSON"), "_w"),
    "no signature": changed(("response", "signature"), None),
    "empty authenticator data": changed(("response", "authenticatorData"), ""),
    "a user handle that is an object": changed(("response", "userHandle"), {}),
    "a text beyond the limit": changed(("response", "signature"), "A" * (LARGEST + 1)),
}


@pytest.mark.parametrize("fault", MALFORMED)
def test_a_malformed_assertion_is_refused_as_a_bad_passkey(fault: str) -> None:
    authenticator = SoftAuthenticator()
    known = known_of(authenticator)
    with pytest.raises(BadPasskey):
        verify_assertion(RP, MALFORMED[fault](authenticator.get(CHALLENGE)), challenge=CHALLENGE, known=known)


@pytest.mark.parametrize("attestation", ["", "oA", "_w", "o2NmbXRkbm9uZQ"])
def test_a_malformed_attestation_is_refused_as_a_bad_passkey(attestation: str) -> None:
    credential = changed(("response", "attestationObject"), attestation)(SoftAuthenticator().create(CHALLENGE))
    with pytest.raises(BadPasskey):
        verify_registration(RP, credential, challenge=CHALLENGE)


def test_an_assertion_names_its_credential_and_its_user() -> None:
    authenticator = SoftAuthenticator()
    authenticator.user_handle = b"somebody"
    assert credential_named(authenticator.get(CHALLENGE)) == (authenticator.credential_id, b"somebody")


def test_creation_options_ask_for_a_discoverable_credential_with_user_verification() -> None:
    options = creation_options(
        RP, challenge=CHALLENGE, user_handle=b"u", user_name="a@b", display_name="Ada", exclude=[b"old"]
    )
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert [entry["alg"] for entry in options["pubKeyCredParams"]] == [EDDSA, ES256, RS256]
    assert options["excludeCredentials"] == [{"type": "public-key", "id": "b2xk"}]
    assert options["rp"] == {"id": "hub.example", "name": "Hub"}


def test_the_device_at_hand_is_offered_first_and_no_other_is_ruled_out() -> None:
    options = creation_options(RP, challenge=CHALLENGE, user_handle=b"u", user_name="a@b", display_name="Ada")
    assert options["hints"] == ["client-device", "security-key"]
    assert "authenticatorAttachment" not in options["authenticatorSelection"]


def test_request_options_leave_the_challenge_to_the_page_where_it_computes_one() -> None:
    assert "challenge" not in request_options(RP, challenge=None, allow=[b"one"])
    assert request_options(RP, challenge=b"\0")["challenge"] == "AA"
    assert request_options(RP, challenge=b"\0")["userVerification"] == "required"


def test_the_slow_package_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, identity.webauthn; sys.exit('webauthn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
