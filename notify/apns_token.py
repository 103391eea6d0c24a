"""The provider token: who sends, in a JSON Web Token that is good for an hour.

https://developer.apple.com/documentation/usernotifications/establishing-a-token-based-connection-to-apns
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from notify.es256 import signed

LIFETIME = 50 * 60
"""Seconds that a token is used. Apple refuses one that is older than an hour."""
SHORTEST = 20 * 60
"""Seconds between two tokens: whoever makes them faster is told `TooManyProviderTokenUpdates`."""


class ProviderToken:
    """One token for all connections. aioapns makes one for each, and so one for almost every message."""

    def __init__(self, key: str, *, key_id: str, team_id: str, clock: Callable[[], int]) -> None:
        """`key`: the text of the .p8 file; `clock`: milliseconds since 1970 UTC. Raises ValueError."""
        self._key = private_key(key)
        self._key_id = key_id
        self._team_id = team_id
        self._clock = clock
        self._header = ""
        self._made_at = 0

    def get_header(self) -> str:
        """The value of `authorization`; the name is aioapns'."""
        now = self._clock() // 1000
        if not self._header or not 0 <= now - self._made_at < LIFETIME:
            self._make(now)
        return self._header

    def renew(self) -> bool:
        """Make another one at the next message, where Apple says that this one is too old; False: too soon for that."""
        if self._clock() // 1000 - self._made_at < SHORTEST:
            return False
        self._header = ""
        return True

    def _make(self, now: int) -> None:
        token = signed(self._key, {"kid": self._key_id}, {"iss": self._team_id, "iat": now})
        self._header = f"bearer {token}"
        self._made_at = now


def private_key(pem: str) -> ec.EllipticCurvePrivateKey:
    """The key of a .p8 file's text. Raises ValueError, which does not quote it."""
    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError):
        raise ValueError("the key is not the text of a .p8 file") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("the key is not one of P-256, as Apple's are")
    return key
