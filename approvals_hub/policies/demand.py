"""The requirement of one question: what the organisation asks of every one, and what the policy asks of this. Pure.

Member by member the stricter one holds. A policy names more for some actions; it takes nothing back of what an admin
asks of all, so that no layer of policies is looser than the organisation.
"""

from __future__ import annotations

from typing import Any

import msgspec

from approvals_hub.core.errors import Invalid
from approvals_hub.domain.advice import refusal_of_codes, refuse_sent_codes
from approvals_hub.domain.assurance import FRAUD_RISKS, LEVELS, PASSKEYS
from approvals_hub.domain.requirement import REASONS, RISKS, Requirement, read_default
from approvals_hub.domain.rule import ROLES
from approvals_hub.domain.stricter import asks_at_least
from approvals_hub.policies.document import Asked
from approvals_hub_client.canonical import loads
from approvals_hub_client.rule import Rule


def requirement_for(default: Requirement, asked: Asked) -> Requirement:
    """What a question takes; never less than `default` in any member, nor less than the policy wrote.

    Raises Invalid (`requirement_conflict`) where both cannot hold together, like ways to prove who one is that have
    nothing in common. Nobody could approve such a question: whoever calls it denies.
    """
    said = msgspec.convert(_numbered(asked.members), Requirement)
    written = asked.members
    chosen: dict[str, Any] = {
        name: choose(getattr(default, name), getattr(said, name))
        for name, choose in _CHOICES.items()
        if name in written
    }
    chosen["approvals"], chosen["quorum"] = _people(default, said)
    chosen["veto"] = _veto(default, said, chosen["quorum"])
    if "environment" in written:
        chosen["environment"] = said.environment
    if "expires_in" in written:
        # The life of a question is the policy's to say, within the longest that the organisation has.
        chosen["expires_in"] = min(said.expires_in, default.longest)
    both = msgspec.structs.replace(default, **chosen)
    both = msgspec.structs.replace(both, expires_in=min(both.expires_in, both.longest))
    if codes := refusal_of_codes(both, default, said):
        raise _conflict("$.methods", codes.detail)
    return _checked(both)


def _numbered(members: dict[str, Any]) -> dict[str, Any]:
    number = members.get("number_match")
    return {**members, "number_match": 2 if number else None} if isinstance(number, bool) else members


def _higher(scale: Any) -> Any:
    order = list(scale)
    return lambda one, other: max(one, other, key=order.index)


def _methods(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    if not one or not other:
        return one or other
    both = tuple(method for method in other if method in one)
    if not both:
        raise _conflict("$.methods", f"the organisation takes {', '.join(one)}, the policy {', '.join(other)}")
    return both


def _shorter(one: int | None, other: int | None) -> int | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _less_risk(one: str | None, other: str | None) -> str | None:
    return min((each for each in (one, other) if each is not None), key=FRAUD_RISKS.index, default=None)


_CHOICES: dict[str, Any] = {
    "wait": max,
    "dwell": max,
    "min_assurance": _higher(LEVELS),
    "methods": _methods,
    "fresh_within": _shorter,
    "passkeys": _higher(PASSKEYS),
    "most_risk": _less_risk,
    "number_match": lambda one, other: max(one or 0, other or 0) or None,
    "reason": _higher(REASONS),
    "risk": _higher(RISKS),
    "longest": min,
    "approval_valid_for": min,
}


def _people(default: Requirement, said: Requirement) -> tuple[int, Rule | None]:
    """Whose approvals it takes: those of both, of as many people as the larger asks, where neither holds the other."""
    if default.quorum is None and said.quorum is None:
        return max(default.approvals, said.approvals), None
    one, other = _rule(default), _rule(said)
    if asks_at_least(one, other):
        return 1, default.quorum or one
    if asks_at_least(other, one):
        return 1, said.quorum or other
    stages = [*(one.stages or (one,)), *(other.stages or (other,))]
    return 1, Rule(stages=tuple(stages)) if one.stages or other.stages else Rule(all=(one, other))


def _rule(requirement: Requirement) -> Rule:
    """So many of everybody who may answer, where no quorum says whose."""
    return requirement.quorum or Rule(of=ROLES, approvals=requirement.approvals)


def _veto(default: Requirement, said: Requirement, quorum: Rule | None) -> tuple[str, ...] | None:
    """Whoever may stop the question by either.

    Where the organisation names nobody, whom the policy asks may stop it, and nobody else is asked: that is what a
    policy names people for. Whom the organisation names, by a veto or a quorum, keeps it.
    """
    ours, theirs = _named(default), _named(said)
    if not ours:
        return said.veto if said.quorum is not None else None
    both = tuple(dict.fromkeys((*ours, *theirs)))
    if default.veto is None and said.veto is None and quorum is not None and quorum.names() >= set(both):
        return None
    return both if theirs else default.veto


def _named(requirement: Requirement) -> tuple[str, ...]:
    if requirement.veto is not None:
        return requirement.veto
    return () if requirement.quorum is None else tuple(sorted(requirement.quorum.names()))


def _checked(both: Requirement) -> Requirement:
    try:
        found = read_default({**loads(both.text()), "people": []})
        refuse_sent_codes(found)
    except Invalid as refusal:
        raise _conflict(refusal.field or "$", str(refusal)) from None
    return found


def _conflict(field: str, detail: str) -> Invalid:
    return Invalid(
        "requirement_conflict",
        f"what the policy asks and what the organisation asks cannot hold together: {detail}",
        next_step="Change the policy's approval or the organisation's requirement.",
        field=field,
    )
