"""What the operator may do about drafts of policies, and who may publish: a part of the table in `operate.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal

from approvals_hub.cli.arguments import Answer, Arguments
from approvals_hub.cli.tenant import the_org
from approvals_hub.core.clock import to_text
from approvals_hub.hub import Hub, PolicyDraft
from approvals_hub.people.acting import OperatorCredential

SHOWN = 100
"""Drafts that are listed, the newest ones."""


class Drafts(Arguments, frozen=True):
    """Which drafts."""

    state: Literal["draft", "open", "in_force", "refused", "withdrawn", "stale"] | None = None


class OneDraft(Arguments, frozen=True):
    """A command about one draft."""

    draft_id: str


class Publishing(Arguments, frozen=True):
    """Whether publishing takes a second person; None only asks."""

    second_person: bool | None = None


async def list_drafts(hub: Hub, given: Drafts) -> Answer:
    """The newest, without their texts."""
    operator = OperatorCredential(await the_org(hub, given.org))
    found = await hub.drafts.read(operator, state=given.state, limit=SHOWN)
    return {"items": [plain_draft(each) for each in found[:SHOWN]]}


async def show_draft(hub: Hub, given: OneDraft) -> Answer:
    """One, with its text and its proposer's words."""
    found, why = await hub.drafts.read.one(OperatorCredential(await the_org(hub, given.org)), given.draft_id)
    return {**plain_draft(found), "why": why, "yaml": found.body}


async def withdraw_draft(hub: Hub, given: OneDraft) -> Answer:
    """People are not asked any more."""
    return plain_draft(await hub.drafts.end(OperatorCredential(await the_org(hub, given.org)), given.draft_id))


async def publishing(hub: Hub, given: Publishing) -> Answer:
    """Say it, or say how it stands."""
    operator = OperatorCredential(await the_org(hub, given.org))
    if given.second_person is not None:
        draft = await hub.policies.keep.want_second_person(operator, wanted=given.second_person)
        if draft is not None:
            return {"second_person": True, "draft": plain_draft(draft)}
    return {"second_person": await hub.policies.keep.takes_second_person(operator), "draft": None}


def plain_draft(draft: PolicyDraft) -> dict[str, Any]:
    """A draft without its text."""
    return {
        "draft_id": draft.id,
        "change": draft.change,
        "state": draft.state,
        "cause": draft.cause,
        "name": draft.name,
        "replaces": draft.replaces,
        "hash": draft.hash,
        "tier": draft.tier,
        "bound_to": draft.bound_to,
        "rank": draft.rank,
        "source": draft.source,
        "proposed_by": draft.proposed_by,
        "escalation_id": draft.escalation_id,
        "version": draft.version,
        "created_at": to_text(draft.created_at),
    }


DRAFTS: dict[str, tuple[type[Arguments], Callable[[Hub, Any], Awaitable[Answer]]]] = {
    "drafts.list": (Drafts, list_drafts),
    "drafts.show": (OneDraft, show_draft),
    "drafts.withdraw": (OneDraft, withdraw_draft),
    "policies.publishing": (Publishing, publishing),
}
