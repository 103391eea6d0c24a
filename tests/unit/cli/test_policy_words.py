"""A decision in words: what is asked, what is owed, what is counted, and how each condition came out."""

from __future__ import annotations

from approvals_hub.cli.policy_words import lines_of
from approvals_hub.policies.trace import explain
from tests.unit.policies.written import action, facts, policy, stack

RULES = (
    "id: r, effect: allow, action: pay, where: {team: ops},"
    " when: {all: [{any: [{match: {path: $.payload.x, op: eq, value: 1}}]},"
    " {not: {match: {path: $.payload.y, op: exists}}}]},"
    " approval: {quorum: 2, route: on_call}, spend: {limit: 5, currency: EUR, window: day}\n"
    "id: d, effect: deny, action: pay, constraints: {amount_min: 100}\n"
    "id: p, effect: allow, action: read, proof: {required: true}"
)


def told(kind: str = "pay", **payload: object) -> list[tuple[str, str]]:
    decision, trace = explain(stack(policy(RULES)), action(kind, payload), facts(teams=frozenset({"ops"})))
    shown = [entry for entry in trace if entry["pattern_match"]]
    return list(lines_of({"decision": decision.members(), "trace": shown}))


def test_a_question_says_whom_it_asks_what_is_owed_and_what_is_counted() -> None:
    lines = [line for _, line in told(x=1, amount_minor=9, currency="EUR")]
    assert lines[0] == (
        "REQUIRE_APPROVAL: rule 'r' allows it within a limit, and this would pass spend r (day): it takes people"
    )
    assert lines[1].startswith("  policy test, version 0, sha256:")
    assert lines[2:] == [
        '  people are asked: {"approvals": 2, "min_assurance": "SUBSTANTIAL"}',
        "  by the route on_call",
        '  owed: STEP_UP_AUTH {"min_assurance_level": "SUBSTANTIAL"} (spend r)',
        "  owed: HUMAN_APPROVAL {} (approval)",
        "  counts 9 for agent:agt_1: None of 5 before, would pass the limit",
        "✓ r (test:4) allow pay: it matches, and decides",
        '    ✓ team: ["ops"]',
        "    ✓ all",
        "      ✓ any",
        "        ✓ $.payload.x eq 1: 1",
        "      ✓ not",
        '        ✗ $.payload.y exists: "(missing)"',
        "✗ d (test:5) deny pay: constraints not true",
        "    ✗ amount: 9",
    ]


def test_what_cannot_be_judged_has_a_mark_of_its_own() -> None:
    lines = told(x="1", amount_minor="200")
    assert ("yellow", '    ? amount: "200"') in lines
    assert lines[0] == ("bold red", "DENY: rule 'd' denies it")


def test_a_proof_that_is_due_is_told() -> None:
    assert [line for _, line in told("read")][:3:2] == ["ALLOW: rule 'p' allows it", "  a proof is due"]


def test_hidden_characters_are_shown() -> None:
    lines = [line for _, line in told(x="\u202e", amount_minor=1)]
    assert any("⟦U+202E⟧" in line for line in lines)
