"""Every operator on every kind of value, in three values; and Kleene's logic over them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.policies.document import All, AnyOf, Not
from approvals_hub.policies.judge import Truth, among, equal, every, judge, opposite, some
from approvals_hub.policies.path import MISSING
from tests.unit.policies.written import one_rule, view

TRUTHS = st.sampled_from([True, False, None])


def truth(op: str, value: str, found: Any = MISSING, *, expects: bool = False) -> Truth:
    """What one comparison of `$.payload.x` is; `value` as it stands in YAML."""
    written = "" if op == "exists" else f", value: {value}"
    rule = one_rule(f"id: r, effect: allow, action: pay, when: {{match: {{path: $.payload.x, op: {op}{written}}}}}")
    return judge(rule.when, view({} if found is MISSING else {"x": found}), expects=expects)


@pytest.mark.parametrize(
    ("op", "value", "found", "expected"),
    [
        ("eq", "5", 5, True),
        ("eq", "5", 5.0, True),
        ("eq", "5", 6, False),
        ("eq", "5", "5", None),
        ("eq", "'5'", 5, None),
        ("eq", "1", True, None),
        ("eq", "true", True, True),
        ("eq", "true", 1, None),
        ("eq", "null", None, True),
        ("eq", "null", 0, False),
        ("eq", "a", None, False),
        ("eq", "a", ["a"], None),
        ("eq", "a", {"a": 1}, None),
        ("eq", "a", MISSING, False),
        ("eq", "null", MISSING, False),
        ("neq", "a", "b", True),
        ("neq", "a", "a", False),
        ("neq", "a", 1, None),
        ("neq", "a", MISSING, True),
        ("in", "[a, b]", "b", True),
        ("in", "[a, b]", "c", False),
        ("in", "[a, 1]", "c", None),
        ("in", "[a, 1]", 1, True),
        ("in", "[a]", 1, None),
        ("in", "[]", "a", False),
        ("in", "[a]", MISSING, False),
        ("in", "[a]", ["a"], None),
        ("nin", "[a]", "b", True),
        ("nin", "[a]", "a", False),
        ("nin", "[a]", 1, None),
        ("nin", "[a]", MISSING, True),
        ("lt", "5", 4, True),
        ("lt", "5", 5, False),
        ("lte", "5", 5, True),
        ("lte", "5", 6, False),
        ("gt", "5", 6, True),
        ("gt", "5", 5, False),
        ("gte", "5", 5, True),
        ("gte", "5", 4.9, False),
        ("gt", "5", "6", None),
        ("gt", "5", True, None),
        ("gt", "5", None, None),
        ("gt", "5", [6], None),
        ("gt", "5", MISSING, False),
        ("regex", "'b+'", "abbc", True),
        ("regex", "'b+'", "ac", False),
        ("regex", "'5'", 5, None),
        ("regex", "'a'", MISSING, False),
        ("regex", "'a'", None, None),
        ("exists", "", 0, True),
        ("exists", "", "", True),
        ("exists", "", [], True),
        ("exists", "", False, True),
        ("exists", "", None, False),
        ("exists", "", MISSING, False),
        ("host_in", "[example.com]", "https://EXAMPLE.com./x", True),
        ("host_in", "[example.com]", "https://example.com@attacker.tld", False),
        ("host_in", "['*.example.com']", "ada@mail.example.com", True),
        ("host_in", "[example.com]", "ex ample.com", None),
        ("host_in", "[example.com]", 5, None),
        ("host_in", "[example.com]", MISSING, False),
        ("host_in", "[example.com]", None, False),
        ("host_in", "[example.com]", ["example.com", "a@example.com"], True),
        ("host_in", "[example.com]", ["example.com", "attacker.tld"], None),
        ("host_in", "[example.com]", ["attacker.tld"], False),
        ("host_in", "[example.com]", [], None),
        ("host_nin", "[attacker.tld]", "example.com", True),
        ("host_nin", "[attacker.tld]", "ATTACKER.tld:80", False),
        ("host_nin", "[attacker.tld]", ["example.com", "attacker.tld"], None),
        ("host_nin", "[attacker.tld]", MISSING, True),
    ],
)
def test_an_operator_compares_like_with_like_alone(op: str, value: str, found: Any, expected: Truth) -> None:
    assert truth(op, value, found) is expected


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        ("lt", "5", None),
        ("gte", "5", None),
        ("regex", "a", None),
        ("host_in", "[a.example]", None),
        ("host_nin", "[a.example]", None),
        ("eq", "a", False),
        ("neq", "a", True),
        ("in", "[a]", False),
        ("exists", "", False),
    ],
)
def test_where_a_value_is_expected_a_missing_one_is_not_known(op: str, value: str, expected: Truth) -> None:
    assert truth(op, value, expects=True) is expected


@pytest.mark.parametrize(
    ("op", "value"), [("eq", "HIGH"), ("in", "[HIGH]"), ("nin", "[LOW]"), ("neq", "LOW"), ("exists", "")]
)
def test_what_an_agent_says_of_its_own_assurance_is_never_true(op: str, value: str) -> None:
    written = "" if op == "exists" else f", value: {value}"
    for path in ("$.payload.assurance_level", "\"$['payload']['assurance_level']\""):
        rule = one_rule(f"id: r, effect: allow, action: pay, when: {{match: {{path: {path}, op: {op}{written}}}}}")
        assert judge(rule.when, view({"assurance_level": "HIGH"})) is None


@pytest.mark.parametrize(
    ("parts", "all_of", "any_of"),
    [
        ([], True, False),
        ([True], True, True),
        ([True, False], False, True),
        ([True, None], None, True),
        ([False, None], False, None),
        ([None], None, None),
        ([None, False, True], False, True),
    ],
)
def test_what_is_not_known_decides_only_where_nothing_else_does(
    parts: list[Truth], all_of: Truth, any_of: Truth
) -> None:
    assert every(parts) is all_of
    assert some(parts) is any_of


@given(st.lists(TRUTHS))
def test_all_and_any_are_each_others_opposite(parts: list[Truth]) -> None:
    assert every(parts) is opposite(some(opposite(part) for part in parts))


@given(st.lists(TRUTHS, min_size=1), st.data())
def test_learning_what_was_not_known_never_turns_true_into_false(parts: list[Truth], data: st.DataObject) -> None:
    learnt = [data.draw(st.booleans()) if part is None else part for part in parts]
    for whole in (every, some):
        before = whole(parts)
        assert before is None or whole(learnt) is before


def test_conditions_lie_within_each_other() -> None:
    rule = one_rule(
        "id: r, effect: allow, action: pay, when: {all: [{any: [{match: {path: $.payload.x, op: eq, value: 1}},"
        " {match: {path: $.payload.y, op: exists}}]}, {not: {match: {path: $.payload.z, op: gt, value: 5}}}]}"
    )
    assert [
        judge(rule.when, view(each)) for each in ({"x": 1}, {"y": 0}, {"x": 2}, {"x": 1, "z": 6}, {"x": 1, "z": "6"})
    ] == [
        True,
        True,
        False,
        False,
        None,
    ]
    assert judge(All(()), view()) is True
    assert judge(AnyOf(()), view()) is False
    assert judge(Not(AnyOf(())), view()) is True


@given(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text())
def test_a_value_equals_itself_and_is_in_a_list_that_has_it(value: Any) -> None:
    assert equal(value, value) is True
    assert among(value, ("other", value)) is True
