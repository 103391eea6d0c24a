"""Prefixed ids that sort by time (`esc_…`), and random secrets."""

from __future__ import annotations

import secrets
import time
from base64 import b32hexencode, urlsafe_b64encode


def new_id(prefix: str) -> str:
    """`prefix_` and 26 base32hex characters: 48 bits of milliseconds, then 80 random bits.

    Sorts by the time it was made; two ids never meet in practice, also over processes.
    """
    raw = (time.time_ns() // 1_000_000).to_bytes(6, "big") + secrets.token_bytes(10)
    return f"{prefix}_{b32hexencode(raw)[:26].decode().lower()}"


def first_id(prefix: str, ago: int) -> str:
    """Sorts before every id that was made within the last `ago` milliseconds, and after all that are older."""
    raw = max(time.time_ns() // 1_000_000 - ago, 0).to_bytes(6, "big") + bytes(10)
    return f"{prefix}_{b32hexencode(raw)[:26].decode().lower()}"


def new_secret(prefix: str) -> str:
    """A 256-bit secret in base64url, with a prefix that tells scanners what it is."""
    return f"{prefix}_{urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b'=').decode()}"
