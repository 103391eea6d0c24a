"""Policies that OpenLeash agents propose, as their clients send and read them, over the hub's own drafts."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from approvals_hub.agents.agent import known_as
from approvals_hub.api.call import Call
from approvals_hub.api.fields import Form, at
from approvals_hub.api.limits import LONGEST_PAGE
from approvals_hub.api.policy_drafts import Yaml
from approvals_hub.core.clock import to_text
from approvals_hub.core.errors import Forbidden
from approvals_hub.hub import PolicyDraft
from approvals_hub.policies import draft as drafts
from approvals_hub.policies.draft import WHY_LIMIT

Words = Annotated[str, Meta(max_length=4_000)]
CUT: Final = "…"

_STATUSES: Final = {drafts.DRAFT: "PENDING", drafts.OPEN: "PENDING", drafts.IN_FORCE: "APPROVED"}
DENIED: Final = "DENIED"
_STATES: Final = {"PENDING": drafts.OPEN, "APPROVED": drafts.IN_FORCE, DENIED: None}
"""The one state that is asked for; of those that mean `DENIED` there are several."""


class OpenLeashNewDraft(Form, frozen=True):
    """A whole policy for the agent itself; one for all agents of its owner is refused. `name`, `description` and
    `justification` are shown to people, marked as not verified, together at most 280 characters of them."""

    policy_yaml: Yaml
    applies_to_agent_principal_id: Annotated[str, Meta(max_length=128)] | UnsetType | None = UNSET
    name: Words | None = None
    description: Words | None = None
    justification: Words | None = None


class OpenLeashDrafts(Form, frozen=True):
    """Which of them."""

    status: Literal["PENDING", "APPROVED", "DENIED"] | None = None


class OpenLeashDraft(msgspec.Struct, frozen=True, kw_only=True):
    """One draft. `DENIED`: it is not in force and never will be; `state` and `denial_reason` say why.

    `resulting_policy_id` is the policy's name, by which the hub's own operations find it.
    """

    policy_draft_id: str
    status: str
    state: str
    applies_to_agent_principal_id: str | None
    created_at: str
    resolved_at: str | None
    denial_reason: str | None
    resulting_policy_id: str | None
    escalation_id: str | None
    justification: str | None = None
    policy_yaml: str | None = None


class OpenLeashDraftsView(msgspec.Struct, frozen=True):
    """The newest 200 of an agent's drafts, without their texts."""

    policy_drafts: list[OpenLeashDraft]


async def propose(call: Call[OpenLeashNewDraft]) -> OpenLeashDraft:
    """Propose a policy; people are asked, and nothing is in force before they have approved."""
    form, agent = call.asked, call.agent
    holds_for = form.applies_to_agent_principal_id
    if holds_for is not UNSET and holds_for not in (agent.agent_id, known_as(agent)):
        raise Forbidden(
            "draft_reaches_others",
            "an agent proposes policies for itself, and this one holds for others",
            next_step="Leave applies_to_agent_principal_id out; an owner or admin publishes what holds for more.",
            field="$.applies_to_agent_principal_id",
        )
    made = await call.hub.drafts.draft(
        agent, form.policy_yaml, name=name_of(agent.agent_id, form.policy_yaml), why=why_of(form)
    )
    return _view(made)


async def listed(call: Call[OpenLeashDrafts]) -> OpenLeashDraftsView:
    """The agent's own drafts."""
    status = call.asked.status
    found = await call.hub.drafts.read.of_agent(
        call.agent, state=None if status is None else _STATES[status], limit=LONGEST_PAGE
    )
    views = [_view(each) for each in found[:LONGEST_PAGE]]
    return OpenLeashDraftsView([each for each in views if status in (None, each.status)])


async def read(call: Call[None]) -> OpenLeashDraft:
    """One of the agent's own drafts: what became of it."""
    found, why = await call.hub.drafts.read.one_of_agent(call.agent, call.part("id"))
    return msgspec.structs.replace(_view(found), justification=why, policy_yaml=found.body)


def name_of(agent_id: str, text: str) -> str:
    """The name of the policy that a draft becomes: each text is a policy of its own beside those before it, as
    OpenLeash has it, and the same text again is the same."""
    return f"{agent_id.lower()}-{sha256(text.encode()).hexdigest()[:12]}"


def why_of(form: OpenLeashNewDraft) -> str | None:
    """What people are shown of the agent's words."""
    said = [each.strip() for each in (form.name, form.description, form.justification) if each and each.strip()]
    text = " ".join(said)
    if len(text) > WHY_LIMIT:
        text = text[: WHY_LIMIT - len(CUT)] + CUT
    return text or None


def _view(draft: PolicyDraft) -> OpenLeashDraft:
    status = _STATUSES.get(draft.state, DENIED)
    return OpenLeashDraft(
        policy_draft_id=draft.id,
        status=status,
        state=draft.state,
        applies_to_agent_principal_id=draft.bound_to,
        created_at=to_text(draft.created_at),
        resolved_at=at(draft.ended_at),
        denial_reason=draft.cause or draft.state if status == DENIED else None,
        resulting_policy_id=draft.name if draft.state == drafts.IN_FORCE else None,
        escalation_id=draft.escalation_id,
    )
