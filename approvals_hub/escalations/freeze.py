"""Freezes the requirement of a new escalation: the rule, and the people who may answer."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import msgspec

from approvals_hub.core.errors import Conflict, HubError, Invalid
from approvals_hub.db.database import Row, Tx
from approvals_hub.domain.requirement import SHORTEST_LIFE, Requirement, requirement_hash, stored
from approvals_hub.orgs.org import Permission, permissions
from approvals_hub.people import store as people
from approvals_hub.people.person import ACTIVE

OwnerCounts = Literal["alone", "requirement"]
"""Nobody else could ever answer here; or the organisation's default requirement says so."""


class Frozen(msgspec.Struct, frozen=True):
    """A frozen requirement with its canonical text and hash, and why the agent's own owner may answer, if they may."""

    requirement: Requirement
    text: str
    hash: str
    owner_counts: OwnerCounts | None


async def freeze_in(tx: Tx, *, org_id: str, owner_id: str, default: str, expires_in: int | None) -> Frozen | HubError:
    """What this organisation asks of an escalation by an agent of `owner_id`, opening now.

    The agent's owner does not count, except in an organisation of one or where the default says so. Nobody with a key
    who could answer, or fewer than are needed, is a refusal: a question that can only expire is not asked.
    """
    answering = [row for row in await people.standings(tx, org_id) if answers(row["roles"])]
    active = [row for row in answering if row["state"] == ACTIVE]
    may_answer = tuple(row["id"] for row in active)
    with_key = tuple(row["id"] for row in active if row["key"] == 2)
    try:
        return _freeze(default, may_answer, with_key, owner_id, is_alone(answering, owner_id), expires_in)
    except HubError as refusal:
        return refusal


def answers(roles: str) -> bool:
    """Whether one of these roles may answer."""
    return Permission.ANSWER in permissions(frozenset(roles.split()))


def is_alone(answering: list[Row], owner_id: str) -> bool:
    """Whether nobody but the owner could ever answer here.

    Who was invited and has no key yet is nobody so far. Who had one once stays somebody: otherwise an owner who
    revokes a colleague's device, or disables the colleague, would approve what their own agent asks.
    """
    return not any(row["key"] for row in answering if row["id"] != owner_id)


@lru_cache(maxsize=4096)
def _freeze(
    default: str,
    may_answer: tuple[str, ...],
    with_key: tuple[str, ...],
    owner_id: str,
    alone: bool,
    expires_in: int | None,
) -> Frozen:
    """Remembered, as every question needs it. Refusals are raised, hence made anew: an exception that is kept and
    raised again and again grows by a traceback each time."""
    rule = stored(default)
    counts: OwnerCounts | None = "alone" if alone else "requirement" if rule.owner_counts else None
    frozen_people = tuple(p for p in may_answer if counts or p != owner_id)
    able = sum(p in with_key for p in frozen_people)
    if able < rule.approvals:
        raise Conflict(
            "no_approvers",
            f"{able} people with a key could answer and {rule.approvals} must approve"
            + ("" if counts else " (the agent's owner does not count)"),
            next_step="Invite an approver, who enrols a key (approvals-hub people invite), or let owners count.",
        )
    life = rule.expires_in if expires_in is None else expires_in
    if not SHORTEST_LIFE <= life <= rule.longest:
        raise Invalid(
            "expires_in_out_of_range",
            f"expires_in must be from {SHORTEST_LIFE} to {rule.longest} seconds here",
            next_step="Ask again with a value in that range.",
            field="$.expires_in",
        )
    frozen = rule.frozen_for(frozen_people, life)
    text = frozen.text()
    owner_may = counts if owner_id in may_answer else None
    return Frozen(frozen, text.decode(), requirement_hash(text), owner_may)
