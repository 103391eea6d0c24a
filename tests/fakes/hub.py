"""A small hub that speaks the real protocol to agents: checks signatures, keeps idempotency, signs real tokens.

What people would answer, and which faults the network has, is set by the test.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from time import time_ns
from typing import Any

from approvals_hub_client import paseto
from approvals_hub_client.canonical import dumps
from approvals_hub_client.keys import Ed25519Key, Ed25519SigningKey
from approvals_hub_client.times import to_text

ISSUER = "https://issuer.example.com"


def present() -> int:
    """Milliseconds since 1970."""
    return time_ns() // 1_000_000


@dataclass
class FakeHub:
    """State and faults. `url` is set while it is served."""

    url: str = ""
    key: Ed25519SigningKey = field(default_factory=Ed25519SigningKey)
    agents: dict[str, Ed25519Key] = field(default_factory=dict)
    views: dict[str, dict[str, Any]] = field(default_factory=dict)
    actions: dict[str, dict[str, Any]] = field(default_factory=dict)
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    redeemed: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    reports: list[dict[str, Any]] = field(default_factory=list)
    invites: set[str] = field(default_factory=lambda: {"inv_good"})
    nonces: set[str] = field(default_factory=set)
    calls: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    drop_before: int = 0
    """So many requests find their connection closed before anything happens."""
    drop_after: int = 0
    """So many requests take effect, and their answer is lost."""
    busy: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """Status and headers that the next requests are answered with instead."""
    alter: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    """What an attacker on the way makes of every answer."""
    token_life: int = 60_000
    compromised: str | None = None
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def kid(self) -> str:
        return paseto.key_id(self.key.public)

    def enrol(self, key: Ed25519SigningKey, key_id: str = "key_1") -> None:
        self.agents[key_id] = key.public

    async def end(self, escalation_id: str, status: str, **members: Any) -> None:
        """What people, time or an admin decide."""
        async with self.changed:
            view = self.views[escalation_id]
            view |= {"status": status, "outcome": status, "version": view["version"] + 1, "jti": f"jti_{escalation_id}"}
            view |= {"token_state": "ready" if status == "approved" else None} | members
            self.changed.notify_all()

    async def called(self, method: str, path: str, times: int = 1) -> None:
        """Wait until a call has come in so many times."""
        async with asyncio.timeout(20), self.changed:
            await self.changed.wait_for(lambda: self.calls.count((method, path)) >= times)

    async def answer_all(self, status: str, **members: Any) -> None:
        """Wait for the next question, then end it."""
        async with self.changed:
            await self.changed.wait_for(lambda: any(view["status"] == "open" for view in self.views.values()))
        for escalation_id, view in list(self.views.items()):
            if view["status"] == "open":
                await self.end(escalation_id, status, **members)

    def told(self, escalation_id: str) -> dict[str, Any]:
        view = {**self.views[escalation_id], "now": to_text(present())}
        view["approval_token"] = self.token(view) if view.get("token_state") == "ready" else None
        return view

    def token(self, view: dict[str, Any], **changes: Any) -> str:
        claims = {
            "iss": ISSUER,
            "sub": view["agent_id"],
            "aud": view["audience"],
            "iat": to_text(present()),
            "nbf": to_text(present()),
            "exp": to_text(present() + self.token_life),
            "jti": view["jti"],
            "kid": self.kid,
            "purpose": "approval",
            "escalation_id": view["escalation_id"],
            "action_hash": view["action_hash"],
        }
        return paseto.sign(self.key, self.kid, dumps({**claims, **changes}), implicit=paseto.APPROVAL)

    def proof(self, view: dict[str, Any]) -> str:
        claims = {
            "iss": ISSUER,
            "aud": view["audience"],
            "iat": to_text(present()),
            "exp": to_text(present() + 300_000),
            "kid": self.kid,
            "decision": "ALLOW",
            "action_hash": view["action_hash"],
        }
        return paseto.sign(self.key, self.kid, dumps(claims), implicit=paseto.PROOF)
