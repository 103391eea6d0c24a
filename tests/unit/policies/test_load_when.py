"""Conditions that could never be true, or only by a slip, are refused where they stand."""

from __future__ import annotations

import pytest

from approvals_hub.policies.load_when import DEPTH_LIMIT, PARTS_LIMIT, PATTERNS_LIMIT, is_known_path
from tests.unit.policies.written import faults, policy

HEAD = "version: 1\ndefault: deny\nrules:\n  - id: r\n    effect: deny\n    action: pay\n    when: "
MATCH = "match: {path: $.payload.x, "


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("{}", "exactly one of"),
        ("{all: [], any: []}", "exactly one of"),
        ("[]", "mapping"),
        ("{al: []}", "did you mean 'all'"),
        ("{all: {}}", "list"),
        ("{any: x}", "list"),
        ("{not: []}", "mapping"),
        ("{match: x}", "mapping"),
        ("{match: {op: eq, value: 1}}", "'path' is missing"),
        ("{match: {path: [], op: eq, value: 1}}", "path is a text"),
        ("{match: {path: $.payload.my-key, op: eq, value: 1}}", "in a path"),
        ("{match: {path: $.payload.x, value: 1}}", "'op' is missing"),
        (f"{{{MATCH}op: equals, value: 1}}}}", "did you mean"),
        (f"{{{MATCH}op: eq}}}}", "'exists'"),
        (f"{{{MATCH}op: eq, value: [1]}}}}", "lists equal nothing"),
        (f"{{{MATCH}op: eq, value: {{a: 1}}}}}}", "lists equal nothing"),
        (f"{{{MATCH}op: eq, value: no}}}}", "in quotes"),
        (f"{{{MATCH}op: in, value: a}}}}", "compares with a list"),
        (f"{{{MATCH}op: nin, value: [[a]]}}}}", "lists equal nothing"),
        (f"{{{MATCH}op: gt, value: '5'}}}}", "number, without quotes"),
        (f"{{{MATCH}op: lt, value: true}}}}", "number, without quotes"),
        (f"{{{MATCH}op: regex, value: 5}}}}", "is a text"),
        (f"{{{MATCH}op: regex, value: '('}}}}", "linear time"),
        (f"{{{MATCH}op: regex, value: '(?!a)'}}}}", "linear time"),
        (f"{{{MATCH}op: host_in, value: ['*.com']}}}}", "public suffix"),
        (f"{{{MATCH}op: host_nin, value: [5]}}}}", "list of hosts"),
    ],
)
def test_a_condition_that_says_nothing_is_refused_where_it_stands(when: str, words: str) -> None:
    told = faults(f"{HEAD}{when}\n")
    assert any(words in each for _, _, each in told), told
    assert {line for line, _, _ in told} == {7}


def nested(depth: int) -> str:
    return "{not: " * (depth - 1) + "{all: []}" + "}" * (depth - 1)


def test_conditions_have_limits_of_depth_number_and_patterns() -> None:
    policy(f"id: r, effect: deny, action: pay, when: {nested(DEPTH_LIMIT)}")
    assert "deep" in faults(f"{HEAD}{nested(DEPTH_LIMIT + 1)}\n")[0][2]
    many = ", ".join(["{all: []}"] * (PARTS_LIMIT + 1))
    assert str(PARTS_LIMIT) in faults(f"{HEAD}{{any: [{many}]}}\n")[0][2]
    patterns = ", ".join([f"{{{MATCH}op: regex, value: a}}}}"] * (PATTERNS_LIMIT + 1))
    assert f"at most {PATTERNS_LIMIT}" in faults(f"{HEAD}{{any: [{patterns}]}}\n")[0][2]


def listed(depth: int) -> str:
    return "{all: [" * depth + "]}" * depth


REGEX = f"{{{MATCH}op: regex, value: a}}}}"
CEL = "{cel: 'true'}"
NUMBERS = [str(number) for number in range(1_001)]


@pytest.mark.parametrize(
    ("most", "more", "words"),
    [
        (nested(12), nested(13), "12 deep"),
        (listed(12), listed(13), "12 deep"),
        (f"{{any: [{', '.join(['{all: []}'] * 256)}]}}", f"{{any: [{', '.join(['{all: []}'] * 257)}]}}", "256"),
        (f"{{any: [{', '.join([REGEX] * 200)}]}}", f"{{any: [{', '.join([REGEX] * 201)}]}}", "at most 200"),
        (f"{{any: [{', '.join([CEL] * 50)}]}}", f"{{any: [{', '.join([CEL] * 51)}]}}", "at most 50"),
        (
            f"{{{MATCH}op: in, value: [{', '.join(NUMBERS[:1_000])}]}}}}",
            f"{{{MATCH}op: in, value: [{', '.join(NUMBERS)}]}}}}",
            "at most 1000",
        ),
        (CEL, "{cel: {a: b}}", "is a text"),
        (CEL, "{cel: 5}", "is a text"),
    ],
)
def test_each_limit_of_conditions_is_what_the_reference_says(most: str, more: str, words: str) -> None:
    policy(f"id: r, effect: deny, action: pay, when: {most}")
    assert words in faults(f"{HEAD}{more}\n")[0][2]


def test_a_path_that_no_action_has_is_known() -> None:
    assert is_known_path(("payload", "x"))
    assert not is_known_path(("agent", "x"))
