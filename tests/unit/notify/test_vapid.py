"""Who sends: against the example of RFC 8292 section 2.4."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from notify.vapid import LIFETIME, MOST_KEPT, Vapid
from tests.contracts.channels.stage_webpush import KEY, PUBLIC
from tests.fakes.push_service import decoded

CONTACT = "mailto:push@example.com"
EXAMPLE = (
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9"
    ".eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0"
    ".i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA"
)
EXAMPLE_KEY = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs"
EXPIRES = 1453523768


def point(text: str) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(text))


def parts(value: str) -> tuple[str, str]:
    found = re.fullmatch(r"vapid t=([^,]+), k=([^,]+)", value)
    assert found is not None
    return found[1], found[2]


def test_a_token_for_the_rfcs_example_says_what_the_rfc_says() -> None:
    now = (EXPIRES - LIFETIME) * 1000
    token, _ = parts(Vapid(KEY, CONTACT).authorization("https://push.example.net", now=now))
    assert token.rpartition(".")[0] == EXAMPLE.rpartition(".")[0]


def test_the_rfcs_signature_and_ours_are_verified_alike() -> None:
    ours, key = parts(Vapid(KEY, CONTACT).authorization("https://push.example.net", now=0))
    for token, public in ((EXAMPLE, EXAMPLE_KEY), (ours, key)):
        jwt.PyJWS().decode(token, point(public), algorithms=["ES256"])


def test_the_public_key_is_the_rfcs_for_its_private_key() -> None:
    assert Vapid(KEY, CONTACT).public_key == PUBLIC  # the user agent's pair of RFC 8291 section 5


def test_a_token_is_used_for_an_hour_and_for_one_service_alone() -> None:
    sender, service = Vapid(KEY, CONTACT), "https://push.example.net"
    first = sender.authorization(service, now=0)
    assert sender.authorization(service, now=3_599_999) == first
    assert sender.authorization("https://other.example.net", now=0) != first
    renewed = sender.authorization(service, now=3_600_000)
    assert renewed != first
    assert jwt.decode(parts(renewed)[0], options={"verify_signature": False})["exp"] == 3600 + LIFETIME


def test_a_token_of_a_time_to_come_is_not_used_when_the_clock_is_put_back() -> None:
    sender, service = Vapid(KEY, CONTACT), "https://push.example.net"
    sender.authorization(service, now=7_200_000)
    token, _ = parts(sender.authorization(service, now=0))
    assert jwt.decode(token, options={"verify_signature": False})["exp"] == LIFETIME


def test_tokens_are_kept_for_few_services_however_many_subscriptions_name() -> None:
    sender = Vapid(KEY, CONTACT)
    for number in range(3 * MOST_KEPT):
        sender.authorization(f"https://{number}.example.net", now=0)
    assert len(sender._kept) <= MOST_KEPT


def test_a_token_lives_no_longer_than_a_day() -> None:
    assert 3600 <= LIFETIME <= 24 * 3600


NUMBERS = {
    "nothing": b"",
    "too short": b"\x01" * 31,
    "too long": b"\x01" * 33,
    "zero": bytes(32),
    "the order of the group": bytes.fromhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
    "beyond it": b"\xff" * 32,
}


@pytest.mark.parametrize("number", NUMBERS)
def test_a_key_that_is_none_is_refused(number: str) -> None:
    text = urlsafe_b64encode(NUMBERS[number]).rstrip(b"=").decode()
    with pytest.raises(ValueError, match=r"base64url|no number"):
        Vapid(text, CONTACT)


@pytest.mark.parametrize("contact", ["mailto:drift@example.se", "https://example.se", "https://example.se/drift"])
def test_a_contact_is_an_address_that_others_can_reach(contact: str) -> None:
    assert Vapid(KEY, contact)


@pytest.mark.parametrize(
    "contact",
    [
        "",
        "drift@example.se",
        "mailto:",
        "mailto:x@localhost",
        "mailto:x@hub.local",
        "https://localhost",
        "http://a.se",
        "mailto:a@b.se\r\nX: y",
        'mailto:a"@b.se@c',
        "mailto:a b@c.se",
    ],
)
def test_a_contact_for_which_apple_refuses_every_message_is_refused(contact: str) -> None:
    with pytest.raises(ValueError, match="contact"):
        Vapid(KEY, contact)
