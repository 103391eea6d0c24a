"""The body of a push message, which only the browser can read: RFC 8291 over the content encoding of RFC 8188."""

from __future__ import annotations

import os
import struct
from hashlib import sha256
from hmac import digest

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD = 4096
"""Bytes of the one record, and of the largest body that every push service takes (RFC 8030 section 7.2)."""
OVERHEAD = 16 + 4 + 1 + 65 + 1 + 16
"""Salt, record size, length of the key id, key, delimiter, tag (RFC 8188 section 2.1)."""
LARGEST = RECORD - OVERHEAD
"""Bytes of a plain text."""
STEP = 256
"""Lengths are rounded up to a multiple of so many bytes: a push service sees a length, and it tells what is said."""


class TooLarge(ValueError):
    """The plain text does not fit into one push message."""


def encrypted(
    plain: bytes,
    browser_key: bytes,
    auth_secret: bytes,
    *,
    own_key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
    step: int = STEP,
) -> bytes:
    """The body. `own_key` and `salt` are new for every message; only a test of known values hands them in.

    Raises TooLarge for more than `LARGEST` bytes, ValueError for a key that is no point of P-256.
    """
    if len(plain) > LARGEST:
        raise TooLarge(f"a push message has room for {LARGEST} bytes")
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), browser_key)
    own_key = own_key or ec.generate_private_key(ec.SECP256R1())
    salt = salt or os.urandom(16)
    public = own_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    # RFC 8291 section 3.4: both public keys go into the key, so that neither can be swapped.
    info = b"WebPush: info\x00" + browser_key + public
    secret = _expanded(digest(auth_secret, own_key.exchange(ec.ECDH(), theirs), sha256), info)
    extracted = digest(salt, secret, sha256)
    key = _expanded(extracted, b"Content-Encoding: aes128gcm\x00")[:16]
    nonce = _expanded(extracted, b"Content-Encoding: nonce\x00")[:12]
    header = salt + struct.pack("!IB", RECORD, len(public)) + public
    return header + AESGCM(key).encrypt(nonce, _padded(plain, step), None)


def _padded(plain: bytes, step: int) -> bytes:
    """The record with its delimiter, which says that it is the last one, and zeros (RFC 8188 section 2)."""
    length = min(-(-len(plain) // step) * step, LARGEST)
    return plain + b"\x02" + bytes(length - len(plain))


def _expanded(extracted: bytes, info: bytes) -> bytes:
    """The first block of HKDF (RFC 5869 section 2.3), 32 bytes: more is never asked for."""
    return digest(extracted, info + b"\x01", sha256)
