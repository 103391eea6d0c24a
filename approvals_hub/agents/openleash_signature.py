"""Requests of OpenLeash agents: five headers, and an Ed25519 signature over five lines.

Signed are method, path, time, nonce and the hash of the body, joined by LF. Neither the host nor any other header is
covered, nor is the agent's name. So headers that would change what a request does are refused with this profile, a name
says nothing before one of its keys has signed, and a key that an agent uses at two hubs signs for both.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

import msgspec

from approvals_hub.core.clock import to_milliseconds
from approvals_hub.core.errors import HubError, Malformed, Unauthenticated
from approvals_hub_client.keys import BadSignature, Ed25519Key

HEADERS: Final = ("x-agent-id", "x-timestamp", "x-nonce", "x-body-sha256", "x-signature")
UNCOVERED: Final = ("idempotency-key", "if-none-match")
"""Headers that change what a request does; whoever passes it on could put them there."""
NO_BODY: Final = frozenset({sha256(b"").hexdigest(), sha256(b"{}").hexdigest()})
"""What is signed where there is no body: its documents say nothing, its clients say `{}`."""

_FORMS = {
    "x-agent-id": re.compile(r"[!-~]{1,128}"),
    "x-timestamp": re.compile(r"[0-9T:.Z+-]{20,35}"),
    "x-nonce": re.compile(r"[!-~]{1,128}"),
    "x-body-sha256": re.compile(r"[0-9a-f]{64}"),
    "x-signature": re.compile(r"[A-Za-z0-9+/]{86}=="),
}


class Given(msgspec.Struct, frozen=True):
    """What a request says; nothing of it is verified yet."""

    agent_id: str
    timestamp: str
    created: int
    """The same in milliseconds."""
    nonce: str
    body_sha256: str
    signature: bytes


def is_given(headers: Mapping[str, str]) -> bool:
    """Whether a request means to be signed this way: then this counts, and no other credential. A name alone, beside
    another credential, is somebody's header for something else."""
    return "X-Signature" in headers or ("X-Agent-Id" in headers and "Authorization" not in headers)


def read(headers: Mapping[str, str]) -> Given:
    """Read the five headers. Raises Unauthenticated without all of them, Malformed for what is none."""
    found: dict[str, str] = {}
    for name, value in headers.items():
        lower = name.lower()
        if lower in UNCOVERED:
            raise Malformed(
                "header_not_signed",
                f"{name} is not covered by this signature, and would change what the request does",
                next_step="Leave it out, or sign as /.well-known/approvals-hub says.",
                field=str(name),
            )
        if lower not in HEADERS:
            continue
        if lower in found:
            raise _malformed(name, "is given twice")
        if _FORMS[lower].fullmatch(value) is None:
            raise _malformed(name, "is not of its form")
        found[lower] = value
    if len(found) != len(HEADERS):
        raise Unauthenticated(
            "signature_headers_missing",
            "a request of this profile has X-Agent-Id, X-Timestamp, X-Nonce, X-Body-Sha256 and X-Signature",
            next_step="Send all five.",
        )
    signature = b64decode(found["x-signature"])
    if b64encode(signature).decode() != found["x-signature"]:
        raise _malformed("X-Signature", "is not canonical base64")
    try:
        created = to_milliseconds(found["x-timestamp"])
    except ValueError:
        raise _malformed("X-Timestamp", "is no RFC 3339 time") from None
    return Given(
        found["x-agent-id"],
        found["x-timestamp"],
        created,
        found["x-nonce"],
        found["x-body-sha256"],
        signature,
    )


def check_body(given: Given, body: bytes) -> None:
    """Raise Unauthenticated unless the signed hash is that of the body, or one of those that say there is none."""
    if given.body_sha256 != sha256(body).hexdigest() and (body or given.body_sha256 not in NO_BODY):
        raise Unauthenticated(
            "signature_digest",
            "X-Body-Sha256 is not the SHA-256 of the body",
            next_step="Hash the bytes that are sent; without a body, none or {}.",
        )


def verifies(key: Ed25519Key, given: Given, method: str, target: str) -> bool:
    """Whether the key signed this request, whose body hash was checked. `target` is the path, with its query."""
    signed = "\n".join((method, target, given.timestamp, given.nonce, given.body_sha256))
    try:
        key.verify(signed.encode(), given.signature)
    except BadSignature:
        return False
    return True


def _malformed(name: str, why: str) -> HubError:
    return Malformed(
        "signature_malformed", f"{name} {why}", next_step="Sign as the OpenLeash documents say.", field=str(name)
    )
