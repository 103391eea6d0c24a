"""An agent that runs the published OpenLeash client, unmodified."""

from __future__ import annotations

import uuid
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import openleash
from cryptography.hazmat.primitives.serialization import load_der_private_key

from approvals_hub.agents.openleash_names import ForOpenLeash
from tests.flows.world import Given, World

WEBHOOK = {
    "webhook_url": "https://agent.example/hook",
    "webhook_secret": "its-secret-of-a-webhook",
    "webhook_auth_token": "its-token-of-a-webhook",
}


@dataclass
class OpenLeashAgent:
    """Who it is, as registering told it."""

    world: World
    agent_id: str
    private_key: str
    registered: dict[str, Any]

    @property
    def _me(self) -> dict[str, str]:
        return {"openleash_url": self.world.base_url, "agent_id": self.agent_id, "private_key_b64": self.private_key}

    @property
    def seed(self) -> bytes:
        """The private half, 32 bytes."""
        return b64decode(self.private_key)[-32:]

    def action(self, action_type: str = "purchase", /, **payload: Any) -> dict[str, Any]:
        """A new action of this agent for its owner."""
        return {
            "action_id": str(uuid.uuid4()),
            "action_type": action_type,
            "requested_at": datetime.now(UTC).isoformat(),
            "principal": {"agent_id": self.agent_id},
            "subject": {"principal_id": self.registered["owner_id"]},
            "relying_party": {"domain": "shop.example", "trust_profile": "LOW"},
            "payload": payload or {"amount_minor": 4200, "currency": "USD", "merchant_domain": "shop.example"},
        }

    async def authorize(self, action: dict[str, Any]) -> dict[str, Any]:
        return await openleash.authorize(**self._me, action=action)

    async def ask(self, decision: dict[str, Any], action: dict[str, Any], **more: Any) -> dict[str, Any]:
        return await openleash.create_approval_request(
            **self._me, decision_id=decision["decision_id"], action=action, **more
        )

    async def read(self, request: dict[str, Any]) -> dict[str, Any]:
        return await openleash.get_approval_request(**self._me, approval_request_id=request["approval_request_id"])

    async def poll(self, request: dict[str, Any]) -> dict[str, Any]:
        return await openleash.poll_approval_request(
            **self._me, approval_request_id=request["approval_request_id"], interval_seconds=0.01
        )

    async def itself(self) -> dict[str, Any]:
        return await openleash.get_agent_self(**self._me)

    async def draft(self, policy_yaml: str, **more: Any) -> dict[str, Any]:
        return await openleash.create_policy_draft(**self._me, policy_yaml=policy_yaml, **more)

    async def read_draft(self, draft: dict[str, Any]) -> dict[str, Any]:
        return await openleash.get_policy_draft(**self._me, policy_draft_id=draft["policy_draft_id"])

    async def drafts(self, status: str | None = None) -> list[dict[str, Any]]:
        return list((await openleash.list_policy_drafts(**self._me, status=status))["policy_drafts"])

    def signed(
        self, method: str, path: str, body: bytes = b"", /, *, ago: float = 0, nonce: str | None = None, **instead: str
    ) -> dict[str, str]:
        """The headers of a request, as the client makes them; `instead` replaces some, `ago` is in seconds."""
        at = datetime.fromtimestamp(datetime.now(UTC).timestamp() - ago, UTC)
        headers = openleash.sign_request(
            method=method,
            path=path,
            timestamp=at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
            nonce=nonce or str(uuid.uuid4()),
            body_bytes=body or b"{}",
            private_key_b64=self.private_key,
        )
        named = {"X-Agent-Id": self.agent_id, "Content-Type": "application/json", **headers}
        return named | {name.replace("_", "-"): value for name, value in instead.items()}

    async def send(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Given:
        return await self.world.send(method, path, raw=body, headers=headers)


async def joined(world: World, agent_id: str = "shopper", *, owner_id: str | None = None) -> OpenLeashAgent:
    """An agent that has redeemed its invitation's link."""
    invited = await world.hub.invite_agent(
        world.operator, world.org_id, name="Shopper", owner_id=owner_id, openleash=ForOpenLeash()
    )
    made = await openleash.redeem_agent_invite(
        invite_url=invited.openleash_link(world.base_url), agent_id=agent_id, **WEBHOOK
    )
    return OpenLeashAgent(world, agent_id, made["private_key_b64"], made)


def sign_challenge(private_key: str, challenge: dict[str, str]) -> str:
    """What an agent's own code does: the client leaves this to it."""
    key = load_der_private_key(b64decode(private_key), password=None)
    return b64encode(key.sign(b64decode(challenge["challenge_b64"]))).decode()  # type: ignore[union-attr, call-arg]
