"""A passkey's assertion, verified with the public key alone (W3C Web Authentication, Level 3, section 7.2). Pure.

The hub verified it when it came. This is for whoever looks at the answer later, without the hub: signature counters,
which only the hub can compare, are left out.
"""

from __future__ import annotations

from hashlib import sha256
from typing import final
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256

from approvals_hub_client.canonical import CanonicalError, b64u, loads
from approvals_hub_client.keys import BadKey, BadSignature, Es256Key, VerifyingKey, ed25519_of

PRESENT, VERIFIED = 0x01, 0x04
"""Flags of the authenticator's data: the person was present, and verified (section 6.1)."""
_EDDSA, _ES256, _RS256 = -8, -7, -257
_EXPONENT = b"\x01\x00\x01"
_MODULUS = range(256, 512 + 1)  # bytes: 2048 to 4096 bits


class BadAssertion(ValueError):
    """The assertion is not this key's for this challenge on this page, with the person verified."""


@final
class Rs256Key(VerifyingKey):
    """An RSA public key for PKCS #1 v1.5 with SHA-256 (RFC 8812 section 2), as passkeys of Windows Hello have it.

    Passkeys alone: no JWK of an agent, a device or a hub is read as one.
    """

    __slots__ = ("_key",)
    alg = "RS256"

    def __init__(self, modulus: bytes, exponent: bytes) -> None:
        """Raises BadKey unless the modulus is odd, of 2048 to 4096 bits and no leading zero, and the exponent 65537."""
        if len(modulus) not in _MODULUS or modulus[0] < 0x80 or not modulus[-1] & 1 or exponent != _EXPONENT:
            raise BadKey("not an RSA key of 2048 to 4096 bits with the exponent 65537")
        self._key = rsa.RSAPublicNumbers(65537, int.from_bytes(modulus, "big")).public_key()
        super().__init__({"e": b64u(exponent), "kty": "RSA", "n": b64u(modulus)})

    def verify(self, message: bytes, signature: bytes) -> None:
        """Raise BadSignature unless `signature` (as long as the modulus) is this key's over `message`."""
        try:
            self._key.verify(signature, message, padding.PKCS1v15(), SHA256())
        except InvalidSignature:
            raise BadSignature("the signature does not verify") from None


def verify_assertion(
    key: VerifyingKey, *, challenge: bytes, origin: str, client_data: bytes, authenticator_data: bytes, signature: bytes
) -> None:
    """Raise BadAssertion unless the passkey signed `challenge` on a page of `origin` (scheme, host and port)."""
    try:
        said = loads(client_data)
    except CanonicalError as error:
        raise BadAssertion(f"the client data is not strict JSON: {error}") from None
    if not isinstance(said, dict) or said.get("type") != "webauthn.get":
        raise BadAssertion("the client data is of no assertion")
    if said.get("challenge") != b64u(challenge):
        raise BadAssertion("the passkey signed something else")
    if said.get("origin") != origin:
        raise BadAssertion("the passkey signed on a page of another site")
    if said.get("crossOrigin") not in (None, False) or said.get("topOrigin") is not None:
        raise BadAssertion("the page was inside another site's frame")
    host = urlsplit(origin).hostname or ""
    if len(authenticator_data) < 37 or authenticator_data[:32] != sha256(host.encode()).digest():
        raise BadAssertion("the passkey belongs to another site")
    if authenticator_data[32] & PRESENT == 0 or authenticator_data[32] & VERIFIED == 0:
        raise BadAssertion("the person was not verified")
    try:
        signed = authenticator_data + sha256(client_data).digest()
        key.verify(signed, _fixed(signature) if isinstance(key, Es256Key) else signature)
    except BadSignature as error:
        raise BadAssertion(str(error)) from None


def cose_key(data: bytes) -> VerifyingKey:
    """The key of a COSE_Key of Ed25519, P-256 (RFC 9053) or RSA (RFC 8230 section 4), as authenticators write it.

    Raises BadKey for another.
    """
    members = _map(data)
    kind, algorithm, curve, x = (members.get(name) for name in (1, 3, -1, -2))
    if (kind, algorithm, curve) == (1, _EDDSA, 6) and isinstance(x, bytes) and len(members) == 4:
        return ed25519_of(x)
    y = members.get(-3)
    whole = isinstance(x, bytes) and isinstance(y, bytes) and len(members) == 5
    if (kind, algorithm, curve) == (2, _ES256, 1) and whole:
        assert isinstance(x, bytes)
        assert isinstance(y, bytes)
        return Es256Key(x, y)
    modulus, exponent = members.get(-1), members.get(-2)
    if (kind, algorithm, len(members)) == (3, _RS256, 4) and isinstance(modulus, bytes) and isinstance(exponent, bytes):
        return Rs256Key(modulus, exponent)
    raise BadKey("not exactly the members of an Ed25519, P-256 or RSA COSE key")


def _map(data: bytes) -> dict[int, int | bytes]:
    """A CBOR map of a few integers and byte strings, in the shortest form, which is all that these keys hold."""
    if not data or data[0] not in (0xA4, 0xA5):
        raise BadKey("not a COSE key")
    members: dict[int, int | bytes] = {}
    place = 1
    for _ in range(data[0] & 0x1F):
        name, place = _item(data, place)
        value, place = _item(data, place)
        if not isinstance(name, int) or name in members:
            raise BadKey("not a COSE key")
        members[name] = value
    if place != len(data):
        raise BadKey("something follows the COSE key")
    return members


def _item(data: bytes, place: int) -> tuple[int | bytes, int]:
    """An integer or a byte string of at most 65,535 (RFC 8949 section 3), and where the next item begins."""
    head = data[place] if place < len(data) else 0xFF
    kind, number, place = head >> 5, head & 0x1F, place + 1
    if number in (24, 25):  # the number itself is in the next byte, or the next two
        size = number - 23
        number = int.from_bytes(data[place : place + size], "big")
        if len(data) < place + size or number < (24, 256)[size - 1]:
            raise BadKey("not a COSE key")
        place += size
    elif number > 23:
        raise BadKey("not a COSE key")
    if kind == 0:
        return number, place
    if kind == 1:
        return -1 - number, place
    if kind == 2 and len(data) >= place + number:
        return data[place : place + number], place + number
    raise BadKey("not a COSE key")


def _fixed(signature: bytes) -> bytes:
    """r‖s of a DER signature: passkeys write ECDSA signatures in DER (section 6.5.5)."""
    try:
        r, s = utils.decode_dss_signature(signature)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    except (ValueError, OverflowError):
        raise BadSignature("not a DER signature") from None
