"""A change of a policy that waits for people's word: its states, and what may be proposed by whom. Pure.

| state | what it means |
|---|---|
| `draft` | kept; people are asked at once |
| `open` | people are asked |
| `in_force` | they said yes, and it was carried out |
| `refused` | they said no, did not answer in time, or it cannot be carried out; `cause` says which |
| `withdrawn` | whoever proposed it, or governs policies, took it back |
| `stale` | the policy that it was drafted against has changed meanwhile |
"""

from __future__ import annotations

from typing import Final

import msgspec

from approvals_hub.core.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge, TooMany
from approvals_hub.core.row import Row
from approvals_hub.policies.document import AGENT, GROUP
from approvals_hub.policies.kept import Binding

PUBLISH: Final = "publish"
REMOVE: Final = "remove"
LABEL: Final = "label"
"""Other labels of an agent: other policies hold for it then."""
ONE_PERSON: Final = "one_person"
"""From then on publishing takes no second person."""

DRAFT: Final = "draft"
OPEN: Final = "open"
IN_FORCE: Final = "in_force"
REFUSED: Final = "refused"
WITHDRAWN: Final = "withdrawn"
STALE: Final = "stale"
STATES: Final = (DRAFT, OPEN, IN_FORCE, REFUSED, WITHDRAWN, STALE)

BY_AGENT: Final = "agent"
TEXT_LIMIT: Final = 64 * 1024
"""Bytes of a text that an agent proposes."""
SHOWN_LIMIT: Final = 128 * 1024
"""Bytes of a text that people are asked about: all of it is on their card."""
WHY_LIMIT: Final = 280
"""Characters of the proposer's words."""
OF_AGENT: Final = 5
"""Drafts of one agent that people may have to answer at once."""
OF_ORG: Final = 50
"""Those of an organisation."""


class PolicyDraft(msgspec.Struct, frozen=True, kw_only=True):
    """One of them; times in milliseconds. Its proposer's words lie sealed beside it."""

    id: str
    org_id: str
    change: str
    state: str
    cause: str | None
    name: str
    policy_id: str | None
    replaces: int
    replaces_hash: str | None
    tier: str
    bound_to: str | None
    rank: int
    body: str | None
    hash: str | None
    source: str | None
    proposer_type: str
    proposed_by: str
    owner_id: str | None
    created_at: int
    escalation_id: str | None
    version: int | None
    ended_at: int | None
    ended_by: str | None
    proposer: str | None = None
    """What the proposer is called, where somebody reads it who may know; never stored."""

    @property
    def live(self) -> bool:
        """Whether it may still come into force, as far as the state says."""
        return self.state in (DRAFT, OPEN)

    @property
    def binding(self) -> Binding:
        """For whom it would hold."""
        return Binding(self.tier, self.bound_to, self.rank)

    def same_as(self, other: PolicyDraft) -> bool:
        """Whether both propose the very same about the very same version."""
        return _proposal(self) == _proposal(other)


STORED: Final = tuple(name for name in PolicyDraft.__struct_fields__ if name != "proposer")
COLUMNS: Final = ", ".join(STORED)


def draft_of(row: Row) -> PolicyDraft:
    """That of a stored row that has `COLUMNS`."""
    return PolicyDraft(**dict(row))


def refuse_text(text: str, limit: int) -> TooLarge | None:
    """Why a text is not asked about: nobody would read it on a card."""
    if len(text.encode("utf-8", "surrogatepass")) <= limit:
        return None
    return TooLarge(
        "policy_too_long",
        f"a text that people are asked about has at most {limit // 1024} KiB here",
        next_step="Split it into several policies.",
        field="$.yaml",
    )


def checked_why(why: str | None) -> str | None:
    """The same. Raises Invalid."""
    if why is None or 1 <= len(why) <= WHY_LIMIT:
        return why
    raise Invalid(
        "why_invalid",
        f"why has 1 to {WHY_LIMIT} characters",
        next_step="Say it shorter: people see the text itself, and what it changes.",
        field="$.why",
    )


def refuse_reach(binding: Binding, agent_id: str, teams: frozenset[str]) -> Forbidden | None:
    """An agent proposes for itself and for its teams, never for others."""
    own = binding.tier == AGENT and binding.bound_to == agent_id
    team = binding.tier == GROUP and binding.bound_to in teams
    if own or team:
        return None
    return Forbidden(
        "draft_reaches_others",
        "an agent proposes policies for itself and for its teams, and this one holds for others",
        next_step="Propose it for yourself, under a name of its own; an owner or admin publishes what holds for more.",
        field="$.team" if binding.tier == GROUP else "$.name",
    )


def draft_unknown() -> NotFound:
    """No such one, or not yours: the same answer."""
    return NotFound("policy_draft_unknown", "there is no such draft", next_step="Look at the list of drafts.")


def draft_over(draft: PolicyDraft) -> Conflict:
    """It has ended."""
    return Conflict(
        "policy_draft_over",
        f"this draft is {draft.state}",
        next_step="Propose it anew, if it is still wanted.",
        extra={"state": draft.state, "cause": draft.cause},
    )


def refuse_flood(mine: int, all_of_them: int) -> TooMany | None:
    """Why no more drafts are kept: people read what they are asked. `mine` are the agent's own, 0 for a person."""
    if mine >= OF_AGENT:
        return _too_many(f"{OF_AGENT} drafts of this agent wait for people", OF_AGENT)
    return _too_many(f"{OF_ORG} drafts wait for people here", OF_ORG) if all_of_them >= OF_ORG else None


def _too_many(detail: str, limit: int) -> TooMany:
    return TooMany(
        "too_many_drafts",
        detail,
        next_step="Wait for answers, or withdraw what is no longer wanted.",
        retry_after=60,
        extra={"limit": limit},
    )


def _proposal(draft: PolicyDraft) -> tuple[object, ...]:
    return (
        draft.change,
        draft.name,
        draft.policy_id,
        draft.replaces,
        draft.binding,
        draft.body,
        draft.proposer_type,
        draft.proposed_by,
    )
