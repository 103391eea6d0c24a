"""A passkey in software: what an authenticator and a browser do together, and everything they never should."""

from __future__ import annotations

import json
import os
import struct
from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from approvals_hub_client.canonical import b64u

ES256 = -7
EDDSA = -8
RS256 = -257

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40
"""Flags of authenticator data (WebAuthn section 6.1)."""


def cbor(value: Any) -> bytes:
    """CBOR (RFC 8949) of small integers, bytes, texts and maps; the canonical form that CTAP2 asks for."""
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    pairs = sorted(((cbor(key), cbor(member)) for key, member in value.items()), key=lambda pair: (len(pair[0]), pair))
    return _head(5, len(pairs)) + b"".join(key + member for key, member in pairs)


class SoftAuthenticator:
    """One discoverable credential of one site. Its public fields are the knobs: turn them between calls."""

    def __init__(self, alg: int = ES256, *, rp_id: str = "hub.example", origin: str = "https://hub.example") -> None:
        self.alg = alg
        self.rp_id = rp_id
        self.origin = origin
        self.credential_id = os.urandom(32)
        self.user_handle: bytes | None = None
        """What the site called its user (`user.id` of the registration); whoever plays the page sets it."""
        self.count = 0
        self.counts = True
        """False for authenticators that always say 0, as synced passkeys do."""
        self.user_present = True
        self.user_verified = True
        self.backup_eligible = False
        self.backed_up = False
        self.attestation = "none"
        """`none`, or `packed` for self attestation."""
        self.cross_origin: bool | None = False
        self.top_origin: str | None = None
        self.bogus = False
        """True signs other bytes than those it sends."""
        self._key: Any = _new_key(alg)

    def create(self, challenge: bytes, *, public_key: bytes | None = None) -> dict[str, Any]:
        """navigator.credentials.create(…).toJSON(); `public_key` replaces the COSE key."""
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id
        data = self._data(AT) + attested + (public_key or self.cose())
        client_data = self._client_data("webauthn.create", challenge)
        statement = {}
        if self.attestation == "packed":
            statement = {"alg": self.alg, "sig": self._sign(data + sha256(client_data).digest())}
        attestation = cbor({"fmt": self.attestation, "attStmt": statement, "authData": data})
        return self._json({"attestationObject": b64u(attestation), "transports": ["internal"]}, client_data)

    def get(self, challenge: bytes) -> dict[str, Any]:
        """navigator.credentials.get(…).toJSON()."""
        data = self._data(0)
        client_data = self._client_data("webauthn.get", challenge)
        response = {
            "authenticatorData": b64u(data),
            "signature": b64u(self._sign(data + sha256(client_data).digest())),
            "userHandle": None if self.user_handle is None else b64u(self.user_handle),
        }
        return self._json(response, client_data)

    def cose(self) -> bytes:
        """The public key as a COSE_Key (RFC 9053)."""
        if self.alg == ES256:
            numbers = self._key.public_key().public_numbers()
            x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
            return cbor({1: 2, 3: ES256, -1: 1, -2: x, -3: y})
        if self.alg == RS256:
            return rsa_cose(self._key.public_key().public_numbers().n)
        raw = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return cbor({1: 1, 3: EDDSA, -1: 6, -2: raw})

    def _data(self, flags: int) -> bytes:
        self.count += 1 if self.counts else 0
        knobs = ((self.user_present, UP), (self.user_verified, UV), (self.backup_eligible, BE), (self.backed_up, BS))
        for is_set, flag in knobs:
            flags |= flag if is_set else 0
        return sha256(self.rp_id.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client_data(self, kind: str, challenge: bytes) -> bytes:
        members: dict[str, Any] = {"type": kind, "challenge": b64u(challenge), "origin": self.origin}
        if self.cross_origin is not None:
            members["crossOrigin"] = self.cross_origin
        if self.top_origin is not None:
            members["topOrigin"] = self.top_origin
        return json.dumps(members, separators=(",", ":")).encode()

    def _sign(self, message: bytes) -> bytes:
        message = message + b"!" if self.bogus else message
        how = {ES256: (ec.ECDSA(SHA256()),), EDDSA: (), RS256: (padding.PKCS1v15(), SHA256())}[self.alg]
        return bytes(self._key.sign(message, *how))

    def _json(self, response: dict[str, Any], client_data: bytes) -> dict[str, Any]:
        return {
            "id": b64u(self.credential_id),
            "rawId": b64u(self.credential_id),
            "type": "public-key",
            "response": {"clientDataJSON": b64u(client_data), **response},
            "clientExtensionResults": {},
            "authenticatorAttachment": "platform",
        }


def rsa_cose(modulus: int, *, exponent: int = 65537) -> bytes:
    """An RSA public key as a COSE_Key (RFC 8230 section 4)."""
    n, e = (number.to_bytes((number.bit_length() + 7) // 8, "big") for number in (modulus, exponent))
    return cbor({1: 3, 3: RS256, -1: n, -2: e})


def _new_key(alg: int) -> Any:
    if alg == RS256:
        _turn[0] ^= 1
        return _rsa_key(_turn[0])
    return ec.generate_private_key(ec.SECP256R1()) if alg == ES256 else ed25519.Ed25519PrivateKey.generate()


_turn = [0]


@lru_cache(maxsize=2)
def _rsa_key(number: int) -> rsa.RSAPrivateKey:
    """One of two: making an RSA key takes a tenth of a second, and two who meet must not have the same."""
    return rsa.generate_private_key(65537, 2048)


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    size = next(size for size in (1, 2, 4) if number < 1 << 8 * size)
    return bytes([major << 5 | {1: 24, 2: 25, 4: 26}[size]]) + number.to_bytes(size, "big")
