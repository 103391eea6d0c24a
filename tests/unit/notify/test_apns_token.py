"""One provider token, neither too old nor too often new."""

from __future__ import annotations

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from notify.apns_token import LIFETIME, SHORTEST, ProviderToken, private_key

KEY = ec.generate_private_key(ec.SECP256R1())
NOW = 1_800_000_000_000


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


class Clock:
    """Stands where a test puts it."""

    now = NOW

    def __call__(self) -> int:
        return self.now


def token(clock: Clock) -> ProviderToken:
    return ProviderToken(pem(KEY), key_id="KEYID12345", team_id="TEAMID1234", clock=clock)


def test_the_token_names_key_and_team_and_when_it_was_made() -> None:
    kind, _, text = token(Clock()).get_header().partition(" ")
    assert kind == "bearer"
    assert jwt.get_unverified_header(text) == {"kid": "KEYID12345", "alg": "ES256"}
    assert jwt.decode(text, KEY.public_key(), algorithms=["ES256"], options={"verify_iat": False}) == {  # type: ignore[arg-type]  # partial
        "iss": "TEAMID1234",
        "iat": NOW // 1000,
    }


@pytest.mark.parametrize(("seconds", "same"), [(0, True), (LIFETIME - 1, True), (LIFETIME, False), (-1, False)])
def test_a_token_is_used_for_fifty_minutes(seconds: int, same: bool) -> None:
    clock = Clock()
    found = token(clock)
    first = found.get_header()
    clock.now += seconds * 1000
    assert (found.get_header() == first) == same


@pytest.mark.parametrize(("seconds", "renewed"), [(SHORTEST - 1, False), (SHORTEST, True)])
def test_a_token_is_not_made_anew_faster_than_apple_allows(seconds: int, renewed: bool) -> None:
    clock = Clock()
    found = token(clock)
    first = found.get_header()
    clock.now += seconds * 1000
    assert found.renew() == renewed
    assert (found.get_header() != first) == renewed


def test_a_token_is_younger_than_the_hour_after_which_apple_refuses_it() -> None:
    assert SHORTEST < LIFETIME < 3600


WRONG = {
    "a path": "keys/AuthKey.p8",
    "nothing": "",
    "a public key": KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
    "another curve": pem(ec.generate_private_key(ec.SECP384R1())),
    "RSA": pem(rsa.generate_private_key(65537, 2048)),
    "Ed25519": pem(ed25519.Ed25519PrivateKey.generate()),
    "one with a password": KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")).decode(),
}


@pytest.mark.parametrize("key", WRONG)
def test_what_is_no_key_of_apples_is_refused_and_not_quoted(key: str) -> None:
    with pytest.raises(ValueError, match="the key is not") as refusal:
        private_key(WRONG[key])
    assert not WRONG[key] or WRONG[key] not in str(refusal.value)
