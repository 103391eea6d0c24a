"""Words that one device alone can read, on their way through a push service.

HPKE (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, one message each: `enc ‖ ciphertext`
without associated data. What they are bound to is HPKE's `info`: hub, device, question and telling, so that they open
in no other notification and on no other device. All have the same length, as whoever carries them sees it.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from approvals_hub_client.canonical import dumps
from approvals_hub_client.keys import BadKey, BadSignature, key_of
from approvals_hub_client.statement import seal_key_bytes

KEY_LENGTH = 32
"""Bytes of a seal key."""
ROOM = 1280
"""Bytes of what is sealed. With all around it, and in base64, it fits into the 3993 bytes of a Web Push message, and
into the 4096 of the others (RFC 8030 section 7.2, RFC 8291 section 4)."""
LENGTH = 32 + ROOM + 16
"""Bytes of the seal: an encapsulated key, what is sealed, a tag."""
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class SealTo:
    """One device of one hub that opens seals."""

    audience: str
    """The hub's public URL."""
    device_id: str
    key: bytes
    """X25519, public."""


def sealed(to: SealTo, *, title: str, body: str, escalation_id: str, telling_id: str) -> bytes | None:
    """Title and body for this device, in this telling; None where they do not fit."""
    plain = msgspec.json.encode({"title": title, "body": body})
    if len(plain) > ROOM:
        return None
    info = binding(to.audience, to.device_id, escalation_id=escalation_id, telling_id=telling_id)
    # Spaces after a JSON text are no part of it.
    return _SUITE.encrypt(plain.ljust(ROOM), X25519PublicKey.from_public_bytes(to.key), info=info)


def binding(audience: str, device_id: str, *, escalation_id: str, telling_id: str) -> bytes:
    """The `info` of HPKE."""
    members = {"audience": audience, "device_id": device_id, "escalation_id": escalation_id, "telling_id": telling_id}
    return b"approvals-hub.seal.v1\0" + dumps(members)


def is_seal_key(key: bytes) -> bool:
    """Whether something can be sealed to it: a point of small order would give everybody the same secret."""
    if len(key) != KEY_LENGTH:
        return False
    try:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(key))
    except ValueError:
        return False
    return True


def is_signed(seal_key: str, signature: bytes, *, jwk: dict[str, str], device_id: str, audience: str) -> bool:
    """Whether the device's own key says that this seal key (base64url) is its."""
    try:
        message = seal_key_bytes(seal_key=seal_key, device_id=device_id, audience=audience)
        key_of(jwk).verify(message, signature)
    except (BadKey, BadSignature):
        return False
    return True
