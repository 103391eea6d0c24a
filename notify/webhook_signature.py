"""Signatures of Standard Webhooks, `v1`: HMAC-SHA256 over id, time and body (https://www.standardwebhooks.com).

The same ground as a receiver stands on: its libraries verify what is made here.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha256
from hmac import digest

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret."""
_SECRET = re.compile(r"whsec_[A-Za-z0-9+/]+={0,2}")


def secret_key(secret: str) -> bytes:
    """The key of a secret as it is shown to people, `whsec_` and base64. Raises ValueError, which does not quote it."""
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True) if _SECRET.fullmatch(secret) else b""
    except binascii.Error:
        key = b""
    if not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"a secret is {PREFIX} and {SHORTEST} to {LONGEST} bytes in base64")
    return key


def openleash_signed(secret: str, bearer: str, *, id_: str, body: bytes) -> dict[str, str]:
    """The headers of OpenLeash: hex of HMAC-SHA256 over the body alone, and the receiver's own token where it has one.

    Neither covers a time, which stands in the body; `webhook-id` says whether a call comes again.
    """
    proof = {"X-Webhook-Signature": digest(secret.encode(), body, sha256).hex(), "webhook-id": id_}
    return proof | ({"Authorization": f"Bearer {bearer}"} if bearer else {})


def signed(secrets: Iterable[str], *, id_: str, at: int, body: bytes) -> dict[str, str]:
    """The three headers. `at`: seconds since 1970 UTC, of this attempt.

    Each live secret signs: a receiver that knows either of two verifies one of them. Raises ValueError for no secret.
    """
    content = f"{id_}.{at}.".encode() + body
    signatures = [f"v1,{b64encode(digest(secret_key(secret), content, sha256)).decode()}" for secret in secrets]
    return {"webhook-id": id_, "webhook-timestamp": str(at), "webhook-signature": " ".join(signatures)}
