"""A passkey's assertion, verified with the public key alone (W3C Web Authentication, Level 3, section 7.2). Pure.

The hub verified it when it came. This is for whoever looks at the answer later, without the hub: signature counters,
which only the hub can compare, are left out.
"""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import utils

from approvals_hub_client.canonical import CanonicalError, b64u, loads
from approvals_hub_client.keys import BadKey, BadSignature, Ed25519Key, Es256Key, VerifyingKey, ed25519_of

PRESENT, VERIFIED = 0x01, 0x04
"""Flags of the authenticator's data: the person was present, and verified (section 6.1)."""
_EDDSA, _ES256 = -8, -7


class BadAssertion(ValueError):
    """The assertion is not this key's for this challenge on this page, with the person verified."""


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
        key.verify(signed, signature if isinstance(key, Ed25519Key) else _fixed(signature))
    except BadSignature as error:
        raise BadAssertion(str(error)) from None


def cose_key(data: bytes) -> VerifyingKey:
    """The key of a COSE_Key (RFC 9053) of Ed25519 or P-256, as authenticators write it. Raises BadKey for another."""
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
    raise BadKey("not exactly the members of an Ed25519 or P-256 COSE key")


def _map(data: bytes) -> dict[int, int | bytes]:
    """A CBOR map of a few small integers and 32-byte strings, which is all that these keys hold."""
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
    head = data[place] if place < len(data) else 0xFF
    if head < 0x18:
        return head, place + 1
    if 0x20 <= head < 0x38:
        return -1 - (head & 0x1F), place + 1
    if head == 0x58 and data[place + 1 : place + 2] == b"\x20" and len(data) >= place + 34:
        return data[place + 2 : place + 34], place + 34
    raise BadKey("not a COSE key")


def _fixed(signature: bytes) -> bytes:
    """r‖s of a DER signature: passkeys write ECDSA signatures in DER (section 6.5.5)."""
    try:
        r, s = utils.decode_dss_signature(signature)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    except (ValueError, OverflowError):
        raise BadSignature("not a DER signature") from None
