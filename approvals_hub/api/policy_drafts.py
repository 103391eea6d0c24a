"""Drafts of policies over HTTP: agents propose them, people who may publish see them and take them back."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from approvals_hub.api.call import Answer, Call
from approvals_hub.api.fields import Form, Id, Items, PageQuery, at, page
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.core.clock import to_text
from approvals_hub.hub import PolicyDraft
from approvals_hub.policies.draft import TEXT_LIMIT, WHY_LIMIT

Yaml = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_LIMIT)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=63)]
Version = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
Why = Annotated[str, msgspec.Meta(min_length=1, max_length=WHY_LIMIT)]
State = Literal["draft", "open", "in_force", "refused", "withdrawn", "stale"]


class NewDraft(Form, frozen=True):
    """A whole text, for the agent itself or for one of its teams.

    `name`: of the policy; by default the agent's id. `version`: the one that it was drafted against, 0 for a new
    policy; the one that stands unless said. `why` is shown to people, marked as not verified.
    """

    yaml: Yaml
    name: Name | None = None
    team: Name | None = None
    rank: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] | None = None
    version: Version | None = None
    why: Why | None = None


class DraftsQuery(PageQuery, frozen=True):
    """Which drafts, newest first."""

    state: State | None = None


class DraftBindingView(msgspec.Struct, frozen=True):
    """For which agents it would hold."""

    tier: str
    bound_to: Id | None
    rank: int


class ProposerView(msgspec.Struct, frozen=True):
    """Who proposed it: an agent, a person, or the operator. `name` is told to people, of members and agents."""

    type: str
    id: str
    name: str | None


class DraftView(msgspec.Struct, frozen=True, kw_only=True):
    """One draft: `change` is `publish`, `remove`, `label` (`name` is the agent's id, the text its labels), `group`
    (somebody joins it), `requirement` (the organisation asks less), `relying_party` (`name` is trusted more),
    `trusted_hub` (proofs of the issuer `name`, or of further keys, are taken) or `one_person` (publishing takes no
    second person any more).

    `escalation_id` is the question that people are asked. `version` is what it came into force as; `cause` says why it
    did not.
    """

    draft_id: str
    change: str
    state: str
    cause: str | None
    name: str | None
    policy_id: str | None
    replaces_version: int
    replaces_hash: str | None
    hash: str | None
    binding: DraftBindingView
    source: str | None
    proposed_by: ProposerView
    escalation_id: str | None
    version: int | None
    created_at: str
    ended_at: str | None


class WholeDraftView(DraftView, frozen=True, kw_only=True):
    """The same with its text and its proposer's words."""

    yaml: str | None
    why: str | None


class PublishingForm(Form, frozen=True):
    """Whether what one person does to policies counts only once another one has signed for it. Needs a fresh factor;
    not wanting it any more takes that other person too."""

    second_person: bool
    fresh: FreshForm | None = None


class PublishingView(msgspec.Struct, frozen=True):
    """What stands now."""

    second_person: bool


async def propose(call: Call[NewDraft]) -> DraftView:
    """Propose a policy; people are asked, and nothing is in force before they have approved."""
    asked = call.asked
    made = await call.hub.drafts.draft(
        call.agent,
        asked.yaml,
        name=asked.name,
        team=asked.team,
        rank=asked.rank,
        version=asked.version,
        why=asked.why,
    )
    return draft_view(made)


async def mine(call: Call[DraftsQuery]) -> Items[DraftView]:
    """The agent's own drafts, newest first, without their texts."""
    asked = call.asked
    found = await call.hub.drafts.read.of_agent(call.agent, state=asked.state, before=asked.cursor, limit=asked.limit)
    return page([draft_view(each) for each in found], asked.limit, _cursor)


async def my_one(call: Call[None]) -> WholeDraftView:
    """One of the agent's own drafts: what became of it."""
    return _whole(*await call.hub.drafts.read.one_of_agent(call.agent, call.part("id")))


async def take_back(call: Call[None]) -> DraftView:
    """Withdraw one's own draft; people are not asked any more."""
    return draft_view(await call.hub.drafts.end.by_agent(call.agent, call.part("id")))


async def listed(call: Call[DraftsQuery]) -> Items[DraftView]:
    """All drafts of the organisation, newest first, without their texts."""
    asked = call.asked
    found = await call.hub.drafts.read(call.person, state=asked.state, before=asked.cursor, limit=asked.limit)
    return page([draft_view(each) for each in found], asked.limit, _cursor)


async def one(call: Call[None]) -> WholeDraftView:
    """One draft with its text."""
    return _whole(*await call.hub.drafts.read.one(call.person, call.part("id")))


async def withdraw(call: Call[None]) -> DraftView:
    """Withdraw a draft, whoever proposed it."""
    return draft_view(await call.hub.drafts.end(call.person, call.part("id")))


async def publishing(call: Call[None]) -> PublishingView:
    """Whether publishing takes a second person."""
    return PublishingView(await call.hub.policies.keep.takes_second_person(call.person))


async def set_publishing(call: Call[PublishingForm]) -> PublishingView | Answer:
    """Say whether publishing takes a second person; 202 with the draft where that takes one itself."""
    asked = call.asked
    draft = await call.hub.policies.keep.want_second_person(
        call.person, wanted=asked.second_person, fresh=fresh_of(asked.fresh)
    )
    return PublishingView(asked.second_person) if draft is None else asked_first(draft)


def asked_first(draft: PolicyDraft) -> Answer:
    """People are asked before it counts."""
    return Answer(draft_view(draft), status=202)


def draft_view(draft: PolicyDraft) -> DraftView:
    """A draft on the wire, without its text."""
    return DraftView(**_members(draft))


def _whole(draft: PolicyDraft, why: str | None) -> WholeDraftView:
    return WholeDraftView(**_members(draft), yaml=draft.body, why=why)


def _members(draft: PolicyDraft) -> dict[str, Any]:
    return {
        "draft_id": draft.id,
        "change": draft.change,
        "state": draft.state,
        "cause": draft.cause,
        "name": draft.name or None,
        "policy_id": draft.policy_id,
        "replaces_version": draft.replaces,
        "replaces_hash": draft.replaces_hash,
        "hash": draft.hash,
        "binding": DraftBindingView(draft.tier, draft.bound_to, draft.rank),
        "source": draft.source,
        "proposed_by": ProposerView(draft.proposer_type, draft.proposed_by, draft.proposer),
        "escalation_id": draft.escalation_id,
        "version": draft.version,
        "created_at": to_text(draft.created_at),
        "ended_at": at(draft.ended_at),
    }


def _cursor(view: DraftView) -> str:
    return view.draft_id
