"""The way to a decision: every rule, every condition, its value and why. Made only when somebody asks for it. Pure.

It runs the same functions as the decision does and adds nothing of its own, so that it cannot tell another story.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from approvals_hub.policies.decision import Decision
from approvals_hub.policies.document import DENY, All, Cel, Match, Not, Rule
from approvals_hub.policies.facts import Facts
from approvals_hub.policies.index import covers
from approvals_hub.policies.judge import Truth, every, judge, matches, opposite, some
from approvals_hub.policies.path import MISSING
from approvals_hub.policies.policy import match, settle, view_of
from approvals_hub.policies.select import constraints_of, expects, where_of
from approvals_hub.policies.stack import Placed, Stack
from approvals_hub.policies.view import CLAIMED, View

SHOWN: Final = 200
"""Characters of a value."""

OUTLINED: Final = 100
"""Rules that an agent is told of, and the one that decides."""


class Outlined(msgspec.Struct, frozen=True):
    """How one rule came out, as an agent is told."""

    policy_id: str
    rule_id: str
    effect: str
    action: str
    parts: dict[str, str]
    """Of its parts, `where`, `constraints.amount`, `when`: `true`, `false` or `unknown`."""
    matches: bool
    decides: bool


_WORDS: Final = {True: "true", False: "false", None: "unknown"}


def explain(stack: Stack, action: Mapping[str, Any], facts: Facts) -> tuple[Decision, list[dict[str, Any]]]:
    """What `policy.decide` says, and one entry for each rule of the stack, in order."""
    view = view_of(stack, action, facts)
    placed = match(stack, view)
    return settle(stack, placed, view), [traced(each, view, decides=each is placed) for each in stack.rules]


def traced(placed: Placed, view: View, *, decides: bool) -> dict[str, Any]:
    """How one rule came out. `decides`: it is the one that decided."""
    rule = placed.rule
    entry: dict[str, Any] = {
        "policy_id": placed.policy.id,
        "rule_id": rule.id,
        "rule_place": placed.place,
        "line": rule.line,
        "effect": rule.effect,
        "action": rule.action,
        "pattern_match": covers(rule.action, view.action_type),
        "where": None,
        "when": None,
        "constraints": None,
        "matches": False,
        "decides": decides,
    }
    if not entry["pattern_match"]:
        return {**entry, "why": f"{rule.action} is not about {view.action_type}"}
    parts = {"where": _listed(rule.where, where_of(rule, view))}
    parts["when"] = None if rule.when is None else condition(rule.when, view, expects=expects(rule))
    parts["constraints"] = _listed(rule.constraints, constraints_of(rule, view))
    truth = every(_TRUTHS[part["outcome"]] for part in parts.values() if part is not None)
    matched = truth is True or (truth is None and rule.effect == DENY)
    return {**entry, **parts, "matches": matched, "why": _why(rule, truth, parts, decides)}


def outline(stack: Stack, action: Mapping[str, Any], facts: Facts) -> list[Outlined]:
    """What of the same an agent is told: of the rules about its kind of action, up to the one that decides, which of
    their parts hold. What they compare with is left out, and so is what the hub knows: an agent that reads a limit or
    a list of names asks for one less, or for the next name."""
    view = view_of(stack, action, facts)
    placed = match(stack, view)
    found: list[Outlined] = []
    for each in stack.speaking_of(view.action_type):
        decides = each is placed
        if decides or len(found) < OUTLINED:
            found.append(_outlined(each, view, decides=decides))
        if decides:
            break
    return found


def condition(part: Any, view: View, *, expects: bool) -> dict[str, Any]:
    """A condition with everything in it, and how each part came out."""
    if isinstance(part, Match):
        return {
            "match": f"{part.path} {part.op}" + ("" if part.op == "exists" else f" {_value(part.value)}"),
            "value": shown(view.at(part.steps)),
            "outcome": _WORDS[matches(part, view, expects=expects)],
        }
    if isinstance(part, Cel):
        return {"cel": part.expression.text, "outcome": _WORDS[judge(part, view)]}
    if isinstance(part, Not):
        inner = condition(part.part, view, expects=expects)
        return {"not": inner, "outcome": _WORDS[opposite(_TRUTHS[inner["outcome"]])]}
    parts = [condition(each, view, expects=expects) for each in part.parts]
    truths = [_TRUTHS[each["outcome"]] for each in parts]
    kind, truth = ("all", every(truths)) if isinstance(part, All) else ("any", some(truths))
    return {kind: parts, "outcome": _WORDS[truth]}


def shown(value: Any) -> Any:
    """A value as a trace has it: short, and never a whole payload."""
    if value is MISSING:
        return "(missing)"
    if value is CLAIMED:
        return "(what an agent says of itself)"
    if type(value) is str and len(value) > SHOWN:
        return value[:SHOWN] + "…"
    if type(value) is dict:
        return f"(an object of {len(value)} members)"
    if type(value) in (list, tuple):
        return [shown(each) for each in value[:20]]
    return value


def _outlined(placed: Placed, view: View, *, decides: bool) -> Outlined:
    entry = traced(placed, view, decides=decides)
    parts = {name: entry[name]["outcome"] for name in ("where", "when") if entry[name] is not None}
    for part in () if entry["constraints"] is None else entry["constraints"]["parts"]:
        parts[f"constraints.{part['name']}"] = part["outcome"]
    rule = placed.rule
    return Outlined(placed.policy.id, rule.id, rule.effect, rule.action, parts, entry["matches"], decides)


_TRUTHS: Final = {word: truth for truth, word in _WORDS.items()}


def _listed(written: Any, found: Iterable[tuple[str, Any, Truth]]) -> dict[str, Any] | None:
    if written is None:
        return None
    parts = list(found)
    return {
        "parts": [{"name": name, "value": shown(value), "outcome": _WORDS[truth]} for name, value, truth in parts],
        "outcome": _WORDS[every(truth for _, _, truth in parts)],
    }


def _value(value: Any) -> str:
    return str(shown(list(value) if type(value) is tuple else value))


def _why(rule: Rule, truth: Truth, parts: dict[str, Any], decides: bool) -> str:
    if truth is False or (truth is None and rule.effect != DENY):
        failed = [name for name, part in parts.items() if part is not None and part["outcome"] != "true"]
        return f"{' and '.join(failed)} not true"
    if truth is None:
        return "something in it cannot be judged, and a rule that denies does then"
    return "it matches, and decides" if decides else "it matches, after the rule that decided"
