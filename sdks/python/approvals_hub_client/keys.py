"""Public keys of agents, devices and hubs (Ed25519, ES256), read strictly, and software signing keys."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import lru_cache
from hashlib import sha256
from typing import Any, final

import nacl.bindings as sodium
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from nacl.exceptions import CryptoError

from approvals_hub_client.canonical import CanonicalError, b64u, dumps, unb64u

_es256 = ec.ECDSA(SHA256())
_half = 32  # bytes of each of r and s, and of each coordinate


class BadKey(ValueError):
    """The key is not one that may be trusted: malformed, of small order, not on its curve, or not public."""


class BadSignature(ValueError):
    """The signature does not verify."""


class VerifyingKey(ABC):
    """A public key: its algorithm is fixed when it is read, never taken from what it verifies."""

    __slots__ = ("jwk", "thumbprint")

    alg: str
    """`Ed25519` (RFC 8032, RFC 9864) or `ES256` (RFC 7518 section 3.4)."""

    def __init__(self, jwk: dict[str, str]) -> None:
        """Take the required members of the JWK and nothing else."""
        self.jwk = jwk
        self.thumbprint = b64u(sha256(dumps(jwk)).digest())
        """RFC 7638 with SHA-256, base64url."""

    @abstractmethod
    def verify(self, message: bytes, signature: bytes) -> None:
        """Raise BadSignature unless `signature` (64 bytes) is this key's over `message`."""

    def __eq__(self, other: object) -> bool:
        """Equal when they are the same public key."""
        return isinstance(other, VerifyingKey) and self.thumbprint == other.thumbprint

    def __hash__(self) -> int:
        """Follow the thumbprint."""
        return hash(self.thumbprint)

    def __repr__(self) -> str:
        """Name the algorithm and the thumbprint."""
        return f"<{self.alg} {self.thumbprint}>"


@final
class Ed25519Key(VerifyingKey):
    """An Ed25519 public key of 32 bytes."""

    __slots__ = ("raw",)
    alg = "Ed25519"

    def __init__(self, raw: bytes) -> None:
        """Raises BadKey for bytes that are no canonical point of the prime-order group.

        With a small-order key one constant signature verifies for every message; OpenSSL accepts such keys.
        """
        if len(raw) != _half or not sodium.crypto_core_ed25519_is_valid_point(raw):
            raise BadKey("not an Ed25519 public key")
        self.raw = raw
        super().__init__({"crv": "Ed25519", "kty": "OKP", "x": b64u(raw)})

    def verify(self, message: bytes, signature: bytes) -> None:
        """Raise BadSignature unless `signature` (64 bytes) is this key's over `message`."""
        if len(signature) != 64:
            raise BadSignature("an Ed25519 signature has 64 bytes")
        try:
            sodium.crypto_sign_open(signature + message, self.raw)
        except CryptoError:
            raise BadSignature("the signature does not verify") from None


@final
class Es256Key(VerifyingKey):
    """A P-256 public key for ECDSA with SHA-256; signatures are r‖s, 64 bytes (IEEE P1363)."""

    __slots__ = ("_key",)
    alg = "ES256"

    def __init__(self, x: bytes, y: bytes) -> None:
        """Raises BadKey unless the 32-byte coordinates are a point of the curve."""
        if len(x) != _half or len(y) != _half:
            raise BadKey("a P-256 coordinate has 32 bytes")
        numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1())
        try:
            self._key = numbers.public_key()
        except ValueError:
            raise BadKey("not a point of P-256") from None
        super().__init__({"crv": "P-256", "kty": "EC", "x": b64u(x), "y": b64u(y)})

    def verify(self, message: bytes, signature: bytes) -> None:
        """Raise BadSignature unless `signature` (64 bytes r‖s) is this key's over `message`."""
        if len(signature) != 64:
            raise BadSignature("an ES256 signature has 64 bytes")
        r, s = int.from_bytes(signature[:_half], "big"), int.from_bytes(signature[_half:], "big")
        try:
            self._key.verify(utils.encode_dss_signature(r, s), message, _es256)
        except InvalidSignature:
            raise BadSignature("the signature does not verify") from None


