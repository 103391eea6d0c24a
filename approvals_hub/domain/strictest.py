"""The stricter of two sets of demands, member by member: what the organisation asks, and what a policy asks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from approvals_hub.core.errors import Invalid
from approvals_hub.domain.assurance import FRAUD_RISKS, LEVELS, PASSKEYS
from approvals_hub.domain.requirement import LONGEST_LIFE, REASONS, RISKS, SHORTEST_LIFE, Requirement, read_default
from approvals_hub.domain.rule import ROLES, Rule
from approvals_hub.domain.stricter import asks_at_least


def strictest(floor: Requirement, said: Mapping[str, Any]) -> Requirement:
    """The floor, made stricter where `said` asks for more; where that asks for less, the floor stands.

    `said` are members of a default requirement, as a policy writes them. The result asks no less of people than the
    floor; where it names whom to ask, others can neither approve nor stop it, unless the floor gives them a veto. How
    long people have is as `said` has it, within the floor's longest life, and a wait makes it longer.
    Raises Invalid where both cannot hold: ways to prove who one is that have none in common, or two orders of stages.
    """
    members = dict(said)
    if "quorum" in members:
        members.setdefault("approvals", 1)
    wanted = read_default({"expires_in": LONGEST_LIFE, **members})
    shorter = [each for each in (floor.fresh_within, wanted.fresh_within) if each is not None]
    veto = floor.veto
    if veto is not None and "veto" in members:
        veto = None if wanted.veto is None else tuple(dict.fromkeys((*veto, *wanted.veto)))
    quorum, approvals = _people(floor, wanted, said="quorum" in members or "approvals" in members)
    wait, longest = max(floor.wait, wanted.wait), min(floor.longest, wanted.longest)
    life = min(members.get("expires_in", floor.expires_in), longest)
    if wait > life - SHORTEST_LIFE:
        life = min(wait + floor.expires_in, longest)
    merged = msgspec.structs.replace(
        floor,
        quorum=quorum,
        approvals=approvals,
        veto=veto,
        wait=wait,
        owner_counts=floor.owner_counts and members.get("owner_counts", True),
        min_assurance=max(floor.min_assurance, wanted.min_assurance, key=lambda level: LEVELS[level]),
        methods=_methods(floor, wanted),
        fresh_within=min(shorter, default=None),
        passkeys=max(floor.passkeys, wanted.passkeys, key=PASSKEYS.index),
        most_risk=_least(floor.most_risk, wanted.most_risk),
        number_match=max(floor.number_match or 0, wanted.number_match or 0) or None,
        reason=max(floor.reason, wanted.reason, key=REASONS.index),
        risk=max(floor.risk, wanted.risk, key=RISKS.index) if "risk" in members else floor.risk,
        environment=wanted.environment if floor.environment is None else floor.environment,
        expires_in=life,
        longest=longest,
        approval_valid_for=min(floor.approval_valid_for, wanted.approval_valid_for)
        if "approval_valid_for" in members
        else floor.approval_valid_for,
    )
    # What fits each by itself may not fit together, as a wait that is longer than the other's life.
    return read_default(merged.text())


def _methods(floor: Requirement, wanted: Requirement) -> tuple[str, ...]:
    if not floor.methods or not wanted.methods:
        return floor.methods or wanted.methods
    both = tuple(method for method in wanted.methods if method in floor.methods)
    if not both:
        raise _apart("methods", "the organisation and the policy accept no way to prove who one is in common")
    return both


def _least(one: str | None, other: str | None) -> str | None:
    known = [each for each in (one, other) if each is not None]
    return min(known, key=FRAUD_RISKS.index, default=None)


def _people(floor: Requirement, wanted: Requirement, *, said: bool) -> tuple[Rule | None, int]:
    """Whose approvals it takes: what both ask."""
    if not said:
        return floor.quorum, floor.approvals
    if floor.quorum is None and wanted.quorum is None:
        return None, max(floor.approvals, wanted.approvals)
    old, new = _rule(floor), _rule(wanted)
    if asks_at_least(new, old):
        return new, 1
    if asks_at_least(old, new):
        return old, 1
    if old.stages is not None or new.stages is not None:
        raise _apart("quorum", "the organisation and the policy ask people in two different orders")
    return Rule(all=(old, new)), 1


def _rule(requirement: Requirement) -> Rule:
    """The same as a rule, where it only counts."""
    return requirement.quorum or Rule(of=ROLES, approvals=requirement.approvals)


def _apart(member: str, why: str) -> Invalid:
    return Invalid(
        "requirement_invalid",
        why,
        next_step="Change the policy, or the organisation's default requirement.",
        field=f"$.{member}",
    )
