"""The public keys of an issuer (JWK Set, RFC 7517), kept for an hour and fetched anew when a key is not among them.

A signer rotates its keys by adding the new one before it signs with it. A key that is gone from the set counts no
longer. Whoever makes up key ids makes the set be fetched at most once per `REFETCH_EVERY`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from identity.errors import ProviderDown
from identity.jws import KIND_OF, BadJws, json_object, kind_of, unb64u

if TYPE_CHECKING:
    from identity.jws import PublicKey

FRESH_FOR = 60 * 60 * 1000
"""Milliseconds after which the set is fetched anew, whatever happens."""
REFETCH_EVERY = 30 * 1000
"""Milliseconds between two fetches for keys that are not in the set."""
MOST_KEYS = 100
"""Keys of one set; an issuer that publishes more is not read at all."""
LONGEST_ID = 512
LARGEST_COORDINATE = 1400
"""Characters of one number of a key: 8192 bits and a little."""


class UnknownKey(ValueError):
    """The issuer publishes no such key."""


@dataclass(frozen=True, slots=True)
class Key:
    """One public key that is there to verify signatures."""

    id: str | None
    alg: str | None
    """The one algorithm that the issuer uses it with, where it says so."""
    issuer: str | None
    """Microsoft's keys say which tenant's tokens they sign, as a template of the issuer."""
    public: PublicKey

    def fits(self, alg: str) -> bool:
        """Whether tokens of this algorithm may be verified with it."""
        return kind_of(self.public) == KIND_OF.get(alg) and self.alg in (None, alg)


class Jwks:
    """The keys of one issuer. `fetch` gets the document's bytes and raises NotProven; `clock`: milliseconds."""

    def __init__(self, fetch: Callable[[], Awaitable[bytes]], clock: Callable[[], int]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: tuple[Key, ...] = ()
        self._fetched_at: int | None = None
        self._asked_again_at: int | None = None
        self._fetching = asyncio.Lock()

    async def key(self, key_id: str | None, alg: str) -> Key:
        """The key of that id for that algorithm. Raises UnknownKey, or NotProven where the set cannot be fetched.

        Without an id the set must hold one key for the algorithm, not two: none is tried out.
        """
        await self.refresh()
        found = self._find(key_id, alg)
        if found is None and await self._ask_again():
            found = self._find(key_id, alg)
        if found is None:
            raise UnknownKey("the issuer publishes no such key")
        return found

    async def refresh(self) -> None:
        """See to it that the set is not older than an hour. Raises NotProven where it is, and cannot be fetched."""
        if self._is_fresh():
            return
        async with self._fetching:
            # Whoever waited meanwhile has what the first one fetched.
            if not self._is_fresh():
                await self._load()

    async def _ask_again(self) -> bool:
        """Fetch the set for a key that is not in it, if that was not done a moment ago. Whether it was fetched."""
        before = self._fetched_at
        async with self._fetching:
            if self._fetched_at != before:
                return True
            now = self._clock()
            if self._asked_again_at is not None and 0 <= now - self._asked_again_at < REFETCH_EVERY:
                return False
            self._asked_again_at = now
            await self._load()
        return True

    async def _load(self) -> None:
        keys = keys_in(await self._fetch())
        self._keys, self._fetched_at = keys, self._clock()

    def _is_fresh(self) -> bool:
        # A clock that was set back makes the set old, not young for ever.
        return self._fetched_at is not None and 0 <= self._clock() - self._fetched_at < FRESH_FOR

    def _find(self, key_id: str | None, alg: str) -> Key | None:
        fitting = [key for key in self._keys if key.fits(alg) and (key_id is None or key.id == key_id)]
        return fitting[0] if len(fitting) == 1 else None


def keys_in(octets: bytes) -> tuple[Key, ...]:
    """The keys for signatures of a JWK Set. Those of a kind that is not known here are left out (RFC 7517, 5).

    Raises ProviderDown where it is no such set, or has more than MOST_KEYS keys.
    """
    try:
        entries = json_object(octets).get("keys")
    except BadJws:
        raise ProviderDown("the issuer's keys are no JWK Set") from None
    if not isinstance(entries, list) or len(entries) > MOST_KEYS:
        raise ProviderDown("the issuer's keys are no JWK Set, or too many")
    return tuple(key for entry in entries if isinstance(entry, dict) and (key := _key(entry)) is not None)


def _key(entry: Mapping[str, Any]) -> Key | None:
    operations = entry.get("key_ops")
    if entry.get("use") not in (None, "sig") or (isinstance(operations, list) and "verify" not in operations):
        return None
    try:
        public = _public(entry)
    except ValueError:
        # One broken key, or one that is too weak, must not take the others away.
        return None
    if not kind_of(public):
        return None
    return Key(_text(entry, "kid"), _text(entry, "alg"), _text(entry, "issuer"), public)


def _public(entry: Mapping[str, Any]) -> PublicKey:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    match entry.get("kty"), entry.get("crv"):
        case "RSA", _:
            exponent = _number(entry, "e")
            if exponent > 2**32:
                raise ValueError("a slow key")
            return rsa.RSAPublicNumbers(exponent, _number(entry, "n")).public_key()
        case "EC", "P-256":
            numbers = ec.EllipticCurvePublicNumbers(_number(entry, "x"), _number(entry, "y"), ec.SECP256R1())
            return numbers.public_key()
        case "OKP", "Ed25519":
            return ed25519.Ed25519PublicKey.from_public_bytes(_octets(entry, "x"))
    raise ValueError("a kind of key that is not known here")


def _number(entry: Mapping[str, Any], name: str) -> int:
    return int.from_bytes(_octets(entry, name))


def _octets(entry: Mapping[str, Any], name: str) -> bytes:
    value = entry.get(name)
    if not isinstance(value, str) or len(value) > LARGEST_COORDINATE:
        raise ValueError("not a number of a key")
    return unb64u(value)


def _text(entry: Mapping[str, Any], name: str) -> str | None:
    value = entry.get(name)
    return value if isinstance(value, str) and len(value) <= LONGEST_ID else None
