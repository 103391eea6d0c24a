"""Expressions in CEL: what is judged, what cannot be judged, and what is not even read."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.policies.expression import (
    DEPTH_LIMIT,
    JOINS_LIMIT,
    LONGEST,
    TOKENS_LIMIT,
    Expression,
    check,
    context,
)
from approvals_hub.policies.load_when import EXPRESSIONS_LIMIT
from approvals_hub.policies.trace import explain
from approvals_hub.policies.view import LARGEST
from tests.unit.policies.written import action, decided, facts, faults, party, policy, stack

PAYLOAD = {"n": 5, "f": 5.0, "s": "abc", "l": [1, 2, 3], "b": True, "z": None, "most": 2**53 - 1, "some-name": 1}
ALLOWING = 'id: a, effect: allow, action: pay, when: {cel: "%s"}'
DENYING = 'id: a, effect: deny, action: pay, when: {cel: "%s"}\nid: b, effect: allow, action: pay'


def judged(text: str, payload: Any = PAYLOAD) -> bool | None:
    return Expression(text).holds(context(action(payload=payload)))


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("action.payload.n > 3", True),
        ("action.payload.n == 5.0 && action.payload.f == 5", True),
        ("action.payload.n < 3 || action.payload.s == 'abc'", True),
        ("!(action.payload.n in [1, 2])", True),
        ("action.payload.n in action.payload.l", False),
        ("has(action.payload.n) && !has(action.payload.gone)", True),
        ("action.payload['some-name'] == 1", True),
        ("action.payload.l[2] - 1 == 2 % 3", True),
        (
            "action.payload.s.startsWith('a') && action.payload.s.endsWith(\"c\") && action.payload.s.contains('b')",
            True,
        ),
        ("size(action.payload.l) == 3 ? true : false", True),
        ("string(action.payload.n) + '!' == '5!'", True),
        ("int('7') * 2 == 14 && double(1) / 2.0 == 5e-1", True),
        ("action.payload.z == null", True),
        ("action.payload.b == 1", False),
        # What cannot be judged.
        ("action.payload.gone == 1", None),
        ("action.payload.s > 3", None),
        ("action.payload.l[7] == 1", None),
        ("action.payload.n", None),
        ("action.payload.s", None),
        ("action", None),
        ("1 / 0 == 1", None),
        ("9223372036854775807 + 1 > 0", None),
        ("action.payload.most * action.payload.most > 0", None),
        ("-action.payload.s == 1", None),
        ("int('x') == 1", None),
        ("has(action)", None),
        ("action.payload.n.startsWith('5')", None),
        # A part that settles it, settles it.
        ("action.payload.gone == 1 || true", True),
        ("false && action.payload.gone == 1", False),
    ],
)
def test_an_expression_is_true_false_or_not_known(text: str, truth: bool | None) -> None:
    try:
        found = judged(text)
    except ValueError:
        # What the library refuses when it reads it is refused where it stands.
        assert truth is None
        return
    assert found is truth


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not empty"),
        ("1 +", "parse"),
        ("[1, 2].map(x, x) == []", "no function 'map'"),
        ("action.payload.l.all(x, x > 0)", "no function 'all'"),
        ("action.payload.l.exists(x, action.payload.l.exists(y, x == y))", "no function 'exists'"),
        ("action.payload.s.matches(action.payload.p)", "no function 'matches'"),
        ("timestamp('2020-01-01T00:00:00Z') == 1", "no function 'timestamp'"),
        ("now() > 1", "no function 'now'"),
        ("contains('a')", "no function 'contains'"),
        ("cel.bind(x, 1, x == 1)", "not known"),
        ("payload.n == 1", "not known"),
        ("__import__", "not known"),
        ("{'a': 1}.a == 1", "no part"),
        ("r'a' == 'a'", "no part"),
        ("b'a' == b'a'", "no part"),
        ("'a\nb' == 'a'", "no part"),
        ("true // a comment", "no part"),
        ("action.payload.n == 0x10", "no part"),
        ("action.payload.assurance_level == 'HIGH'", "says of itself"),
        ("action.payload['assurance_level'] == 'HIGH'", "says of itself"),
        ("a" * (LONGEST + 1), "characters"),
        ("!" * TOKENS_LIMIT + "true", "words and signs"),
        ("(" * (DEPTH_LIMIT + 1) + "true" + ")" * (DEPTH_LIMIT + 1), "deep"),
        ("+".join(["action.payload.s"] * (JOINS_LIMIT + 2)) + " == 'a'", "'+'"),
    ],
)
def test_what_could_loop_grow_tell_a_time_or_is_no_expression_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        Expression(text)


def test_an_expression_at_its_limits_over_the_largest_action_is_judged() -> None:
    joined = "+".join(["action.payload.s"] * (JOINS_LIMIT + 1))
    assert judged(f"size({joined}) > 1", {"s": "x" * LARGEST}) is True
    assert judged("(" * DEPTH_LIMIT + "true" + ")" * DEPTH_LIMIT) is True
    # Below the library's own limit, which must not become a stack that overflows.
    assert judged("!" * (TOKENS_LIMIT - 2) + "true") is True


@pytest.mark.parametrize(
    ("longest", "longer", "why"),
    [
        ("true" + " " * 996, "true" + " " * 997, "1000 characters"),
        ("!" * 255 + "true", "!" * 256 + "true", "256 words"),
        ("(" * 16 + "true" + ")" * 16, "(" * 17 + "true" + ")" * 17, "16 deep"),
        ("+".join(["1"] * 9), "+".join(["1"] * 10), "8 '+'"),
    ],
)
def test_each_limit_of_an_expression_is_what_the_reference_says(longest: str, longer: str, why: str) -> None:
    check(longest)
    with pytest.raises(ValueError, match=re.escape(why)):
        check(longer)


def test_what_is_no_part_of_an_expression_is_shown_where_it_begins() -> None:
    with pytest.raises(ValueError, match=r"^'#{20}' is no part"):
        check("true " + "#" * 30)


class PanicException(BaseException):
    """What a panic of the library becomes."""


@pytest.mark.parametrize(("ends", "goes_on"), [(KeyboardInterrupt, True), (PanicException, False), (ValueError, False)])
def test_a_panic_of_the_library_is_not_known_and_an_interrupt_of_the_hub_is_none(
    ends: type[BaseException], goes_on: bool
) -> None:
    class Program:
        """The library's, at its worst."""

        def execute(self, _: object) -> bool:
            raise ends

    made = Expression("true")
    made._program = Program()
    if goes_on:
        with pytest.raises(ends):
            made.holds(context({}))
    else:
        assert made.holds(context({})) is None


