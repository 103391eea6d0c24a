"""Tokens that another library reads."""

from __future__ import annotations

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from notify.es256 import base64url, signed

KEY = ec.generate_private_key(ec.SECP256R1())


def test_a_token_is_read_by_another_library() -> None:
    # Often enough that numbers with leading zeros are among them.
    for number in range(300):
        token = signed(KEY, {"kid": "key-1"}, {"iss": "team", "iat": number})
        assert jwt.get_unverified_header(token) == {"kid": "key-1", "alg": "ES256"}
        options = {"verify_iat": False}
        read = jwt.decode(token, KEY.public_key(), algorithms=["ES256"], options=options)  # type: ignore[arg-type]  # partial
        assert read == {"iss": "team", "iat": number}


def test_a_token_of_another_key_is_refused_there() -> None:
    token = signed(ec.generate_private_key(ec.SECP256R1()), {}, {"iss": "team"})
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, KEY.public_key(), algorithms=["ES256"])


@pytest.mark.parametrize(("octets", "text"), [(b"", ""), (b"\xfb", "-w"), (b"\xff\xfe", "__4"), (b"\x00" * 3, "AAAA")])
def test_base64url_has_its_own_letters_and_no_padding(octets: bytes, text: str) -> None:
    assert base64url(octets) == text
