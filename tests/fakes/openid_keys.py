"""Keys of a fake OpenID provider: what it signs with, and how it publishes that; and what an attacker signs with."""

from __future__ import annotations

import functools
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from identity.jws import b64u, sign
from tests.fakes.mutual_tls import rsa_key

if TYPE_CHECKING:
    from identity.jws import PrivateKey


@dataclass(frozen=True)
class SigningKey:
    """A private key with its id and its algorithm."""

    id: str
    alg: str
    private: PrivateKey

    def signed(self, claims: Mapping[str, Any], **header: Any) -> str:
        """A token of these claims."""
        return sign({"typ": "JWT", "kid": self.id, **header}, claims, self.private, alg=self.alg)

    def jwk(self, **changes: Any) -> dict[str, Any]:
        """The public half, as it is published (RFC 7517)."""
        return {"kid": self.id, "use": "sig", "alg": self.alg, **numbers_of(self.private), **changes}

    def pem(self) -> bytes:
        """The public half as PEM: what an algorithm confusion takes for a shared secret."""
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@functools.cache
def signing_key(name: str, alg: str = "RS256") -> SigningKey:
    """One key per name and algorithm, for all tests of a process."""
    if alg == "EdDSA":
        return SigningKey(name, alg, ed25519.Ed25519PrivateKey.generate())
    if alg == "ES256":
        return SigningKey(name, alg, ec.generate_private_key(ec.SECP256R1()))
    return SigningKey(name, alg, rsa_key(name))


def numbers_of(key: PrivateKey) -> dict[str, str]:
    """The members of a JWK that hold the public key (RFC 7518, section 6; RFC 8037)."""
    public = key.public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": b64u(public.public_bytes_raw())}
    if isinstance(public, ec.EllipticCurvePublicKey):
        point = public.public_numbers()
        return {"kty": "EC", "crv": "P-256", "x": b64u(point.x.to_bytes(32)), "y": b64u(point.y.to_bytes(32))}
    assert isinstance(public, rsa.RSAPublicKey)
    numbers = public.public_numbers()
    return {"kty": "RSA", "n": b64u(numbers.n.to_bytes(public.key_size // 8)), "e": b64u(numbers.e.to_bytes(3))}


def unsigned(claims: Mapping[str, Any], **header: Any) -> str:
    """`alg: none` (RFC 7518, section 3.6): with a signature of one byte, as an empty one is no compact form here."""
    return f"{_part({'alg': 'none', **header})}.{_part(claims)}.AA"


def confused(claims: Mapping[str, Any], secret: bytes, **header: Any) -> str:
    """`HS256` with a public key for the secret."""
    signed = f"{_part({'alg': 'HS256', **header})}.{_part(claims)}"
    return f"{signed}.{b64u(hmac.digest(secret, signed.encode(), sha256))}"


def _part(value: Mapping[str, Any]) -> str:
    return b64u(json.dumps(value).encode())
