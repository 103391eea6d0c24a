"""The engine: an action and the facts in, a decision out. Pure and deterministic; nothing here knows a clock.

The first rule whose pattern, selectors, condition and constraints match decides. A rule that allows takes only what is
certain; a rule that denies takes also what cannot be judged. What several parts of a rule ask for is owed together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from approvals_hub.domain.assurance import LEVELS, LOW, SUBSTANTIAL
from approvals_hub.domain.requirement import RISKS
from approvals_hub.policies import decision as outcome
from approvals_hub.policies.decision import LONGEST_PROOF, Decision, Named, Obligation, Reservation
from approvals_hub.policies.document import (
    DENY,
    DEPOSIT,
    HUMAN_APPROVAL,
    REQUIRE_APPROVAL,
    SPEND,
    STEP_UP,
    Asked,
    Policy,
    Rule,
)
from approvals_hub.policies.facts import Counter, Facts
from approvals_hub.policies.judge import Truth, judge
from approvals_hub.policies.limits import Unreadable, currency_of, has_no_limit_in, passed, reservations
from approvals_hub.policies.path import value_at
from approvals_hub.policies.select import constraints_hold, expects, where_holds
from approvals_hub.policies.stack import Placed, Stack
from approvals_hub.policies.view import View

_EVIDENT = ("HIGH", "REGULATED")
"""Trust profiles with which a proof is due whatever the rule says."""


def decide(stack: Stack, action: Mapping[str, Any], facts: Facts) -> Decision:
    """What the policies say of an action: its members, as `domain.action.parse_action` has checked them.

    Whoever calls it has read the totals of `counters` in the unit of work in which it writes the reservations.
    """
    view = view_of(stack, action, facts)
    return settle(stack, match(stack, view), view)


def counters(stack: Stack, action: Mapping[str, Any], facts: Facts) -> tuple[Counter, ...]:
    """The counters whose totals decide about this action; `facts.totals` is not looked at."""
    if not stack.limits:
        return ()
    view = view_of(stack, action, facts)
    placed = match(stack, view)
    if placed is None or placed.rule.effect == DENY:
        return ()
    try:
        return tuple(each.counter for each in reservations(placed.policy, placed.rule, view))
    except Unreadable:
        return ()


def view_of(stack: Stack, action: Mapping[str, Any], facts: Facts) -> View:
    """The action as the stack's rules see it."""
    kind = action.get("action_type")
    return View(action, facts, stack.known(kind if type(kind) is str else ""))


def match(stack: Stack, view: View) -> Placed | None:
    """The first rule that matches."""
    return next((placed for placed in stack.speaking_of(view.action_type) if applies(placed.rule, view)), None)


def applies(rule: Rule, view: View) -> bool:
    """Whether a rule whose pattern fits matches."""
    accepted = (True, None) if rule.effect == DENY else (True,)
    return (
        where_holds(rule, view) in accepted
        and constraints_hold(rule, view) in accepted
        and when_holds(rule, view) in accepted
    )


def when_holds(rule: Rule, view: View) -> Truth:
    """Whether its condition does; True where it has none."""
    return True if rule.when is None else judge(rule.when, view, expects=expects(rule))


def settle(stack: Stack, placed: Placed | None, view: View) -> Decision:
    """The decision of the rule that matched, or of the default."""
    layers = tuple(named(layer.policy) for layer in stack.layers)
    if placed is None:
        return _by_default(stack, layers, view)
    rule, policy = placed.rule, placed.policy
    said = Decision(
        decision=outcome.DENY,
        code="rule",
        reason=f"rule {rule.id!r} denies it",
        policy=named(policy),
        rule_id=rule.id,
        rule_place=placed.place,
        layers=layers,
    )
    if rule.effect == DENY:
        return said
    if rule.counterparty_proof and not view.facts.counterparties:
        why = f"rule {rule.id!r} wants a proof of the counterparty, and none was verified"
        return msgspec.structs.replace(said, code="counterparty_proof", reason=why)
    try:
        found = reservations(policy, rule, view)
    except Unreadable as unreadable:
        return msgspec.structs.replace(said, code="amount_unreadable", reason=f"rule {rule.id!r}: {unreadable}")
    return _allowed(said, rule, found, view)


def named(policy: Policy) -> Named:
    """Its id, version and hash."""
    return Named(policy.id, policy.version, policy.hash)


def _by_default(stack: Stack, layers: tuple[Named, ...], view: View) -> Decision:
    if stack.decides is None:
        return Decision(decision=outcome.DENY, code="no_policy", reason="no policy holds for this agent", policy=None)
    said = Decision(
        decision=outcome.DENY,
        code="default",
        reason="no rule matches, and the default denies",
        policy=named(stack.decides),
        layers=layers,
    )
    if stack.default == REQUIRE_APPROVAL:
        rule = Rule(id="default", effect="allow", action="*", line=0, approval=Asked())
    elif stack.default == "allow":
        rule = Rule(id="default", effect="allow", action="*", line=0)
    else:
        return said
    return msgspec.structs.replace(_allowed(said, rule, (), view), rule_id=None, rule_place=None)


