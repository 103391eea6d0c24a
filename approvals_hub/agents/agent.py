"""Agents as nouns: how one proves itself, and whether it may act now."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec

from approvals_hub.core.clock import SECOND
from approvals_hub.core.errors import Forbidden, HubError, Unauthenticated
from approvals_hub.core.row import Row

SIGNED = "signed"
"""How an agent proved itself: RFC 9421 signatures of this hub's profile."""
OPENLEASH = "openleash"
"""How an agent proved itself: the headers of OpenLeash, whose signature covers neither the host nor other headers."""
API_KEY = "api_key"

MONITOR = "monitor"
"""The role of those that set signals and ask for nothing, so that no agent says itself when it may have something."""

ACTIVE = "active"
PAUSED = "paused"
REVOKED = "revoked"

WINDOW = 120 * SECOND
"""How far `created` may lie from the hub's clock, in milliseconds, either way."""
NONCE_LIFE = 300 * SECOND
"""How long a nonce is remembered: longer than any request with it can be valid, in milliseconds."""


class SignedRequest(msgspec.Struct, frozen=True):
    """A request whose signature was verified; its nonce is spent in the unit of work that it causes."""

    key_id: str
    agent_id: str
    org_id: str
    nonce: str
    created: int
    """Milliseconds."""
    known_as: str | None = None
    """The name that an OpenLeash agent goes by; None for a signature of this hub's own profile."""

    @property
    def trust(self) -> str:
        """How the agent proved itself."""
        return SIGNED if self.known_as is None else OPENLEASH


@dataclass(frozen=True, slots=True)
class ApiKey:
    """The lower-trust profile: a bearer secret, known by its hash."""

    secret_hash: bytes
    agent_id: str
    org_id: str


AgentCredential = SignedRequest | ApiKey


def known_as(credential: AgentCredential) -> str | None:
    """The name that an OpenLeash agent goes by; None for every other one."""
    return credential.known_as if isinstance(credential, SignedRequest) else None


class Agent(msgspec.Struct, frozen=True):
    """An agent that proved itself, as it stands in this unit of work."""

    agent_id: str
    org_id: str
    org_name: str
    name: str
    owner_id: str
    role: str
    trust: str
    """`signed`, `openleash` or `api_key`; marked on every record."""
    thumbprint: str | None
    """RFC 7638 thumbprint of the key, for `cnf`; None for an API key."""
    requirement: str
    policies_version: int
    """Grows with each change of its organisation's policies; 0 where there never was one."""
    stopped_at: int | None
    state: str
    limits: str | None = None
    """How much the organisation's agents may ask, as it is stored; None for the defaults."""
    known_owner: str | None = None
    """How an OpenLeash agent names its owner, as its former hub did."""

    @property
    def signature_valid(self) -> bool | None:
        """What an event says of the signature of its request: None where there was none."""
        return None if self.trust == API_KEY else True


def api_key_hash(secret: str) -> bytes:
    """What is stored of an API key: SHA-256; the secret has 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()


def judge(row: Row | None, trust: str, now: int, *, paused_may: bool, monitor_may: bool = False) -> Agent | HubError:
    """The agent of a stored row, or why it may not act. A returned refusal can be recorded. `monitor_may`: this is
    something that a monitor does too."""
    if row is None:
        return Unauthenticated("agent_unknown", "no agent has this key", next_step="Register with an invitation.")
    if row["state"] == REVOKED:
        return Unauthenticated("agent_revoked", "this agent was revoked", next_step="Ask for a new invitation.")
    if row["valid_until"] is not None and now >= row["valid_until"]:
        return Unauthenticated("key_expired", "this key is no longer valid", next_step="Sign with the agent's new key.")
    if row["state"] == PAUSED and not paused_may:
        return Forbidden(
            "agent_paused", "this agent is paused", next_step="An owner or admin of the organisation resumes it."
        )
    if row["role"] == MONITOR and not monitor_may:
        return Forbidden(
            "monitors_only_set_signals",
            "a monitor sets and clears the signals that name it, and may do nothing else",
            next_step="Invite an agent of another role for what asks.",
        )
    return Agent(
        agent_id=row["agent_id"],
        org_id=row["org_id"],
        org_name=row["org_name"],
        name=row["name"],
        owner_id=row["owner_id"],
        role=row["role"],
        trust=trust,
        thumbprint=None if trust == API_KEY else row["thumbprint"],
        requirement=row["requirement"],
        policies_version=row["policies_version"],
        stopped_at=row["stopped_at"],
        state=row["state"],
        limits=row["limits"],
        known_owner=row["known_owner"],
    )
