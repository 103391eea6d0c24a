"""Agents over HTTP: they register, look at themselves and change keys."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from approvals_hub.agents.agent import API_KEY, SignedRequest
from approvals_hub.api.call import Call
from approvals_hub.api.fields import Base64, Form, Line, Token, at
from approvals_hub.api.public import discovery
from approvals_hub.core.clock import to_text
from approvals_hub.core.discreet import Discreet
from approvals_hub.hub import AgentRecord


class Registration(Discreet, Form, frozen=True):
    """An invitation, a new public key, and the key's signature over both. The invitation's name counts, not `name`."""

    not_printed = ("invite",)

    invite: Token
    public_key: Base64
    proof: Base64
    name: Line | None = None


class RegisteredView(msgspec.Struct, frozen=True):
    """Who the agent is now, and how it talks to this hub."""

    agent_id: str
    key_id: str
    org_id: str
    name: str
    role: str
    audience: str
    hub: dict[str, Any]


class NewKey(Form, frozen=True):
    """A further key with its own proof; the ones before stay good for `overlap_seconds`."""

    public_key: Base64
    proof: Base64
    overlap_seconds: Annotated[int, Meta(ge=0, le=86_400)] = 3600


class RotatedView(msgspec.Struct, frozen=True):
    """The new key; until when the ones before it still sign."""

    key_id: str
    previous_until: str


class AgentKeyView(msgspec.Struct, frozen=True):
    """One key of an agent."""

    key_id: str
    kind: str
    created_at: str
    valid_until: str | None


class AgentView(msgspec.Struct, frozen=True, kw_only=True):
    """An agent as the hub keeps it."""

    agent_id: str
    org_id: str
    name: str
    role: str
    owner_id: str
    state: str
    cause: str | None
    created_at: str
    last_seen_at: str | None
    keys: list[AgentKeyView]
    barred_approvers: int | None
    """How often an approver of its questions typed three wrong numbers; null for the agent itself."""
    known_as: str | None = None
    """The name that an OpenLeash agent goes by."""
    trust: str | None = None
    """How the calling agent proved itself: `signed`, `openleash` or `api_key`."""


async def register(call: Call[Registration]) -> RegisteredView:
    """Join with an invitation and a key that was made by the agent itself."""
    form = call.asked
    agent = await call.hub.register_agent(form.invite, form.public_key, form.proof)
    return RegisteredView(
        agent_id=agent.agent_id,
        key_id=agent.key_id,
        org_id=agent.org_id,
        name=agent.name,
        role=agent.role,
        audience=call.hub.public_url,
        hub=discovery(call.hub),
    )


async def itself(call: Call[None]) -> AgentView:
    """The calling agent."""
    trust = call.agent.trust if isinstance(call.agent, SignedRequest) else API_KEY
    return agent_view(await call.hub.read_agents.itself(call.agent), trust)


async def rotate(call: Call[NewKey]) -> RotatedView:
    """Bring in a new key."""
    form = call.asked
    rotated = await call.hub.register_agent.rotate(call.agent, form.public_key, form.proof, form.overlap_seconds)
    return RotatedView(rotated.key_id, to_text(rotated.previous_until))


def agent_view(agent: AgentRecord, trust: str | None = None) -> AgentView:
    """An agent for the wire."""
    return AgentView(
        agent_id=agent.agent_id,
        org_id=agent.org_id,
        name=agent.name,
        role=agent.role,
        owner_id=agent.owner_id,
        state=agent.state,
        cause=agent.cause,
        created_at=to_text(agent.created_at),
        last_seen_at=at(agent.last_seen_at),
        barred_approvers=agent.barred_approvers,
        keys=[AgentKeyView(key.key_id, key.kind, to_text(key.created_at), at(key.valid_until)) for key in agent.keys],
        known_as=agent.known_as,
        trust=trust,
    )