# Proving that a point has prime order costs as much as verifying a signature; most calls meet a known key.
@lru_cache(maxsize=4096)
def ed25519_of(raw: bytes) -> Ed25519Key:
    """The public key of 32 bytes, remembered: for keys that are met again and again. Raises BadKey."""
    return Ed25519Key(raw)


def key_of(jwk: Any) -> VerifyingKey:
    """The public key of a JWK (RFC 7517) that holds exactly `kty, crv, x` (Ed25519) or `kty, crv, x, y` (P-256).

    Raises BadKey for any other member (a private `d` above all), curve, or encoding, and for points that are none.
    """
    if not isinstance(jwk, dict) or not all(type(value) is str for value in jwk.values()):
        raise BadKey("a JWK is an object of texts")
    members = set(jwk)
    try:
        if members == {"kty", "crv", "x"} and (jwk["kty"], jwk["crv"]) == ("OKP", "Ed25519"):
            return ed25519_of(unb64u(jwk["x"]))
        if members == {"kty", "crv", "x", "y"} and (jwk["kty"], jwk["crv"]) == ("EC", "P-256"):
            return _es256_key(jwk["x"], jwk["y"])
    except CanonicalError:
        raise BadKey("a coordinate is not base64url") from None
    raise BadKey("not exactly the members of an Ed25519 or P-256 public key")


@lru_cache(maxsize=4096)
def _es256_key(x: str, y: str) -> Es256Key:
    return Es256Key(unb64u(x), unb64u(y))


def jwk_of(key: VerifyingKey) -> dict[str, str]:
    """The key's JWK: its required members alone, in a dictionary of its own."""
    return dict(key.jwk)


class SigningKey(ABC):
    """A private key in software. It is never printed and knows its public half."""

    __slots__ = ("public",)

    public: VerifyingKey

    @abstractmethod
    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature over `message`."""

    def __repr__(self) -> str:
        """Name the public half alone."""
        return f"<signing key of {self.public!r}>"


@final
class Ed25519SigningKey(SigningKey):
    """An Ed25519 private key: agents, hubs, and device keys of software authenticators."""

    __slots__ = ("_pair", "seed")
    public: Ed25519Key

    def __init__(self, seed: bytes | None = None) -> None:
        """Make the key of a 32-byte seed, or a new one. Raises BadKey for a seed of another length."""
        if seed is not None and len(seed) != _half:
            raise BadKey("an Ed25519 seed has 32 bytes")
        self.seed = sodium.randombytes(_half) if seed is None else seed
        public, self._pair = sodium.crypto_sign_seed_keypair(self.seed)
        self.public = Ed25519Key(public)

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature over `message`: the same for the same message (RFC 8032)."""
        return sodium.crypto_sign(message, self._pair)[:64]


@final
class Es256SigningKey(SigningKey):
    """A P-256 private key; its signatures are randomised."""

    __slots__ = ("_key",)
    public: Es256Key

    def __init__(self, secret: bytes | None = None) -> None:
        """Make the key of a 32-byte scalar, or a new one. Raises BadKey for a scalar out of range."""
        try:
            self._key = (
                ec.generate_private_key(ec.SECP256R1())
                if secret is None
                else ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())
            )
        except ValueError:
            raise BadKey("not a P-256 private key") from None
        numbers = self._key.public_key().public_numbers()
        self.public = Es256Key(numbers.x.to_bytes(_half, "big"), numbers.y.to_bytes(_half, "big"))

    def sign(self, message: bytes) -> bytes:
        """A 64-byte signature r‖s over `message`."""
        r, s = utils.decode_dss_signature(self._key.sign(message, _es256))
        return r.to_bytes(_half, "big") + s.to_bytes(_half, "big")
