"""Who sends, for push services: Voluntary Application Server Identification (RFC 8292)."""

from __future__ import annotations

import re

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from notify import address
from notify.es256 import base64url, signed

LIFETIME = 12 * 3600
"""Seconds that a token is good for; no more than 24 hours are allowed (section 2)."""
KEPT_FOR = 3600
"""Seconds that a token is used again for the same service: a signature costs as much as all else of a message."""
MOST_KEPT = 64
"""Services at most whose tokens are kept."""
_CONTACT = re.compile(
    r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]+)?(/[!-~]*)?|mailto:[!-?A-~]+@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+"
)
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256: a private key is smaller (FIPS 186-5)."""


class Vapid:
    """The key that subscriptions are made for. Its public half is what a page gives to `pushManager.subscribe`."""

    def __init__(self, private_key: str, contact: str) -> None:
        """`private_key`: 32 bytes in base64url; `contact`: whom a push service writes to. Raises ValueError."""
        number = int.from_bytes(address.octets(private_key, length=32), "big")
        if not 0 < number < _ORDER:
            raise ValueError("the private key is no number of P-256")
        # Apple answers 403 to every message of a sender whose contact is at localhost.
        if not _CONTACT.fullmatch(contact) or contact.endswith((".localhost", ".local")):
            raise ValueError(
                "the contact is mailto:somebody@example.com or https://example.com, which others can reach"
            )
        self._key = ec.derive_private_key(number, ec.SECP256R1())
        self._contact = contact
        self._kept: dict[str, tuple[int, str]] = {}
        public = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public_key = base64url(public)
        """The application server key (section 3.2): base64url of the uncompressed point."""

    def authorization(self, origin: str, *, now: int) -> str:
        """The header's value for a push service at this origin (section 3), the same one for an hour. `now`:
        milliseconds since 1970 UTC."""
        made_at, value = self._kept.get(origin, (0, ""))
        if not value or not 0 <= now // 1000 - made_at < KEPT_FOR:
            made_at = now // 1000
            claims: dict[str, str | int] = {"aud": origin, "exp": made_at + LIFETIME, "sub": self._contact}
            value = f"vapid t={signed(self._key, {'typ': 'JWT'}, claims)}, k={self.public_key}"
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[origin] = made_at, value
        return value