def _allowed(said: Decision, rule: Rule, found: tuple[Reservation, ...], view: View) -> Decision:
    """What a rule that allows leads to: everything that any part of it asks for, together."""
    over = passed(rule, found)
    # A currency without a limit of its own would be spent without one.
    if has_no_limit_in(rule, currency_of(view)):
        over += [limit for limit in rule.limits if limit.kind == SPEND]
    if any(limit.above == "deny" for limit in over):
        why = f"rule {rule.id!r} allows it within a limit, and this would pass {_names(over)}"
        return msgspec.structs.replace(said, code="limit", reason=why)
    owed = [Obligation(duty.type, duty.params, "obligations") for duty in rule.obligations]
    people = rule.approval is not None
    levels = [] if rule.min_assurance in (None, LOW) else [(rule.min_assurance, "requirements.min_assurance_level")]
    for limit in over:
        people = people or limit.above == "approval"
        if limit.above == "step_up":
            levels.append((limit.min_assurance, f"{limit.kind} {limit.name}"))
    owed += [Obligation(STEP_UP, {"min_assurance_level": level}, because) for level, because in levels]
    if rule.approval is not None and all(duty.type != HUMAN_APPROVAL for duty in owed):
        owed.append(Obligation(HUMAN_APPROVAL, {}, "approval"))
    elif people and all(duty.type != HUMAN_APPROVAL for duty in owed):
        owed.append(Obligation(HUMAN_APPROVAL, {}, _names(over)))
    if view.known.reversible is False and all(duty.type not in (HUMAN_APPROVAL, STEP_UP) for duty in owed):
        owed.append(Obligation(HUMAN_APPROVAL, {}, "labels: not reversible"))
    decision = _decision_of(owed)
    asks = decision in (outcome.REQUIRE_APPROVAL, outcome.REQUIRE_STEP_UP)
    evident = view.trust in _EVIDENT or value_at(view.members, ("relying_party", "trust_profile")) in _EVIDENT
    return msgspec.structs.replace(
        said,
        decision=decision,
        code="limit" if over else said.code,
        reason=_reason(said, rule, decision, _names(over)),
        asked=_asked(rule, owed, view) if asks else None,
        obligations=tuple(owed),
        proof=decision == outcome.ALLOW and (rule.proof or evident),
        proof_ttl=None if rule.proof_ttl is None else int(min(max(rule.proof_ttl, 1), LONGEST_PROOF)),
        reservations=found,
    )


def _decision_of(owed: list[Obligation]) -> str:
    """OpenLeash's order of precedence; the requirement carries what the word leaves out."""
    kinds = {obligation.type for obligation in owed}
    if HUMAN_APPROVAL in kinds:
        return outcome.REQUIRE_APPROVAL
    if STEP_UP in kinds:
        return outcome.REQUIRE_STEP_UP
    return outcome.REQUIRE_DEPOSIT if DEPOSIT in kinds else outcome.ALLOW


def _asked(rule: Rule, owed: list[Obligation], view: View) -> Asked:
    """The approval with the highest level that anything asks for, and the action's risk where the rule names less."""
    asked = rule.approval or Asked()
    members = dict(asked.members)
    levels = [duty.params.get("min_assurance_level", SUBSTANTIAL) for duty in owed if duty.type == STEP_UP]
    if levels:
        levels.append(members.get("min_assurance", LOW))
        members["min_assurance"] = max(levels, key=lambda level: LEVELS[level])
    risk = view.known.risk
    if risk is not None and RISKS.index(risk) > RISKS.index(members.get("risk", RISKS[0])):
        members["risk"] = risk
    return Asked(members, asked.route)


def _names(limits: list[Any]) -> str:
    return ", ".join(f"{limit.kind} {limit.name} ({limit.window})" for limit in limits)


def _reason(said: Decision, rule: Rule, decision: str, over: str) -> str:
    who = "no rule matches, and the default" if said.code == "default" else f"rule {rule.id!r}"
    if over:
        return f"{who} allows it within a limit, and this would pass {over}: it takes people"
    return {
        outcome.ALLOW: f"{who} allows it",
        outcome.REQUIRE_APPROVAL: f"{who} allows it once people have approved",
        outcome.REQUIRE_STEP_UP: f"{who} allows it once somebody has proven who they are",
        outcome.REQUIRE_DEPOSIT: f"{who} allows it once a deposit is made",
    }[decision]
