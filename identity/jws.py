"""Signed JSON as vendors send it: JWS in its compact form (RFC 7515), with public keys only (RFC 7518, RFC 8037).

A token is verified with one algorithm that the caller names, and with a key that can do no other: what the token says
of itself decides nothing. There is no HMAC and no `none` here, so a public key can never become a shared secret. Keys
inside a header (`jwk`, `x5c`) and addresses of keys (`jku`, `x5u`) are never looked at.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
    PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

ALGORITHMS = ("EdDSA", "ES256", "PS256", "RS256")
"""What a token may be signed with: Ed25519; on SHA-256: ECDSA with P-256, RSA with PSS, RSA with PKCS #1 v1.5."""
KIND_OF = {"EdDSA": "ed25519", "ES256": "p256", "PS256": "rsa", "RS256": "rsa"}
SMALLEST_RSA, LARGEST_RSA = 2048, 8192
"""Bits of an RSA key. Larger ones only cost the verifier time."""
COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")


class BadJws(ValueError):
    """No token, or one that this key did not sign. The text quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Jws:
    """A token taken apart. Nothing of it is verified yet."""

    header: Mapping[str, Any]
    payload: bytes
    signed: bytes
    """What the signature is over."""
    signature: bytes

    @property
    def alg(self) -> str:
        """The algorithm that the token names; an empty text where it names none."""
        alg = self.header.get("alg")
        return alg if isinstance(alg, str) else ""


def read(token: str, *, largest: int) -> Jws:
    """Take a compact JWS apart. `largest`: characters. Raises BadJws.

    Base64url has one spelling here: without padding, and with the unused bits zero. Else one token has many texts.
    """
    if len(token) > largest:
        raise BadJws("the token is too long")
    parts = COMPACT.fullmatch(token)
    if parts is None:
        raise BadJws("not a JWS in its compact form")
    header = json_object(unb64u(parts[1]))
    if "crit" in header:
        # RFC 7515, 4.1.11: whoever does not understand an extension refuses the token. None is understood here.
        raise BadJws("the token needs an extension")
    signed = f"{parts[1]}.{parts[2]}".encode()
    return Jws(header, unb64u(parts[2]), signed, unb64u(parts[3]))


def verify(jws: Jws, key: PublicKey, *, alg: str) -> None:
    """Raises BadJws unless the token names `alg`, the key is one for it, and the signature is right."""
    from cryptography.exceptions import InvalidSignature

    if alg not in ALGORITHMS or jws.alg != alg:
        raise BadJws("the token is signed in another way than expected")
    if kind_of(key) != KIND_OF[alg]:
        raise BadJws("the key is none for this algorithm")
    try:
        _check(jws, key, alg)
    except InvalidSignature:
        raise BadJws("the signature is wrong") from None


def sign(header: Mapping[str, Any], claims: Mapping[str, Any], key: PrivateKey, *, alg: str) -> str:
    """A token of ours: a compact JWS over JSON. Raises BadJws where the key is none for the algorithm."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

    if alg not in ALGORITHMS or kind_of(key.public_key()) != KIND_OF[alg]:
        raise BadJws("the key is none for this algorithm")
    signed = f"{b64u(json.dumps({**header, 'alg': alg}).encode())}.{b64u(json.dumps(claims).encode())}"
    data = signed.encode()
    if isinstance(key, ed25519.Ed25519PrivateKey):
        signature = key.sign(data)
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(32) + s.to_bytes(32)
    else:
        assert isinstance(key, rsa.RSAPrivateKey)
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
        signature = key.sign(data, pss if alg == "PS256" else padding.PKCS1v15(), hashes.SHA256())
    return f"{signed}.{b64u(signature)}"


def kind_of(key: object) -> str:
    """`rsa`, `p256`, `ed25519`; an empty text for any other kind, size or curve."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, ed25519.Ed25519PublicKey):
        return "ed25519"
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return "p256"
    if isinstance(key, rsa.RSAPublicKey) and SMALLEST_RSA <= key.key_size <= LARGEST_RSA:
        return "rsa"
    return ""


def json_object(octets: bytes) -> dict[str, Any]:
    """A JSON object without NaN and without a name twice. Raises BadJws.

    With a name twice, two readers of one signed text could find two different things in it.
    """
    try:
        value = json.loads(octets.decode(), object_pairs_hook=_once_each, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadJws("not a JSON object") from None
    if not isinstance(value, dict):
        raise BadJws("not a JSON object")
    return value


def b64u(octets: bytes) -> str:
    """Base64url without padding (RFC 7515, section 2)."""
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def unb64u(text: str) -> bytes:
    """The bytes of base64url without padding. Raises BadJws for any other spelling."""
    try:
        octets = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        raise BadJws("not base64url") from None
    if b64u(octets) != text:
        raise BadJws("not canonical base64url")
    return octets


def b64(octets: bytes) -> str:
    """Base64 with padding (RFC 4648, section 4)."""
    return b64encode(octets).decode()


def _check(jws: Jws, key: PublicKey, alg: str) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

    if isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(jws.signature, jws.signed)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        if len(jws.signature) != 64:
            raise InvalidSignature
        r, s = int.from_bytes(jws.signature[:32]), int.from_bytes(jws.signature[32:])
        key.verify(utils.encode_dss_signature(r, s), jws.signed, ec.ECDSA(hashes.SHA256()))
    else:
        assert isinstance(key, rsa.RSAPublicKey)
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
        key.verify(jws.signature, jws.signed, pss if alg == "PS256" else padding.PKCS1v15(), hashes.SHA256())


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)
