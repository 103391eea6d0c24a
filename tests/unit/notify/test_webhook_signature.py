"""Signatures, against the published example of Standard Webhooks."""

from __future__ import annotations

from base64 import b64encode

import pytest

from notify.webhook_signature import openleash_signed, secret_key, signed

# Of the specification's own libraries (standard-webhooks/libraries, "sign function works").
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
OTHER = "whsec_" + b64encode(b"o" * 24).decode()


def test_the_published_example_comes_out_letter_for_letter() -> None:
    assert signed([SECRET], id_=ID, at=AT, body=BODY) == {
        "webhook-id": ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": SIGNATURE,
    }


def test_openleashs_signature_is_the_hex_hmac_of_the_body_and_its_token_goes_along() -> None:
    # Of RFC 4231, test case 2.
    body, secret = b"what do ya want for nothing?", "Jefe"
    assert openleash_signed(secret, "token", id_="cbk_1", body=body) == {
        "X-Webhook-Signature": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        "webhook-id": "cbk_1",
        "Authorization": "Bearer token",
    }
    assert "Authorization" not in openleash_signed(secret, "", id_="cbk_1", body=body)


def test_two_live_secrets_sign_side_by_side() -> None:
    both = signed([OTHER, SECRET], id_=ID, at=AT, body=BODY)["webhook-signature"].split(" ")
    assert both == [signed([OTHER], id_=ID, at=AT, body=BODY)["webhook-signature"], SIGNATURE]


@pytest.mark.parametrize(
    "changed", [{"id_": "msg_2"}, {"at": AT + 1}, {"body": BODY + b" "}, {"id_": ID + ".1614265330", "at": 1614265330}]
)
def test_a_signature_covers_id_time_and_body(changed: dict[str, object]) -> None:
    members: dict[str, object] = {"id_": ID, "at": AT, "body": BODY, **changed}
    assert signed([SECRET], **members)["webhook-signature"] != SIGNATURE  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize("length", [24, 32, 64])
def test_a_secret_has_so_many_bytes(length: int) -> None:
    assert len(secret_key("whsec_" + b64encode(b"x" * length).decode())) == length


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
        "whsec_====",
        SECRET + "\n",
        "whsec_" + b64encode(b"x" * 23).decode(),
        "whsec_" + b64encode(b"x" * 65).decode(),
        "whsec_-_" + "A" * 30,
        "whsk_" + b64encode(b"x" * 32).decode(),
    ],
)
def test_a_secret_that_is_too_short_or_none_is_refused_and_not_quoted(secret: str) -> None:
    with pytest.raises(ValueError, match="a secret is whsec_ and 24 to 64 bytes") as refusal:
        secret_key(secret)
    assert "MfKQ9" not in str(refusal.value)
