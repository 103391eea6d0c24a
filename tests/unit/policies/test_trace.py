"""A trace tells the decision's own story: every rule, every condition, its value, and why."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.policies.policy import applies, decide, view_of
from approvals_hub.policies.trace import OUTLINED, SHOWN, explain, outline, shown
from approvals_hub_client.canonical import dumps
from tests.unit.policies.written import action, facts, party, policy, stack

RULES = """
id: far, effect: deny, action: read
id: big, effect: deny, action: pay, constraints: {amount_min: 100, currency: [EUR]}
id: team, effect: allow, action: "*", where: {team: ops}
id: note, effect: allow, action: pay.*, when: {all: [{any: [{match: {path: $.payload.note, op: eq, value: ok}}]}, {not: {match: {path: $.payload.x, op: exists}}}]}
id: rest, effect: allow, action: pay
"""  # noqa: E501 - one rule a line


def traces(payload: dict[str, Any]) -> dict[str, dict[str, Any]]:
    _, trace = explain(stack(policy(RULES)), action(payload=payload), facts())
    return {entry["rule_id"]: entry for entry in trace}


def test_an_outline_ends_with_the_rule_that_decides_and_says_which_parts_hold() -> None:
    found = outline(stack(policy(RULES)), action(payload={"amount_minor": 5, "currency": "EUR", "note": "ok"}), facts())
    assert [(each.rule_id, each.parts, each.matches, each.decides) for each in found] == [
        ("big", {"constraints.amount": "false", "constraints.currency": "true"}, False, False),
        ("team", {"where": "false"}, False, False),
        ("note", {"when": "true"}, True, True),
    ]


def test_an_outline_of_a_thousand_rules_is_short_and_has_the_one_that_decides() -> None:
    many = "".join(f"id: r{n}, effect: deny, action: pay, where: {{team: t}}\n" for n in range(1_000))
    found = outline(stack(policy(f"{many}id: last, effect: allow, action: pay\n")), action(), facts())
    assert (len(found), found[-1].rule_id, found[-1].decides) == (OUTLINED + 1, "last", True)


def test_every_rule_has_an_entry_with_its_place() -> None:
    found = traces({"amount_minor": 5, "currency": "EUR", "note": "ok"})
    assert [(name, entry["matches"], entry["decides"]) for name, entry in found.items()] == [
        ("far", False, False),
        ("big", False, False),
        ("team", False, False),
        ("note", True, True),
        ("rest", True, False),
    ]
    assert [found[name]["why"] for name in found] == [
        "read is not about pay",
        "constraints not true",
        "where not true",
        "it matches, and decides",
        "it matches, after the rule that decided",
    ]
    assert (found["note"]["line"], found["note"]["policy_id"], found["note"]["rule_place"]) == (7, "test", 3)
    assert found["big"]["constraints"]["parts"] == [
        {"name": "amount", "value": 5, "outcome": "false"},
        {"name": "currency", "value": "EUR", "outcome": "true"},
    ]
    assert found["team"]["where"] == {"parts": [{"name": "team", "value": [], "outcome": "false"}], "outcome": "false"}
    assert found["note"]["when"] == {
        "all": [
            {"any": [{"match": "$.payload.note eq ok", "value": "ok", "outcome": "true"}], "outcome": "true"},
            {"not": {"match": "$.payload.x exists", "value": "(missing)", "outcome": "false"}, "outcome": "true"},
        ],
        "outcome": "true",
    }


def test_a_rule_that_denies_what_cannot_be_judged_says_so() -> None:
    found = traces({"amount_minor": "100", "currency": "EUR"})["big"]
    assert (found["decides"], found["constraints"]["outcome"]) == (True, "unknown")
    assert found["why"] == "something in it cannot be judged, and a rule that denies does then"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("x" * (SHOWN + 1), "x" * SHOWN + "…"),
        ("x" * SHOWN, "x" * SHOWN),
        ({"secret": "s"}, "(an object of 1 members)"),
        ([1, {"a": 2}], [1, "(an object of 1 members)"]),
        (list(range(30)), list(range(20))),
        (None, None),
        (5.5, 5.5),
    ],
)
def test_a_value_is_shown_short_and_never_whole_payloads(value: Any, told: Any) -> None:
    assert shown(value) == told


VALUES = st.sampled_from(
    [None, 0, 5, 100, 101, "5", "100", "ok", True, ["ok"], {"a": 1}, "EUR", "eur", "a.example", "no host"]
)
PAYLOADS = st.dictionaries(st.sampled_from(["amount_minor", "currency", "note", "x", "domain"]), VALUES)
MORE = st.sampled_from([{}, party("a.example"), party("b.example"), party(5)])
WHOLE = stack(
    policy(
        RULES
        + "id: hosts, effect: deny, action: pay, constraints: {blocked_domains: [a.example], amount_max: 50}\n"
        + "id: hosts2, effect: allow, action: pay, constraints: {allowed_domains: ['*.example', b.example]}\n".replace(
            "'*.example', ", ""
        ),
        "require_approval",
    )
)


@given(PAYLOADS, MORE, st.sampled_from([frozenset(), frozenset({"ops"})]))
def test_the_trace_never_tells_another_story_than_the_decision(payload: Any, more: Any, teams: frozenset[str]) -> None:
    asked, known = action(payload=payload, **more), facts(teams=teams)
    decision, trace = explain(WHOLE, asked, known)
    assert decision.text() == decide(WHOLE, asked, known).text()
    dumps(trace)
    view = view_of(WHOLE, asked, known)
    for placed, entry in zip(WHOLE.rules, trace, strict=True):
        assert entry["matches"] == (entry["pattern_match"] and applies(placed.rule, view))
    deciding = [entry for entry in trace if entry["decides"]]
    assert deciding == [entry for entry in trace if entry["matches"]][:1]
    assert [entry["rule_id"] for entry in deciding] == ([] if decision.rule_id is None else [decision.rule_id])
