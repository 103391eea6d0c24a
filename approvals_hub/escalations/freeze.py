"""Freezes the requirement of a new escalation: the rule, and the people who may answer."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from approvals_hub.core.errors import Conflict, HubError, Invalid
from approvals_hub.db.database import Tx
from approvals_hub.domain.requirement import SHORTEST_LIFE, Requirement, requirement_hash, stored
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission, permissions


class Frozen(msgspec.Struct, frozen=True):
    """A frozen requirement with its canonical text and hash."""

    requirement: Requirement
    text: str
    hash: str


async def freeze_in(tx: Tx, *, org_id: str, owner_id: str, default: str, expires_in: int | None) -> Frozen | HubError:
    """What this organisation asks of an escalation by an agent of `owner_id`, opening now.

    The agent's owner does not count, except in an organisation of one or where the default says so. Nobody who could
    answer, or fewer than are needed, is a refusal: a question that can only expire is not asked.
    """
    members = await orgs.members(tx, org_id)
    may_answer = tuple(
        row["id"]
        for row in members
        if row["state"] == "active" and Permission.ANSWER in permissions(frozenset(row["roles"].split()))
    )
    alone = len(members) == 1
    try:
        return _freeze(default, may_answer, owner_id, alone, expires_in)
    except HubError as refusal:
        return refusal


@lru_cache(maxsize=4096)
def _freeze(default: str, may_answer: tuple[str, ...], owner_id: str, alone: bool, expires_in: int | None) -> Frozen:
    """Remembered, as every question needs it. Refusals are raised, hence made anew: an exception that is kept and
    raised again and again grows by a traceback each time."""
    rule = stored(default)
    people = may_answer if alone or rule.owner_counts else tuple(p for p in may_answer if p != owner_id)
    if len(people) < rule.approvals:
        raise Conflict(
            "no_approvers",
            f"{len(people)} people could answer and {rule.approvals} must approve (the agent's owner does not count)",
            next_step="Invite an approver: approvals-hub people invite",
        )
    life = rule.expires_in if expires_in is None else expires_in
    if not SHORTEST_LIFE <= life <= rule.longest:
        raise Invalid(
            "expires_in_out_of_range",
            f"expires_in must be from {SHORTEST_LIFE} to {rule.longest} seconds here",
            next_step="Ask again with a value in that range.",
            field="$.expires_in",
        )
    frozen = rule.frozen_for(people, life)
    text = frozen.text()
    return Frozen(frozen, text.decode(), requirement_hash(text))
