"""A device that words are sealed to: it has the key, and opens with the library's own HPKE, not with ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from approvals_hub_client.canonical import b64u, dumps, unb64u
from approvals_hub_client.statement import seal_key_bytes

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class SealingDevice:
    """One, with a key of its own."""

    def __init__(self, audience: str, device_id: str) -> None:
        self.audience = audience
        self.device_id = device_id
        self.key = X25519PrivateKey.generate()

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    def form(self, sign: Callable[[bytes], bytes]) -> dict[str, str]:
        """What is registered: `sign` is the device key's."""
        key = b64u(self.public)
        message = seal_key_bytes(seal_key=key, device_id=self.device_id, audience=self.audience)
        return {"key": key, "signature": b64u(sign(message))}

    def opened(self, sealed: bytes | str, *, escalation_id: str, telling_id: str) -> Any:
        """The words. Raises cryptography's InvalidTag where they are not for this device, question and telling."""
        members = {
            "audience": self.audience,
            "device_id": self.device_id,
            "escalation_id": escalation_id,
            "telling_id": telling_id,
        }
        octets = unb64u(sealed) if isinstance(sealed, str) else sealed
        return json.loads(SUITE.decrypt(octets, self.key, info=b"approvals-hub.seal.v1\0" + dumps(members)))
