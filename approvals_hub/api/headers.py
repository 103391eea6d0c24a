"""The headers of every answer of the API, errors included."""

from __future__ import annotations

import secrets
from itertools import count
from typing import Final

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"
REQUEST_ID: Final = "Request-Id"

_process = secrets.token_hex(6)
_requests = count(1)

_YEAR = 365 * 24 * 3600
_ALWAYS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "publickey-credentials-get=(self), publickey-credentials-create=(self),"
        " camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), bluetooth=(), display-capture=()"
    ),
    "Referrer-Policy": "no-referrer",
    # Without a value of its own aiohttp tells its version and Python's.
    "Server": "approvals-hub",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def answer_headers(*, secure: bool, media_type: str = JSON) -> dict[str, str]:
    """What an answer carries. `secure`: the public URL is https, so browsers may insist on it for a year."""
    headers = {"Content-Type": media_type, **_ALWAYS}
    if secure:
        headers["Strict-Transport-Security"] = f"max-age={_YEAR}"
    return headers


def new_request_id() -> str:
    """Names one request in its answer and in the log; random by process, counted within it."""
    return f"req_{_process}{next(_requests):08x}"
