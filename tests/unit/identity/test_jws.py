"""JWS in its compact form, with the RFCs' own examples."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from identity.jws import ALGORITHMS, BadJws, b64u, json_object, read, sign, unb64u, verify
from tests.fakes.openid_keys import confused, signing_key, unsigned

RFC_7515_A_2 = (
    "eyJhbGciOiJSUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1"
    "dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwu"
    "sC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
)
RFC_7515_A_2_KEY = (
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs"
    "D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV"
    "MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
)
RFC_7515_A_3 = (
    "eyJhbGciOiJFUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)
RFC_7515_A_3_KEY = ("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
RFC_8037_A_4 = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    ".hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)
RFC_8037_A_4_KEY = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"


def number(text: str) -> int:
    return int.from_bytes(unb64u(text))


def test_the_rsa_example_of_rfc_7515_verifies() -> None:
    key = rsa.RSAPublicNumbers(65537, number(RFC_7515_A_2_KEY)).public_key()
    verify(read(RFC_7515_A_2, largest=1000), key, alg="RS256")


def test_the_p256_example_of_rfc_7515_verifies() -> None:
    x, y = RFC_7515_A_3_KEY
    key = ec.EllipticCurvePublicNumbers(number(x), number(y), ec.SECP256R1()).public_key()
    verify(read(RFC_7515_A_3, largest=1000), key, alg="ES256")


def test_the_ed25519_example_of_rfc_8037_verifies() -> None:
    key = ed25519.Ed25519PublicKey.from_public_bytes(unb64u(RFC_8037_A_4_KEY))
    jws = read(RFC_8037_A_4, largest=1000)
    verify(jws, key, alg="EdDSA")
    assert jws.payload == b"Example of Ed25519 signing"


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_what_is_signed_here_verifies_here(alg: str) -> None:
    key = signing_key("one", alg)
    jws = read(key.signed({"sub": "Å"}), largest=1000)
    verify(jws, key.private.public_key(), alg=alg)
    assert json_object(jws.payload) == {"sub": "Å"}


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_token_of_another_key_is_refused(alg: str) -> None:
    jws = read(signing_key("one", alg).signed({}), largest=1000)
    with pytest.raises(BadJws):
        verify(jws, signing_key("two", alg).private.public_key(), alg=alg)


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_changed_payload_is_refused(alg: str) -> None:
    key = signing_key("one", alg)
    header, _, signature = key.signed({"sub": "anna"}).split(".")
    changed = read(f"{header}.{b64u(json.dumps({'sub': 'bo'}).encode())}.{signature}", largest=1000)
    with pytest.raises(BadJws, match="signature is wrong"):
        verify(changed, key.private.public_key(), alg=alg)


@pytest.mark.parametrize("named", ALGORITHMS)
@pytest.mark.parametrize("expected", ALGORITHMS)
def test_a_token_names_the_expected_algorithm_or_is_refused(named: str, expected: str) -> None:
    if named == expected:
        return
    key = signing_key("one", named)
    with pytest.raises(BadJws):
        verify(read(key.signed({}), largest=1000), key.private.public_key(), alg=expected)


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "HS256"])
def test_algorithm_confusion_with_the_public_key_as_a_secret_is_refused(alg: str) -> None:
    key = signing_key("one")
    token = read(confused({"sub": "anna"}, key.pem()), largest=1000)
    with pytest.raises(BadJws):
        verify(token, key.private.public_key(), alg=alg)


@pytest.mark.parametrize("alg", ["none", "RS256"])
def test_a_token_without_a_signature_is_refused(alg: str) -> None:
    with pytest.raises(BadJws):
        verify(read(unsigned({"sub": "anna"}), largest=1000), signing_key("one").private.public_key(), alg=alg)


def test_an_empty_signature_is_no_compact_form() -> None:
    with pytest.raises(BadJws, match="compact"):
        read(RFC_8037_A_4.rpartition(".")[0] + ".", largest=1000)


def test_a_key_inside_the_header_is_not_looked_at() -> None:
    attacker = signing_key("attacker")
    token = read(attacker.signed({"sub": "anna"}, jwk=attacker.jwk(), jku="https://evil.example"), largest=4000)
    with pytest.raises(BadJws, match="signature is wrong"):
        verify(token, signing_key("one").private.public_key(), alg="RS256")


def test_an_extension_that_must_be_understood_is_refused() -> None:
    with pytest.raises(BadJws, match="extension"):
        read(signing_key("one").signed({}, crit=["b64"], b64=False), largest=1000)


def test_an_rsa_key_of_1024_bits_verifies_nothing() -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    with pytest.raises(BadJws, match="none for this algorithm"):
        sign({}, {}, weak, alg="RS256")


def test_a_key_on_another_curve_verifies_nothing() -> None:
    with pytest.raises(BadJws, match="none for this algorithm"):
        sign({}, {}, ec.generate_private_key(ec.SECP384R1()), alg="ES256")


def test_a_right_signature_of_a_weak_key_is_refused() -> None:
    signed = b64u(b'{"alg":"RS256"}') + "." + b64u(b"{}")
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    token = f"{signed}.{b64u(weak.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"
    with pytest.raises(BadJws, match="none for this algorithm"):
        verify(read(token, largest=1000), weak.public_key(), alg="RS256")


@pytest.mark.parametrize("zeros", [1, 2, 32])
def test_an_ecdsa_signature_with_zeros_put_in_is_refused(zeros: int) -> None:
    # The same two numbers, in another spelling: one token would have many texts.
    key = signing_key("one", "ES256")
    head, _, signature = key.signed({}).rpartition(".")
    octets = unb64u(signature)
    token = f"{head}.{b64u(octets[:32] + bytes(zeros) + octets[32:])}"
    with pytest.raises(BadJws):
        verify(read(token, largest=1000), key.private.public_key(), alg="ES256")


def test_a_token_with_padding_appended_is_refused() -> None:
    with pytest.raises(BadJws):
        read(RFC_8037_A_4 + "==", largest=1000)


def test_a_token_with_another_spelling_of_its_last_bits_is_refused() -> None:
    # 64 bytes need 86 characters, of which the last one carries two bits: g, h, i … would decode alike.
    with pytest.raises(BadJws, match="canonical"):
        read(RFC_8037_A_4[:-1] + "h", largest=1000)


@pytest.mark.parametrize(
    "token", ["", "a", "a.b", "a.b.c", "a.b.c.d.e", "a b.c.d", "é.a.a", "W10.e30.AA", "bnVsbA.e30.AA"]
)
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(BadJws):
        read(token, largest=1000)


def test_a_token_that_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadJws, match="too long"):
        read(RFC_7515_A_2, largest=100)


@pytest.mark.parametrize(
    "text", ['{"sub":"anna","sub":"bo"}', '{"a":{"b":1,"b":2}}', '{"n":NaN}', "[]", "7", "{", "\xff"]
)
def test_json_that_two_readers_could_read_differently_is_refused(text: str) -> None:
    with pytest.raises(BadJws):
        json_object(text.encode("latin-1"))


def test_json_that_is_too_deep_is_refused() -> None:
    with pytest.raises(BadJws):
        json_object(b'{"a":' + b"[" * 100_000)


@given(st.binary(max_size=60))
def test_base64url_goes_there_and_back(octets: bytes) -> None:
    assert unb64u(b64u(octets)) == octets


@given(st.text(max_size=60))
def test_no_text_makes_it_raise_anything_else(text: str) -> None:
    for call in (lambda: read(text, largest=1000), lambda: unb64u(text)):
        try:
            value: Any = call()
        except BadJws:
            continue
        assert value is not None
