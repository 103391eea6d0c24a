"""A policy is read strictly: what is not understood is refused with its place, and nothing is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals_hub.policies.document import Duty
from approvals_hub.policies.labels import DEFAULT
from approvals_hub.policies.load import ONLY_ALLOWS, load
from approvals_hub_client.canonical import sha256_text
from tests.unit.policies.bounded import refusals
from tests.unit.policies.written import faults, one_rule

FULL = """\
version: 1
policy: shop
description: What the shop's agents may do.
default: require_approval
taxonomy: default
labels:
  - {action: commerce.return, reversible: true, risk: low}
rules:
  - id: buy
    effect: allow
    action: commerce.*
    description: Small things.
    when: {all: []}
    requirements: {min_assurance_level: SUBSTANTIAL, credential_scheme: x}
    obligations:
      - {type: NOTIFY, params: {who: [a, 1, null]}}
    proof: {required: true, ttl_seconds: 300}
    counterparty_proof: required
"""
HEAD = "version: 1\ndefault: deny\nrules:\n"
MISSPELT_LEVEL = (
    f"{HEAD}  - {{id: a, effect: allow, action: pay,"
    " obligations: [{type: STEP_UP_AUTH, params: {min_assurance_level: HI}}]}\n"
)


def test_everything_that_can_be_written_is_read_as_it_is_meant() -> None:
    policy = load(FULL, version=7)
    assert (policy.id, policy.version, policy.default) == ("shop", 7, "require_approval")
    assert policy.hash == sha256_text(FULL.encode())
    assert policy.labels[0].action == "commerce.return"
    assert policy.labels[1:] == DEFAULT
    (rule,) = policy.rules
    assert (rule.id, rule.effect, rule.action, rule.line) == ("buy", "allow", "commerce.*", 9)
    assert (rule.min_assurance, rule.credential_scheme) == ("SUBSTANTIAL", "x")
    assert rule.obligations == (Duty("NOTIFY", {"who": ["a", 1, None]}),)
    assert (rule.proof, rule.proof_ttl, rule.counterparty_proof) == (True, 300, True)


def test_a_policy_is_named_by_whoever_keeps_it_else_by_itself() -> None:
    assert load(FULL, policy_id="pol_1").id == "pol_1"
    assert load(f"{HEAD}  []\n").id == "policy"


def test_another_byte_is_another_hash() -> None:
    assert load(FULL + "# \n").hash != load(FULL).hash


def test_all_faults_are_told_at_once() -> None:
    text = HEAD + (
        "  - {id: a, effect: alow, action: pay}\n"
        "  - {id: b, effect: deny, action: 'a*', when: {al: []}}\n"
        "  - {id: c, effect: allow, action: pay, obligations: [{type: HUMAN_APROVAL}], proof: {required: 1}}\n"
    )
    assert [line for line, _, _ in faults(text)] == [4, 5, 5, 5, 6, 6]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "empty"),
        ("[]", 1, "mapping"),
        ("version: 2\ndefault: deny\nrules: []\n", 1, "from 1 to 1"),
        ("version: '1'\ndefault: deny\nrules: []\n", 1, "without quotes"),
        ("version: 1.0\ndefault: deny\nrules: []\n", 1, "whole number"),
        ("default: deny\nrules: []\n", 1, "'version' is missing"),
        ("version: 1\nrules: []\n", 1, "'default' is missing"),
        ("version: 1\ndefault: deny\n", 1, "'rules' is missing"),
        ("version: 1\ndefault: block\nrules: []\n", 2, "known are allow"),
        ("version: 1\ndefault: deny\nrules: {}\n", 3, "list"),
        ("version: 1\ndefault: deny\nrules: []\nextends: other\n", 4, "unknown key 'extends'"),
        ("version: 1\ndefault: deny\ndefault: allow\nrules: []\n", 3, "written twice"),
        ("version: 1\ndefault: &a deny\nrules: []\n", 2, "anchor"),
        ("version: 1\ndefault: *a\nrules: []\n", 2, "alias"),
        ("version: 1\ndefault: !!str deny\nrules: []\n", 2, "tag"),
        ("version: !!python/object/apply:os.system [x]\n", 1, "tag"),
        ("version: 1\n---\nversion: 1\n", 2, "second document"),
        (f"{HEAD}  - {{effect: deny, action: pay}}\n", 4, "'id' is missing"),
        (f"{HEAD}  - {{id: 7, effect: deny, action: pay}}\n", 4, "'id' is a text"),
        (f"{HEAD}  - {{id: '', effect: deny, action: pay}}\n", 4, "'id' is a text"),
        (f"{HEAD}  - {{id: a, action: pay}}\n", 4, "'effect' is missing"),
        (f"{HEAD}  - {{id: a, effect: deny}}\n", 4, "'action' is missing"),
        (f"{HEAD}  - {{id: a, effect: deny, action: ''}}\n", 4, "an action is"),
        (f"{HEAD}  - {{id: a, effect: deny, action: '*.pay'}}\n", 4, "match nothing"),
        (f"{HEAD}  - {{id: a, effect: deny, action: [pay]}}\n", 4, "an action is"),
        (f"{HEAD}  - {{id: a, effect: deny, action: pay, description: []}}\n", 4, "is a text"),
        (
            f"{HEAD}  - {{id: a, effect: allow, action: pay, requirements: {{min_assurance_level: MAX}}}}\n",
            4,
            "known are LOW",
        ),
        (f"{HEAD}  - {{id: a, effect: allow, action: pay, obligations: [{{type: STEP_UP}}]}}\n", 4, "did you mean"),
        (
            f"{HEAD}  - {{id: a, effect: allow, action: pay, obligations: [{{type: DEPOSIT, params: []}}]}}\n",
            4,
            "mapping",
        ),
        (
            MISSPELT_LEVEL,
            4,
            "did you mean 'HIGH'",
        ),
        (
            f"{HEAD}  - {{id: a, effect: allow, action: pay, obligations: [{{type: DEPOSIT, parms: {{}}}}]}}\n",
            4,
            "'params'",
        ),
        (
            f"{HEAD}  - {{id: a, effect: allow, action: pay, proof: {{required: true, ttl_seconds: 0}}}}\n",
            4,
            "from 1 on",
        ),
        (f"{HEAD}  - {{id: a, effect: allow, action: pay, counterparty_proof: true}}\n", 4, "known are required"),
        ("version: 1\ndefault: deny\ntaxonomy: all\nrules: []\n", 3, "known are none, default"),
        ("version: 1\ndefault: deny\nlabels: [{action: pay, risk: huge}]\nrules: []\n", 3, "did you mean 'high'"),
        ("version: 1\ndefault: deny\nlabels: [{action: 'a*', reversible: 'no'}]\nrules: []\n", 3, "match nothing"),
        ("version: 1\ndefault: deny\npolicy: My Shop\nrules: []\n", 3, "is not a name"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    told = faults(text)
    assert any(words in each and at == line for at, _, each in told), told


@pytest.mark.parametrize("key", ONLY_ALLOWS)
def test_what_is_denied_is_not_asked_about(key: str) -> None:
    told = faults(f"{HEAD}  - {{id: a, effect: deny, action: pay, {key}: {{}}}}\n")
    assert any("beside 'effect: allow'" in each for _, _, each in told)


def test_a_condition_with_a_fault_leaves_the_others_to_be_told() -> None:
    told = faults(f"{HEAD}  - {{id: a, effect: deny, action: pay, when: {{all: [{{match: {{}}}}, {{x: 1}}]}}}}\n")
    assert len(told) == 3


@given(st.binary(max_size=400))
def test_bytes_of_any_kind_raise_nothing_but_the_documented_error_and_cost_what_their_length_lets_them(
    raw: bytes,
) -> None:
    refusals(raw)


KEYS = (
    "when",
    "match",
    "path",
    "op",
    "value",
    "all",
    "not",
    "spend",
    "limit",
    "approval",
    "quorum",
    "of",
    "constraints",
    "times",
    "params",
)
JUNK = st.recursive(
    st.sampled_from(
        [
            "x",
            "'5'",
            "-1",
            "0.5",
            "true",
            "~",
            "''",
            "'('",
            "$.a",
            "[",
            "*.com",
            "host_in",
            "regex",
            "role:admin",
            "yes",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda each: f"[{', '.join(each)}]")
        | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3).map(
            lambda each: "{" + ", ".join(f"{key}: {value}" for key, value in each.items()) + "}"
        )
    ),
    max_leaves=8,
)
MEMBERS = (
    "when",
    "constraints",
    "requirements",
    "obligations",
    "proof",
    "where",
    "approval",
    "spend",
    "frequency",
    "id",
    "action",
)


@given(st.sampled_from(MEMBERS), JUNK, st.sampled_from(["allow", "deny"]))
def test_any_value_at_any_member_raises_nothing_but_the_documented_error(member: str, value: str, effect: str) -> None:
    rest = "".join(f"{key}: pay, " for key in ("id", "action") if key != member)
    told = refusals(f"{HEAD}  - {{{rest}effect: {effect}, {member}: {value}}}\n")
    assert all(each["line"] >= 1 and each["detail"] for each in told)


@settings(max_examples=15)
@given(JUNK, st.sampled_from(MEMBERS), st.integers(1, 300), st.sampled_from(["rules", "items", "keys", "deep"]))
def test_whatever_is_repeated_costs_no_more_than_its_length_lets_it(
    value: str, member: str, times: int, how: str
) -> None:
    times = min(times, 6_000 // len(value))
    rule = f"  - {{id: r, effect: allow, action: pay, {member}: %s}}\n"
    refusals(
        {
            "rules": HEAD + rule % value * min(times, 40),
            "items": HEAD + rule % f"[{f'{value}, ' * times}]",
            "keys": HEAD + rule % ("{" + "".join(f"k{place}: {value}, " for place in range(times)) + "}"),
            "deep": HEAD + rule % ("{not: " * times + value + "}" * times),
        }[how]
    )


@settings(max_examples=60)
@given(
    st.integers(0, len(FULL) - 1),
    st.integers(0, 12),
    st.sampled_from(["", "\n", ":", "- ", "'", "{", "&a ", "\u202e", "\t", "🦊"]),
)
def test_a_policy_that_was_damaged_anywhere_raises_nothing_else(at: int, gone: int, put: str) -> None:
    refusals(FULL[:at] + put + FULL[at + gone :])


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 100_000,
        "{" * 100_000,
        "a: " + "{b: " * 10_000,
        "? " * 50_000,
        "- " * 50_000,
        f"{HEAD}  - {{id: r, effect: deny, action: pay, when: " + "{not: " * 30_000,
        HEAD + "  - {}\n" * 20_000,
        "k" * 400_000 + ": 1",
    ],
    ids=["lists", "mappings", "both", "keys", "items", "conditions", "rules", "long"],
)
def test_a_text_that_is_made_to_be_expensive_is_not(text: str) -> None:
    assert refusals(text) != []


def test_a_rule_without_anything_else_is_a_rule() -> None:
    rule = one_rule("id: r, effect: allow, action: pay")
    assert (rule.when, rule.constraints, rule.where, rule.approval, rule.limits, rule.obligations) == (
        None,
        None,
        None,
        None,
        (),
        (),
    )