@given(st.text(max_size=60) | st.text("action.payld&|!=<>+()[]'\" 123,?:", max_size=60))
def test_no_text_raises_anything_else_and_every_answer_is_one_of_three(text: str) -> None:
    try:
        made = Expression(text)
    except ValueError:
        return
    assert made.holds(context(action(payload=PAYLOAD))) in (True, False, None)


@pytest.mark.parametrize("text", ["action.payload.gone > 1", "action.payload.note > 1", "action.payload.n"])
def test_a_rule_that_allows_takes_only_what_is_true_and_one_that_denies_what_cannot_be_judged(text: str) -> None:
    asked = action(payload={"note": "x", "n": 5})
    assert decided(ALLOWING % text, asked).decision == "DENY"
    assert decided(DENYING % text, asked).rule_id == "a"
    negated = DENYING.replace('{cel: "%s"}', '{not: {cel: "%s"}}')
    assert decided(negated % text, asked).rule_id == "a"


def test_an_action_too_large_for_expressions_is_denied_by_one_that_denies_and_allowed_by_none() -> None:
    asked = action(payload={"n": 5, "more": "x" * LARGEST})
    assert decided(ALLOWING % "action.payload.n == 5", asked).decision == "DENY"
    assert decided(DENYING % "action.payload.n == 6", asked).rule_id == "a"
    assert decided(DENYING % "action.payload.n == 6", action(payload={"n": 5})).rule_id == "b"


def test_an_agent_that_calls_itself_sure_or_its_counterparty_trusted_is_not_believed() -> None:
    asked = action(payload={"assurance_level": "HIGH"}, **party("a.example", trust_profile="HIGH"))
    hidden = "action.payload['assurance' + '_level'] == 'HIGH'"
    assert decided(ALLOWING % hidden, asked).decision == "DENY"
    trusted = "action.relying_party.trust_profile == 'HIGH'"
    assert decided(ALLOWING % trusted, asked).decision == "DENY"
    assert decided(ALLOWING % trusted, asked, registry={"a.example": "HIGH"}).decision == "ALLOW"


def test_the_same_input_gives_the_same_bytes() -> None:
    whole = stack(policy(ALLOWING % "action.payload.f * 3.0 > 14.9 && size(string(action.payload.f)) > 0"))
    texts = {explain(whole, action(payload=PAYLOAD), facts())[0].text() for _ in range(50)}
    assert len(texts) == 1


def test_a_trace_says_what_became_of_it() -> None:
    _, trace = explain(stack(policy(ALLOWING % "action.payload.n > 3")), action(payload={"n": 4}), facts())
    assert trace[0]["when"] == {"cel": "action.payload.n > 3", "outcome": "true"}


def test_without_the_extra_a_policy_with_an_expression_is_refused_with_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    head = "version: 1\ndefault: deny\nrules:\n  - id: a\n    effect: allow\n    action: pay\n    when: "
    monkeypatch.setitem(sys.modules, "cel", None)
    [(line, column, words)] = faults(f"{head}{{cel: 'true'}}\n")
    assert (line, column) == (7, 17)
    assert "approvals-hub[cel]" in words


def test_a_policy_has_few_expressions_and_each_is_a_text() -> None:
    head = "version: 1\ndefault: deny\nrules:\n  - id: a\n    effect: allow\n    action: pay\n    when: "
    many = ", ".join(["{cel: 'true'}"] * (EXPRESSIONS_LIMIT + 1))
    assert str(EXPRESSIONS_LIMIT) in faults(f"{head}{{any: [{many}]}}\n")[0][2]
    for wrong in ("true", "[a]", "1", "{a: b}"):
        assert "is a text" in faults(f"{head}{{cel: {wrong}}}\n")[0][2]
    assert "no function" in faults(f"{head}{{cel: 'now() > 1'}}\n")[0][2]


def test_the_form_is_checked_before_the_library_reads_it() -> None:
    check("action.payload.n == 1")
    with pytest.raises(ValueError, match="no function"):
        check("action.payload.l.map(x, x)")
