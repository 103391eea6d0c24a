"""Where a sign-in comes from, and what the log says of it: a salted commitment, never the place itself."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

import msgspec

from approvals_hub_client.canonical import b64u, dumps, sha256_text

CLIENT_LIMIT = 200
"""Characters kept of what a client says about itself."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where one request to sign in comes from: what the client calls itself and its address.

    `salt` are 256 bits that are new for each request: without them, whoever reads the log could try all networks out.
    """

    client: str | None = None
    address: str | None = None
    salt: bytes = field(default_factory=lambda: os.urandom(32), repr=False)


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a visitor: no more of the address than its network (IPv4 /24, IPv6 /48)."""

    client: str | None
    network: str | None
    salt: str


def visit_of(visitor: Visitor) -> Visit:
    """As little as an auditor needs to tell one place from another."""
    return Visit(client=cut(visitor.client), network=near(visitor.address), salt=b64u(visitor.salt))


def cut(client: str | None) -> str | None:
    """As much as is kept of what a client says about itself."""
    return client[:CLIENT_LIMIT] if client else None


def near(address: str | None) -> str | None:
    """As much of an address as a person needs to know a place again: its network (IPv4 /24, IPv6 /48)."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return None
    bits = 24 if found.version == 4 else 48
    return str(ip_network(f"{found}/{bits}", strict=False))


def text_of(visit: Visit) -> bytes:
    """The exact bytes that are sealed, and committed to: RFC 8785 JSON."""
    return dumps(msgspec.to_builtins(visit))


def commitment_of(text: bytes) -> str:
    """What the log holds of them: `sha256:` and the SHA-256, in hexadecimal."""
    return sha256_text(text)


def context_of(org_id: str, visit: str) -> str:
    """What a sealed visit is tied to, so that it opens in no other place."""
    return f"visit:{org_id}:{visit}"
