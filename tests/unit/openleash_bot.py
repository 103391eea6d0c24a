"""An agent that speaks OpenLeash, in a hub under test. It signs by itself: no code of the hub or of the client."""

from __future__ import annotations

import os
import uuid
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from approvals_hub.agents.agent import AgentCredential, SignedRequest
from approvals_hub.agents.openleash_names import ForOpenLeash
from approvals_hub.core.clock import to_text
from approvals_hub_client.canonical import dumps
from approvals_hub_client.keys import Ed25519SigningKey
from tests.unit.api.web_client import Reply, Web
from tests.unit.hub_fixture import StaffedHub

DER = bytes.fromhex("302a300506032b6570032100")


def public(key: Ed25519SigningKey) -> str:
    """A key as OpenLeash writes it."""
    return b64encode(DER + key.public.raw).decode()


@dataclass
class OpenLeashBot:
    """Who it is, and what it sends."""

    house: StaffedHub
    name: str
    agent_id: str
    key_id: str
    owner_id: str
    key: Ed25519SigningKey = field(default_factory=Ed25519SigningKey)

    def credential(self) -> AgentCredential:
        """What a verified request of this agent brings."""
        return SignedRequest(
            self.key_id, self.agent_id, self.house.org_id, os.urandom(8).hex(), self.house.time.now, known_as=self.name
        )

    def action(self, **changes: Any) -> dict[str, Any]:
        """An action of this agent, different each time."""
        return {
            "action_id": str(uuid.uuid4()),
            "action_type": "purchase",
            "requested_at": to_text(self.house.time.now),
            "principal": {"agent_id": self.name},
            "subject": {"principal_id": self.owner_id},
            "relying_party": {"domain": "shop.example"},
            "payload": {"amount_minor": 4200, "currency": "USD"},
            **changes,
        }

    def headers(
        self, method: str, path: str, raw: bytes = b"", *, ago: int = 0, nonce: str | None = None, hashed: bytes = b"{}"
    ) -> dict[str, str]:
        """The five headers; `ago` in milliseconds, `hashed` is what is hashed where there is no body."""
        at, nonce = to_text(self.house.time.now - ago), nonce or str(uuid.uuid4())
        digest = sha256(raw or hashed).hexdigest()
        signature = self.key.sign("\n".join((method, path, at, nonce, digest)).encode())
        return {
            "X-Agent-Id": self.name,
            "X-Timestamp": at,
            "X-Nonce": nonce,
            "X-Body-Sha256": digest,
            "X-Signature": b64encode(signature).decode(),
        }

    async def call(self, api: Web, method: str, path: str, body: Any = None, **how: Any) -> Reply:
        """A request of this agent."""
        raw = b"" if body is None else dumps(body)
        sent = {} if body is None else {"Content-Type": "application/json"}
        return await api.send(method, path, raw, sent | self.headers(method, path, raw, **how))

    async def approved(self, api: Web, action: dict[str, Any]) -> str:
        """Ask people about an action, be approved by the owner, and collect the token."""
        decision = await self.call(api, "POST", "/v1/authorize", action)
        body = {"decision_id": decision.json["decision_id"], "action": action}
        name = (await self.call(api, "POST", "/v1/agent/approval-requests", body)).json["approval_request_id"]
        await self.house.owner.answer(name)
        read = await self.call(api, "GET", f"/v1/agent/approval-requests/{name}")
        return str(read.json["approval_token"])


async def openleash_bot(house: StaffedHub, name: str = "shopper", **expecting: str) -> OpenLeashBot:
    """An agent that joined with an invitation."""
    key = Ed25519SigningKey()
    invited = await house.hub.invite_agent(
        house.operator, house.org_id, name="Shopper", openleash=ForOpenLeash(**expecting)
    )
    joined = await house.hub.join_openleash.by_invite(invited.invite_id, invited.token, name, public(key))
    return OpenLeashBot(house, name, joined.agent_id, joined.key_id, joined.owner_id, key)
