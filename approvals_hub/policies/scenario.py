"""What a policy should decide, written down: actions, facts and expectations in a file run like a test. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from approvals_hub.core.clock import to_milliseconds
from approvals_hub.core.strict_yaml import Listed, Mapped, Node, Scalar, refuse
from approvals_hub.core.yaml_fields import Fields
from approvals_hub.policies.decision import STRICTNESS, Decision
from approvals_hub.policies.document import CODE, PROFILES, TIERS
from approvals_hub.policies.facts import Facts
from approvals_hub.policies.host import hosts
from approvals_hub.policies.policy import counters, decide
from approvals_hub.policies.reading import Faults, mapping, texts, tree_of, value_of
from approvals_hub.policies.stack import Stack

SCENARIOS_LIMIT: Final = 500
FACTS: Final = (
    "at",
    "teams",
    "project",
    "environment",
    "mode",
    "signals",
    "chain",
    "registry",
    "counterparties",
    "spent",
)
EXPECTED: Final = ("decision", "code", "rule", "obligations", "approval", "route", "proof")


class Scenario(msgspec.Struct, frozen=True):
    """One action, and what should become of it."""

    name: str
    line: int
    action: dict[str, Any]
    facts: Facts
    spent: int
    """What every counter has."""
    expect: dict[str, Any]


class Scenarios(msgspec.Struct, frozen=True):
    """A file of them. `policies` are names of files, each with its tier, in their order within it."""

    policies: tuple[tuple[str, str], ...]
    scenarios: tuple[Scenario, ...]


class Outcome(msgspec.Struct, frozen=True):
    """How one came out; nothing in `differs` when it is as expected."""

    name: str
    line: int
    decision: Decision
    differs: tuple[str, ...]


def load_scenarios(text: str | bytes) -> Scenarios:
    """The scenarios that are written in `text`. Raises Invalid (`policy_invalid`), as `load.load` does."""
    faults = Faults()
    policies: list[tuple[str, str]] = []
    found: list[Scenario] = []
    with faults.kept():
        fields = mapping(tree_of(text), ("policies", "facts", "scenarios"), faults)
        for node in fields.items("policies", 20):
            with faults.kept():
                each = mapping(node, ("file", "tier"), faults)
                policies.append((_word(each, "file"), each.choice("tier", TIERS, "owner")))
        shared = fields.node("facts") if fields.has("facts") else None
        for node in fields.items("scenarios", SCENARIOS_LIMIT):
            with faults.kept():
                found.append(_scenario(node, shared, faults))
    faults.settle()
    return Scenarios(tuple(policies), tuple(found))


def load_facts(text: str | bytes, now: int) -> tuple[Facts, int]:
    """Facts from a file of their own, and what every counter has. `now` where they say no `at`. Raises Invalid."""
    faults = Faults()
    made = (Facts(now=now), 0)
    with faults.kept():
        made = _facts(mapping(tree_of(text), FACTS, faults), now)
    faults.settle()
    return made


def run(scenario: Scenario, stack: Stack) -> Outcome:
    """Decide, and compare."""
    decision = decide(stack, scenario.action, spent(stack, scenario.action, scenario.facts, scenario.spent))
    return Outcome(scenario.name, scenario.line, decision, tuple(_differences(scenario.expect, decision)))


def spent(stack: Stack, action: Mapping[str, Any], facts: Facts, total: int) -> Facts:
    """The facts with that total in every counter which the action needs."""
    return msgspec.structs.replace(facts, totals=dict.fromkeys(counters(stack, action, facts), total))


def _scenario(node: Node, shared: Node | None, faults: Faults) -> Scenario:
    fields = mapping(node, ("name", "action", "facts", "expect"), faults)
    action = value_of(fields.node("action"))
    if type(action) is not dict or type(action.get("action_type")) is not str:
        fields.refuse("action", "an action is a mapping with an 'action_type'")
    own = fields.node("facts") if fields.has("facts") else None
    facts, total = _facts(mapping(_both(shared, own, node), FACTS, faults), 0)
    expect = mapping(fields.node("expect"), EXPECTED, faults)
    expect.choice("decision", tuple(STRICTNESS))
    wanted = value_of(fields.node("expect"))
    return Scenario(_word(fields, "name"), node.place.line, action, facts, total, wanted)


def _both(shared: Node | None, own: Node | None, scenario: Node) -> Node:
    """The facts of all scenarios with those of one over them."""
    parts = [part for part in (shared, own) if part is not None]
    for part in parts:
        if not isinstance(part, Mapped):
            refuse(CODE, part.place, "'facts' is a mapping")
    values: dict[str, Node] = {}
    keys: dict[str, Any] = {}
    for part in parts:
        if isinstance(part, Mapped):
            values.update(part.values)
            keys.update(part.keys)
    return Mapped(parts[-1].place if parts else scenario.place, values, keys)


def _facts(fields: Fields, now: int) -> tuple[Facts, int]:
    if fields.has("at"):
        try:
            now = to_milliseconds(_word(fields, "at"))
        except ValueError:
            fields.refuse("at", "'at' is a time like \"2026-03-02T09:00:00Z\", in quotes")
    total = fields.whole("spent", 0, 10**15) if fields.has("spent") else 0
    facts = Facts(
        now=now,
        teams=frozenset(texts(fields, "teams", 100) or ()),
        project=_word(fields, "project") if fields.has("project") else None,
        environment=_word(fields, "environment") if fields.has("environment") else None,
        mode=_word(fields, "mode") if fields.has("mode") else None,
        signals=frozenset(texts(fields, "signals", 100) or ()),
        chain=texts(fields, "chain", 16),
        registry=_registry(fields),
        counterparties=texts(fields, "counterparties", 16) or (),
    )
    return facts, total


def _registry(fields: Fields) -> dict[str, str]:
    if not fields.has("registry"):
        return {}
    node = fields.node("registry")
    if not isinstance(node, Mapped):
        refuse(CODE, node.place, "'registry' is a mapping of hosts to trust profiles")
    found = {}
    # Keys of our YAML are words, so hosts below a name are written as a list.
    for profile, listed in node.values.items():
        if profile not in PROFILES or not isinstance(listed, Listed):
            refuse(CODE, node.keys[profile], f"'registry' has lists of hosts under {', '.join(PROFILES)}")
        for item in listed.items:
            host = value_of(item)
            try:
                hosts([str(host)])
            except ValueError as error:
                refuse(CODE, item.place, str(error))
            found[str(host)] = profile
    return found


def _word(fields: Fields, key: str) -> str:
    node = fields.node(key)
    found = value_of(node)
    if not isinstance(node, Scalar) or type(found) is not str or not found:
        refuse(CODE, node.place, f"{key!r} is a text, in quotes where it looks like something else")
    return found


def _differences(expect: dict[str, Any], decision: Decision) -> list[str]:
    members = decision.asked.members if decision.asked is not None else {}
    is_so: dict[str, Any] = {
        "decision": decision.decision,
        "code": decision.code,
        "rule": decision.rule_id,
        "obligations": [obligation.type for obligation in decision.obligations],
        "route": decision.asked.route if decision.asked is not None else None,
        "proof": decision.proof,
    }
    found = [
        f"{key} is {is_so[key]!r}, not {expect[key]!r}" for key in expect if key in is_so and is_so[key] != expect[key]
    ]
    wanted = expect.get("approval") or {}
    return found + [
        f"approval.{key} is {members.get(key)!r}, not {value!r}"
        for key, value in wanted.items()
        if members.get(key) != value
    ]
