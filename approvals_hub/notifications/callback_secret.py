"""The secret that calls back are signed with, in the form that receivers of Standard Webhooks know. Pure."""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64encode


def new_callback_secret() -> str:
    """`whsec_` and 256 bits in base64 (https://www.standardwebhooks.com)."""
    return f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"


def fingerprint(secret: str) -> str:
    """What tells one secret from another and says nothing of it: the first 48 bits of its SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()[:12]
