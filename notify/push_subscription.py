"""Where a browser takes push messages: what `JSON.stringify(subscription)` gives there, word for word (Push API)."""

from __future__ import annotations

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from notify import address
from notify.address import BadAddress
from notify.discreet import Discreet


class Keys(Discreet, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a message is encrypted for."""

    not_printed = ("p256dh", "auth")

    p256dh: str
    """The browser's public key, an uncompressed point of P-256 in base64url."""
    auth: str
    """Sixteen bytes that the push service does not know (RFC 8291 section 3.2)."""

    def __repr__(self) -> str:
        """Without what it holds."""
        return "Keys(…)"


class PushSubscription(
    Discreet,
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"expires": "expirationTime"},
):
    """One browser of one person. Whoever knows the endpoint and the keys can have it show anything."""

    not_printed = ("endpoint", "keys")

    endpoint: str
    keys: Keys
    expires: float | None = None
    """When the browser means to give it up, milliseconds since 1970; no browser says so by now."""

    def __repr__(self) -> str:
        """Without what it holds."""
        return "PushSubscription(…)"

    @classmethod
    def read(cls, text: str) -> PushSubscription:
        """The subscription that a browser gave. Raises BadAddress, also for keys that nothing can be encrypted for."""
        found = address.read(text, cls)
        try:
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), found.browser_key())
            found.auth_secret()
        except ValueError:
            raise BadAddress("the subscription's keys are none") from None
        return found

    def browser_key(self) -> bytes:
        """The 65 bytes of the point. Raises ValueError."""
        return address.octets(self.keys.p256dh, length=65)

    def auth_secret(self) -> bytes:
        """The 16 bytes. Raises ValueError."""
        return address.octets(self.keys.auth, length=16)
