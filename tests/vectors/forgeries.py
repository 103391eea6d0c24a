"""Ed25519 keys and signatures that lenient verifiers take: for the vectors of proofs."""

from __future__ import annotations

from hashlib import sha512

import nacl.bindings as sodium

from approvals_hub_client.keys import Ed25519SigningKey

ORDER = 2**252 + 27742317777372353535851937790883648493
PRIME = 2**255 - 19
IDENTITY = bytes([1]) + bytes(31)
# As libsodium's list of them has it.
OF_ORDER_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
FOR_EVERY_MESSAGE = IDENTITY + bytes(32)
"""R is the identity and S zero: verifies whatever it is of under a key that is the identity."""


def bad_keys(good: bytes) -> dict[str, bytes]:
    """What is no canonical point of the prime-order group, by what is wrong with it."""
    return {
        "the identity": IDENTITY,
        "the identity, not canonical": (PRIME + 1).to_bytes(32, "little"),
        "the identity with its sign": IDENTITY[:31] + b"\x80",
        "of order 2": (PRIME - 1).to_bytes(32, "little"),
        "of order 4": bytes(32),
        "of order 8": OF_ORDER_8,
        "of mixed order": _sum(good, OF_ORDER_8),
        "no point of the curve": bytes([2]) + bytes(31),
        "a byte short": good[:31],
        "a byte long": good + b"\0",
    }


def beyond_the_order(signature: bytes) -> bytes:
    """The same with S + L: another text of the same proof where S is not checked."""
    larger = int.from_bytes(signature[32:], "little") + ORDER
    return signature[:32] + larger.to_bytes(32, "little")


def of_small_order_r(key: Ed25519SigningKey, message: bytes) -> bytes:
    """R is the identity: only who has the key makes it; OpenSSL and Go take it, libsodium does not."""
    return _signature(key, message, 0, IDENTITY)


def of_mixed_order_r(key: Ed25519SigningKey, message: bytes) -> bytes:
    """R has a part of order 8: verifiers that multiply by the cofactor take it, the others do not."""
    one = (1).to_bytes(32, "little")
    return _signature(key, message, 1, _sum(sodium.crypto_scalarmult_ed25519_base_noclamp(one), OF_ORDER_8))


def _signature(key: Ed25519SigningKey, message: bytes, nonce: int, r: bytes) -> bytes:
    secret = bytearray(sha512(key.seed).digest()[:32])
    secret[0] &= 248
    secret[31] = secret[31] & 63 | 64
    hashed = int.from_bytes(sha512(r + key.public.raw + message).digest(), "little")
    return r + ((nonce + hashed * int.from_bytes(secret, "little")) % ORDER).to_bytes(32, "little")


def _sum(one: bytes, other: bytes) -> bytes:
    (x1, y1), (x2, y2) = _point(one), _point(other)
    cross = _d() * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + cross, -1, PRIME) % PRIME
    y = (y1 * y2 + x1 * x2) * pow(1 - cross, -1, PRIME) % PRIME
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _point(encoding: bytes) -> tuple[int, int]:
    whole = int.from_bytes(encoding, "little")
    y, sign = whole % 2**255, whole >> 255
    square = (y * y - 1) * pow(_d() * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if x * x % PRIME != square:
        x = x * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
    assert x * x % PRIME == square
    return (PRIME - x if x & 1 != sign else x), y


def _d() -> int:
    return -121665 * pow(121666, -1, PRIME) % PRIME
