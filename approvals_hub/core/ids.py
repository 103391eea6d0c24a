"""Prefixed ids that sort by time (`esc_…`), and random secrets."""

from __future__ import annotations

import secrets
import time
from base64 import urlsafe_b64encode

_DIGITS = "0123456789abcdefghijklmnopqrstuv"
_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]
_SHIFTS = range(120, -1, -10)
_MILLISECOND = 1_000_000


def new_id(prefix: str) -> str:
    """`prefix_` and 26 base32hex characters: 48 bits of milliseconds, 12 bits of the part of one, then 68 random bits.

    Sorts by the time it was made, also within a millisecond (RFC 9562 section 6.2, method 3): what one process makes
    one after the other is listed in that order. Two ids never meet in practice, also over processes.
    """
    milliseconds, rest = divmod(time.time_ns(), _MILLISECOND)
    return f"{prefix}_{_text(milliseconds, (rest << 12) // _MILLISECOND << 68 | secrets.randbits(68))}"


def first_id(prefix: str, ago: int) -> str:
    """Sorts before every id that was made within the last `ago` milliseconds, and after all that are older."""
    return f"{prefix}_{_text(max(time.time_ns() // _MILLISECOND - ago, 0), 0)}"


def new_secret(prefix: str) -> str:
    """A 256-bit secret in base64url, with a prefix that tells scanners what it is."""
    return f"{prefix}_{urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b'=').decode()}"


def _text(milliseconds: int, rest: int) -> str:
    """base32hex (RFC 4648 section 7) by two digits at a time: the standard library's takes five times as long."""
    bits = (milliseconds << 80 | rest) << 2
    return "".join([_PAIRS[bits >> shift & 1023] for shift in _SHIFTS])
