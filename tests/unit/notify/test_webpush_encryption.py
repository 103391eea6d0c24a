"""The body of a push message: the example of RFC 8291 section 5 and appendix A, and what a browser makes of ours."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec

from notify.webpush_encryption import LARGEST, RECORD, STEP, TooLarge, encrypted
from tests.fakes.push_service import Browser, decoded, encoded

# RFC 8291 section 5, with the keys of appendix A.
PLAIN = b"When I grow up, I want to be a watermelon"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
BROWSER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
BROWSER_KEY = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95b"
    "Qpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def private(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(decoded(text), "big"), ec.SECP256R1())


def browser() -> Browser:
    return Browser("https://push.example/1", private(BROWSER), decoded(AUTH))


def sent(plain: bytes) -> bytes:
    return encrypted(plain, decoded(BROWSER_KEY), decoded(AUTH))


def test_the_rfcs_example_comes_out_byte_for_byte() -> None:
    body = encrypted(PLAIN, decoded(BROWSER_KEY), decoded(AUTH), own_key=private(SENDER), salt=decoded(SALT), step=1)
    assert encoded(body) == BODY


def test_the_browser_of_these_tests_opens_the_rfcs_example() -> None:
    assert browser().opened(decoded(BODY)) == PLAIN


@pytest.mark.parametrize("length", [0, 1, STEP - 1, STEP, STEP + 1, LARGEST - 1, LARGEST])
def test_a_text_of_any_length_is_opened_by_its_browser(length: int) -> None:
    body = sent(b"x" * length)
    assert browser().opened(body) == b"x" * length
    assert len(body) <= RECORD


def test_texts_of_almost_the_same_length_look_the_same() -> None:
    assert {len(sent(b"x" * length)) for length in range(1, STEP + 1, 17)} == {RECORD - LARGEST + STEP}
    assert len(sent(b"x" * (STEP + 1))) == RECORD - LARGEST + 2 * STEP


def test_the_same_text_is_never_encrypted_alike() -> None:
    first, second = sent(PLAIN), sent(PLAIN)
    assert first[:16] != second[:16]  # the salt
    assert first[21:86] != second[21:86]  # the key


def test_a_body_that_was_changed_on_the_way_is_not_opened() -> None:
    body = bytearray(sent(PLAIN))
    body[-1] ^= 1
    with pytest.raises(InvalidTag):
        browser().opened(bytes(body))


def test_a_text_that_push_services_would_refuse_is_too_large() -> None:
    with pytest.raises(TooLarge, match="3993"):
        sent(b"x" * (LARGEST + 1))


@pytest.mark.parametrize("point", [b"", b"\x04" + b"\x01" * 64, b"\x00", b"\x04" + bytes(64)])
def test_a_key_off_the_curve_is_refused(point: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        encrypted(PLAIN, point, decoded(AUTH))
