"""How an OpenLeash agent joins, over HTTP: by its invitation, or by a challenge; and what an invitation's link says."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from approvals_hub.agents.agent import WINDOW
from approvals_hub.agents.openleash_names import Webhook
from approvals_hub.api.call import Call
from approvals_hub.api.fields import Form, Id, Token
from approvals_hub.core.clock import SECOND, to_text
from approvals_hub.core.discreet import Discreet
from approvals_hub.hub import Hub, JoinedOpenLeash, challenge_text

Key = Annotated[str, Meta(min_length=1, max_length=200)]
"""base64 of a SubjectPublicKeyInfo (RFC 8410)."""
Text = Annotated[str, Meta(max_length=2_000)]

REGISTER = "/v1/agents/register-with-invite"


class InviteQuery(Discreet, Form, frozen=True):
    """The two parts of an invitation's link."""

    not_printed = ("invite_token",)

    invite_id: Id
    invite_token: Token


class InvitedKey(Discreet, Form, frozen=True):
    """An invitation's two parts, the name that the agent goes by, and its key.

    The webhook is kept, sealed, and called once a member lists its host for this agent.
    """

    not_printed = ("invite_token", "webhook_url", "webhook_secret", "webhook_auth_token")

    invite_id: Id
    invite_token: Token
    agent_id: Text
    agent_pubkey_b64: Key
    webhook_url: Text | None = None
    webhook_secret: Text | None = None
    webhook_auth_token: Text | None = None
    agent_attributes_json: dict[str, Any] | None = None


class ChallengeAsked(Form, frozen=True):
    """A name and a key that mean to join."""

    agent_id: Text
    agent_pubkey_b64: Key
    owner_type: Text | None = None
    owner_id: Text | None = None
    agent_attributes_json: dict[str, Any] | None = None


class OpenLeashChallenge(msgspec.Struct, frozen=True):
    """The bytes of `challenge_b64`, decoded, are what the key signs."""

    challenge_id: str
    challenge_b64: str
    expires_at: str


class SignedChallenge(Discreet, Form, frozen=True):
    """A challenge, signed by a key that a member who answers for `owner_id` has invited."""

    not_printed = ("webhook_url", "webhook_secret", "webhook_auth_token")

    challenge_id: Annotated[str, Meta(max_length=200)]
    agent_id: Text
    agent_pubkey_b64: Key
    signature_b64: Annotated[str, Meta(max_length=200)]
    owner_type: Text
    owner_id: Text
    webhook_url: Text | None = None
    webhook_secret: Text | None = None
    webhook_auth_token: Text | None = None
    agent_attributes_json: dict[str, Any] | None = None


class OpenLeashAgent(msgspec.Struct, frozen=True, kw_only=True):
    """Who the agent is now, and how it talks to this hub. `owner_id` is what its actions name as their subject.

    `webhook` is `kept`: it is called once a member lists its host for the agent; `called`: its host is on the list;
    or `not_kept`, as nothing could ever be called there. `key_id` is for signing as the hub's own agents do.
    """

    agent_principal_id: str
    agent_id: str
    owner_type: str
    owner_id: str
    org_id: str
    key_id: str
    status: str
    created_at: str
    webhook: str
    openleash_url: str
    auth: dict[str, Any]
    endpoints: dict[str, str]
    api_reference: dict[str, str]
    sdks: dict[str, str]


