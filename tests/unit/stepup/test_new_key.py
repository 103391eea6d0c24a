"""Keys that prove themselves, and keys that cannot."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.stepup.new_key import OfferedKey, ProvenKey, permission_bytes, prove
from approvals_hub.stepup.passkey import relying_party
from approvals_hub_client.canonical import b64u
from approvals_hub_client.keys import Ed25519SigningKey, Es256SigningKey, SigningKey, jwk_of
from approvals_hub_client.statement import enrol_bytes, further_key_bytes
from tests.fakes.front_door import PUBLIC_URL, offer
from tests.fakes.soft_authenticator import EDDSA, ES256, SoftAuthenticator

RP = relying_party(PUBLIC_URL)
CHALLENGE = bytes(range(32))
PERSON = "per_1"


def proven(key: SigningKey | SoftAuthenticator) -> ProvenKey:
    found = prove(RP, offer(key, CHALLENGE, PERSON)[0], challenge=CHALLENGE, person_id=PERSON)
    assert isinstance(found, ProvenKey)
    return found


def refused(offered: OfferedKey, *, challenge: bytes = CHALLENGE, person_id: str = PERSON) -> str | None:
    """The field that a refusal names."""
    found = prove(RP, offered, challenge=challenge, person_id=person_id)
    assert isinstance(found, Invalid)
    return found.field


@pytest.mark.parametrize(("key", "alg"), [(Ed25519SigningKey(), "EdDSA"), (Es256SigningKey(), "ES256")])
def test_a_device_key_is_pinned_to_its_algorithm(key: SigningKey, alg: str) -> None:
    found = proven(key)
    assert (found.kind, found.alg, found.thumbprint) == ("device_key", alg, key.public.thumbprint)
    assert found.credential_id is None


@pytest.mark.parametrize(("alg", "name"), [(ES256, "ES256"), (EDDSA, "EdDSA")])
def test_a_passkey_is_pinned_to_its_algorithm(alg: int, name: str) -> None:
    passkey = SoftAuthenticator(alg)
    found = proven(passkey)
    assert (found.kind, found.alg, found.public_key) == ("passkey", name, passkey.cose())
    assert found.jwk is None


def test_the_hash_of_a_device_key_is_that_of_its_canonical_jwk() -> None:
    key = Ed25519SigningKey(bytes(32))
    assert proven(key).jwk == '{"crv":"Ed25519","kty":"OKP","x":"O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik"}'
    assert proven(key).key_hash == "sha256:f593f4dcdbbc1ab5cf01491b28dc4738a073c4f5fcdd24a180591134af9fda5c"


def test_an_existing_key_signs_the_new_keys_thumbprint() -> None:
    found = proven(Ed25519SigningKey())
    assert permission_bytes(found, challenge=CHALLENGE, person_id=PERSON) == further_key_bytes(
        challenge=b64u(CHALLENGE), key_thumbprint=found.thumbprint, person_id=PERSON
    )


def test_a_proof_for_another_challenge_is_refused() -> None:
    offered, _ = offer(Ed25519SigningKey(), bytes(32), PERSON)
    assert refused(offered) == "$.proof"


def test_a_proof_for_another_person_is_refused() -> None:
    offered, _ = offer(Ed25519SigningKey(), CHALLENGE, "per_2")
    assert refused(offered) == "$.proof"


def test_a_key_that_somebody_else_proves_is_refused() -> None:
    key, thief = Ed25519SigningKey(), Ed25519SigningKey()
    message = enrol_bytes(challenge=b64u(CHALLENGE), key_thumbprint=key.public.thumbprint, person_id=PERSON)
    assert refused(OfferedKey("device_key", jwk=jwk_of(key.public), proof=thief.sign(message))) == "$.proof"


def okp(x: bytes) -> dict[str, Any]:
    return {"kty": "OKP", "crv": "Ed25519", "x": b64u(x)}


BAD_JWKS: dict[str, dict[str, Any]] = {
    "the identity point": okp(bytes([1]) + bytes(31)),
    "a point of order eight": okp(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")),
    "a key of 31 bytes": okp(bytes(31)),
    "a private key": {**okp(Ed25519SigningKey().public.raw), "d": b64u(bytes(32))},
    "a key with an algorithm of its own": {**okp(Ed25519SigningKey().public.raw), "alg": "none"},
    "a symmetric key": {"kty": "oct", "k": "AA"},
    "an RSA key": {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
    "a point off P-256": {"kty": "EC", "crv": "P-256", "x": b64u(bytes([1]) * 32), "y": b64u(bytes([2]) * 32)},
    "a key of another curve": {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"},
    "a coordinate with padding": {"kty": "OKP", "crv": "Ed25519", "x": b64u(Ed25519SigningKey().public.raw) + "="},
    "a coordinate that is a number": {"kty": "OKP", "crv": "Ed25519", "x": 7},
    "nothing": {},
}


@pytest.mark.parametrize("attack", BAD_JWKS)
def test_a_device_key_that_cannot_be_trusted_is_refused(attack: str) -> None:
    assert refused(OfferedKey("device_key", jwk=BAD_JWKS[attack], proof=bytes(64))) == "$.jwk"


def test_a_passkey_without_user_verification_is_refused() -> None:
    passkey = SoftAuthenticator()
    passkey.user_verified = False
    assert refused(OfferedKey("passkey", credential=passkey.create(CHALLENGE))) == "$.credential"


def test_a_passkey_for_another_site_is_refused() -> None:
    passkey = SoftAuthenticator(rp_id="evil.example", origin="https://evil.example")
    assert refused(OfferedKey("passkey", credential=passkey.create(CHALLENGE))) == "$.credential"


@pytest.mark.parametrize(
    "offered",
    [
        OfferedKey("passkey"),
        OfferedKey("device_key", jwk={}),
        OfferedKey("device_key", proof=bytes(64)),
        OfferedKey("password"),
    ],
)
def test_half_a_key_is_refused(offered: OfferedKey) -> None:
    assert refused(offered) == "$.kind"
