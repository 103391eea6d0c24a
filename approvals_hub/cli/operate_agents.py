"""Commands that let agents in, carried out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal

from approvals_hub.cli.arguments import Answer, Arguments, NewAgent
from approvals_hub.cli.tenant import the_org
from approvals_hub.core.clock import SECOND, to_text
from approvals_hub.hub import ForOpenLeash, Hub
from approvals_hub.people.acting import OperatorCredential


class InvitedAgent(NewAgent, frozen=True):
    """An invitation; with `openleash` for an agent that speaks it."""

    openleash: dict[Literal["agent_id", "public_key", "owner_id"], str] | None = None


async def invite_agent(hub: Hub, given: InvitedAgent) -> Answer:
    """A one-time invite for an agent that makes its own key."""
    org_id = await the_org(hub, given.org)
    openleash = None if given.openleash is None else ForOpenLeash(**given.openleash)
    invited = await hub.invite_agent(
        OperatorCredential(org_id),
        org_id,
        name=given.name,
        role=given.role,
        owner_id=given.owner,
        life=given.expires_in * SECOND,
        openleash=openleash,
    )
    link = {} if openleash is None else {"openleash_url": invited.openleash_link(hub.public_url)}
    return {
        **link,
        "invite_id": invited.invite_id,
        "invite": invited.token,
        "expires_at": to_text(invited.expires_at),
        "hub": hub.public_url,
    }


async def agent_with_api_key(hub: Hub, given: NewAgent) -> Answer:
    """An agent of the lower-trust profile, and its secret, shown this once."""
    org_id = await the_org(hub, given.org)
    made = await hub.invite_agent.with_api_key(
        OperatorCredential(org_id), org_id, name=given.name, role=given.role, owner_id=given.owner
    )
    return {
        "agent_id": made.agent_id,
        "key_id": made.key_id,
        "api_key": made.api_key,
        "org_id": org_id,
        "hub": hub.public_url,
    }


AGENTS: dict[str, tuple[type[Arguments], Callable[[Hub, Any], Awaitable[Answer]]]] = {
    "agents.invite": (InvitedAgent, invite_agent),
    "agents.api_key": (NewAgent, agent_with_api_key),
}