async def instructions(call: Call[InviteQuery]) -> dict[str, Any]:
    """What to do with an invitation's link; says nothing of whether it is still good."""
    url = call.hub.public_url
    return {
        "openleash_url": url,
        "steps": [
            "Make an Ed25519 key pair. Keep the private half; nobody else ever needs it.",
            f"POST {url}{REGISTER} once with invite_id and invite_token, both from this link.",
            "With them send agent_id, a name of your choice, and agent_pubkey_b64, base64 of the key's DER SPKI.",
            "webhook_url, webhook_secret and webhook_auth_token are kept; you are called once a member lists the host.",
            "Keep agent_id and owner_id of the answer. Sign every request as `auth` says.",
            "Before any risky action POST it to /v1/authorize. Act only where `result` is ALLOW.",
            "REQUIRE_APPROVAL, REQUIRE_STEP_UP: POST decision_id and the same action to /v1/agent/approval-requests.",
            "Read that request until its status is not PENDING; a few seconds between two reads are enough.",
            "APPROVED: authorize again, the same action with its approval_token in it, within a minute.",
            "DENY, DENIED or EXPIRED: do not act, and do not look for a way around.",
        ],
        "action": {
            "action_id": "a UUID, new for each action",
            "action_type": "lower-case words joined by dots, like purchase or email.send",
            "requested_at": "now, RFC 3339",
            "principal": {"agent_id": "your agent_id"},
            "subject": {"principal_id": "the owner_id that registering told you"},
            "relying_party": {"domain": "who it is with", "trust_profile": "LOW, MEDIUM, HIGH or REGULATED"},
            "payload": "everything that matters about it, whole: people decide on what stands here",
        },
        **_ways(call.hub),
    }


async def by_invite(call: Call[InvitedKey]) -> OpenLeashAgent:
    """Join with an invitation."""
    form = call.asked
    joined = await call.hub.join_openleash.by_invite(
        form.invite_id, form.invite_token, form.agent_id, form.agent_pubkey_b64, _webhook(form)
    )
    return _agent(call.hub, joined)


async def challenge(call: Call[ChallengeAsked]) -> OpenLeashChallenge:
    """Something for a key to sign that means to join."""
    made = call.hub.join_openleash.challenge(call.asked.agent_id, call.asked.agent_pubkey_b64)
    return OpenLeashChallenge(made.challenge_id, challenge_text(made), to_text(made.expires_at))


async def by_challenge(call: Call[SignedChallenge]) -> OpenLeashAgent:
    """Join with a signed challenge, where a member has invited this very key."""
    form = call.asked
    joined = await call.hub.join_openleash.by_challenge(
        form.challenge_id,
        form.agent_id,
        form.agent_pubkey_b64,
        form.signature_b64,
        form.owner_type,
        form.owner_id,
        _webhook(form),
    )
    return _agent(call.hub, joined)


def _webhook(form: InvitedKey | SignedChallenge) -> Webhook | None:
    if not form.webhook_url:
        return None
    return Webhook(form.webhook_url, form.webhook_secret or "", form.webhook_auth_token or None)


def _agent(hub: Hub, joined: JoinedOpenLeash) -> OpenLeashAgent:
    return OpenLeashAgent(
        agent_principal_id=joined.agent_id,
        agent_id=joined.handle,
        owner_type="user",
        owner_id=joined.owner_id,
        org_id=joined.org_id,
        key_id=joined.key_id,
        status="ACTIVE",
        created_at=to_text(joined.created_at),
        webhook=joined.webhook,
        openleash_url=hub.public_url,
        **_ways(hub),
    )


def _ways(hub: Hub) -> dict[str, Any]:
    url = hub.public_url
    return {
        "auth": {
            "headers": ["X-Agent-Id", "X-Timestamp", "X-Nonce", "X-Body-Sha256", "X-Signature"],
            "signed": "METHOD, path with its query, X-Timestamp, X-Nonce and X-Body-Sha256, joined by LF",
            "signature": "Ed25519, base64",
            "window_seconds": WINDOW // SECOND,
        },
        "endpoints": {
            "authorize": f"{url}/v1/authorize",
            "agent_self": f"{url}/v1/agent/self",
            "approval_requests": f"{url}/v1/agent/approval-requests",
            "policy_drafts": f"{url}/v1/agent/policy-drafts",
            "public_keys": f"{url}/v1/public-keys",
            "verify_proof": f"{url}/v1/verify-proof",
        },
        "api_reference": {"openapi": f"{url}/openapi.json"},
        "sdks": {"python": "pip install openleash-sdk", "typescript": "npm install @openleash/sdk-ts"},
    }
