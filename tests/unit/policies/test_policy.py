"""The engine: first match, everything that is owed together, and nothing that an agent says of itself."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.policies.document import Layer
from approvals_hub.policies.policy import decide
from approvals_hub.policies.stack import Stack
from tests.unit.policies.written import action, decided, facts, party, policy, stack

ALLOW = "id: a, effect: allow, action: pay"
DENY = "id: d, effect: deny, action: pay"


def owed(made: Any) -> list[str]:
    return [each.type for each in made.obligations]


@pytest.mark.parametrize(
    ("rules", "decision", "rule"),
    [
        (f"{ALLOW}\n{DENY}", "ALLOW", "a"),
        (f"{DENY}\n{ALLOW}", "DENY", "d"),
        ("id: x, effect: allow, action: other\n" + DENY, "DENY", "d"),
        (f"{ALLOW}, when: {{match: {{path: $.payload.x, op: exists}}}}\n{DENY}", "DENY", "d"),
        (f"{DENY}, when: {{match: {{path: $.payload.x, op: exists}}}}\n{ALLOW}", "ALLOW", "a"),
        (f"{ALLOW}, constraints: {{amount_max: 5}}\n{DENY}", "DENY", "d"),
        (f"{ALLOW}, where: {{team: ops}}\n{DENY}", "DENY", "d"),
    ],
)
def test_the_first_rule_that_matches_decides(rules: str, decision: str, rule: str) -> None:
    made = decided(rules)
    assert (made.decision, made.code, made.rule_id) == (decision, "rule", rule)


@pytest.mark.parametrize(
    ("default", "decision", "duties"),
    [
        ("allow", "ALLOW", []),
        ("deny", "DENY", []),
        ("passthrough", "DENY", []),
        ("require_approval", "REQUIRE_APPROVAL", ["HUMAN_APPROVAL"]),
    ],
)
def test_without_a_match_the_default_decides(default: str, decision: str, duties: list[str]) -> None:
    made = decided("", default=default)
    assert (made.decision, made.code, made.rule_id, owed(made)) == (decision, "default", None, duties)
    assert made.policy is not None
    assert (made.asked is not None) == (decision == "REQUIRE_APPROVAL")


def test_without_a_policy_it_is_denied() -> None:
    made = decide(Stack([]), action(), facts())
    assert (made.decision, made.code, made.policy) == ("DENY", "no_policy", None)


def obliged(types: list[str], more: str = "") -> Any:
    duties = ", ".join(f"{{type: {each}}}" for each in types)
    return decided(f"{ALLOW}, obligations: [{duties}]{more}")


@pytest.mark.parametrize(
    ("types", "decision"),
    [
        (["HUMAN_APPROVAL"], "REQUIRE_APPROVAL"),
        (["STEP_UP_AUTH"], "REQUIRE_STEP_UP"),
        (["DEPOSIT"], "REQUIRE_DEPOSIT"),
        (["COUNTERPARTY_ATTESTATION"], "ALLOW"),
        (["NOTIFY", "RECORD"], "ALLOW"),
        (["DEPOSIT", "STEP_UP_AUTH"], "REQUIRE_STEP_UP"),
        (["DEPOSIT", "STEP_UP_AUTH", "HUMAN_APPROVAL"], "REQUIRE_APPROVAL"),
    ],
)
def test_obligations_decide_in_openleashs_order_and_none_is_lost(types: list[str], decision: str) -> None:
    made = obliged(types)
    assert (made.decision, owed(made)) == (decision, types)


def test_params_of_an_obligation_are_handed_on_as_they_are_written() -> None:
    made = decided(f"{ALLOW}, obligations: [{{type: DEPOSIT, params: {{amount: 5, of: [a, null]}}}}]")
    assert made.obligations[0].params == {"amount": 5, "of": ["a", None]}


@pytest.mark.parametrize("types", [["HUMAN_APPROVAL"], ["HUMAN_APPROVAL", "STEP_UP_AUTH"]])
def test_a_step_up_is_not_lost_when_approval_is_asked_for_too(types: list[str]) -> None:
    made = obliged(types, ", requirements: {min_assurance_level: HIGH}")
    assert made.decision == "REQUIRE_APPROVAL"
    assert "STEP_UP_AUTH" in owed(made)
    assert made.asked is not None
    assert made.asked.members["min_assurance"] == "HIGH"


@pytest.mark.parametrize("claimed", [{}, {"assurance_level": "HIGH"}, {"assurance_level": "NONE"}, {"acr": "HIGH"}])
def test_an_agent_that_writes_its_own_assurance_level_still_needs_the_step_up(claimed: dict[str, Any]) -> None:
    made = decided(f"{ALLOW}, requirements: {{min_assurance_level: SUBSTANTIAL}}", action(payload=claimed))
    assert (made.decision, owed(made)) == ("REQUIRE_STEP_UP", ["STEP_UP_AUTH"])
    assert made.obligations[0].params == {"min_assurance_level": "SUBSTANTIAL"}


def test_the_lowest_level_needs_no_step_up() -> None:
    assert decided(f"{ALLOW}, requirements: {{min_assurance_level: LOW, credential_scheme: x}}").decision == "ALLOW"


@pytest.mark.parametrize(
    ("more", "level"),
    [
        (", approval: {min_assurance: HIGH}, requirements: {min_assurance_level: SUBSTANTIAL}", "HIGH"),
        (", approval: {min_assurance: LOW}, requirements: {min_assurance_level: SUBSTANTIAL}", "SUBSTANTIAL"),
        (", approval: {}, obligations: [{type: STEP_UP_AUTH}]", "SUBSTANTIAL"),
        (", approval: {}, obligations: [{type: STEP_UP_AUTH, params: {min_assurance_level: HIGH}}]", "HIGH"),
    ],
)
def test_people_are_asked_for_the_highest_level_that_anything_asks_for(more: str, level: str) -> None:
    made = decided(ALLOW + more)
    assert made.asked is not None
    assert made.asked.members["min_assurance"] == level


def test_an_approval_asks_what_it_says_and_owes_itself_once() -> None:
    made = decided(f"{ALLOW}, approval: {{route: ops, expires_in: 5m}}, obligations: [{{type: HUMAN_APPROVAL}}]")
    assert owed(made) == ["HUMAN_APPROVAL"]
    assert made.asked is not None
    assert (made.asked.members, made.asked.route) == ({"expires_in": 300}, "ops")


SLIPPED: list[tuple[str, dict[str, Any]]] = [
    ("constraints: {amount_min: 100000}", {"amount_minor": "200000"}),
    ("constraints: {amount_min: 100000}", {"amount_minor": [200000]}),
    ("constraints: {amount_min: 100000}", {"amount_minor": True}),
    ("constraints: {amount_min: 100000}", {}),
    ("constraints: {currency: [RUB]}", {"currency": "rub"}),
    ("constraints: {merchant_domain: [evil.example]}", {"merchant_domain": "EVIL.example."}),
    ("constraints: {merchant_domain: [evil.example]}", {"merchant_domain": ["evil.example"]}),
    ("when: {match: {path: $.payload.amount_minor, op: gt, value: 5}}", {"amount_minor": "6"}),
    ("when: {match: {path: $.payload.amount_minor, op: gt, value: 5}}", {}),
    ("when: {match: {path: $.payload.to, op: eq, value: evil}}", {"to": ["evil"]}),
    ("when: {match: {path: $.payload.to, op: in, value: [evil]}}", {"to": {"name": "evil"}}),
    ("when: {match: {path: $.payload.to, op: regex, value: evil}}", {"to": "x" * 20_000 + "evil"}),
    ("when: {not: {match: {path: $.payload.n, op: lt, value: 5}}}", {"n": "9"}),
    (
        "when: {match: {path: $.payload.to, op: host_in, value: [evil.example]}}",
        {"to": ["good.example", "evil.example"]},
    ),
    ("when: {match: {path: $.payload.assurance_level, op: neq, value: HIGH}}", {"assurance_level": "HIGH"}),
    ("where: {environment: production}", {}),
]


@pytest.mark.parametrize(("written", "payload"), SLIPPED)
def test_a_value_of_another_type_slips_past_no_rule_that_denies(written: str, payload: dict[str, Any]) -> None:
    assert decided(f"{DENY}, {written}\n{ALLOW}", action(payload=payload)).decision == "DENY"


@pytest.mark.parametrize(("written", "payload"), SLIPPED)
def test_and_none_opens_a_rule_that_allows(written: str, payload: dict[str, Any]) -> None:
    if payload.get("merchant_domain") != "EVIL.example.":
        assert decided(f"{ALLOW}, {written}", action(payload=payload)).decision == "DENY"


@pytest.mark.parametrize(
    ("known", "decision", "code"), [((), "DENY", "counterparty_proof"), (("bank.example",), "ALLOW", "rule")]
)
def test_a_counterparty_without_a_verified_proof_gets_nothing(known: tuple[str, ...], decision: str, code: str) -> None:
    made = decided(f"{ALLOW}, counterparty_proof: required", counterparties=known)
    assert (made.decision, made.code) == (decision, code)


@pytest.mark.parametrize(
    ("rule", "asked", "registry", "due"),
    [
        (ALLOW, action(), {}, False),
        (f"{ALLOW}, proof: {{required: true}}", action(), {}, True),
        (ALLOW, action(**party("b.example", trust_profile="HIGH")), {}, True),
        (ALLOW, action(**party("b.example")), {"b.example": "REGULATED"}, True),
        (ALLOW, action(**party("b.example", trust_profile="MEDIUM")), {}, False),
        (f"{ALLOW}, proof: {{required: true}}, approval: {{}}", action(), {}, False),
        (f"{DENY}, proof: {{required: true}}", action(), {}, False),
    ],
)
def test_a_proof_is_due_with_an_allow_that_asks_for_one(rule: str, asked: Any, registry: Any, due: bool) -> None:
    assert decided(rule, asked, registry=registry).proof is due


@pytest.mark.parametrize(("written", "seconds"), [("60", 60), ("99999", 3_600), ("1.9", 1), ("3600", 3_600)])
def test_a_proof_lives_as_long_as_the_rule_says_and_never_over_an_hour(written: str, seconds: int) -> None:
    assert decided(f"{ALLOW}, proof: {{required: true, ttl_seconds: {written}}}").proof_ttl == seconds
    assert decided(ALLOW).proof_ttl is None


LABELS = "labels: [{action: pay, reversible: false, risk: critical}]\n"


@pytest.mark.parametrize(
    ("rule", "decision"),
    [
        (ALLOW, "REQUIRE_APPROVAL"),
        (f"{ALLOW}, requirements: {{min_assurance_level: HIGH}}", "REQUIRE_STEP_UP"),
        (f"{ALLOW}, approval: {{}}", "REQUIRE_APPROVAL"),
        (DENY, "DENY"),
    ],
)
def test_what_cannot_be_undone_takes_a_person_whatever_layer_allows_it(rule: str, decision: str) -> None:
    baseline = Layer(policy("", "allow", LABELS), "owner")
    made = decide(Stack([Layer(policy(rule, "passthrough"), "agent"), baseline]), action(), facts())
    assert made.decision == decision
    if decision != "DENY":
        assert made.asked is not None
        assert made.asked.members["risk"] == "critical"
    assert decide(Stack([baseline]), action(), facts()).decision == "REQUIRE_APPROVAL"
    assert decide(Stack([baseline]), action("read"), facts()).decision == "ALLOW"


def test_a_lower_risk_of_the_label_leaves_the_rules_own() -> None:
    made = decide(
        stack(policy(f"{ALLOW}, approval: {{risk: high}}", more="labels: [{action: pay, risk: low}]\n")),
        action(),
        facts(),
    )
    assert made.asked is not None
    assert made.asked.members["risk"] == "high"


def test_the_decision_names_the_layer_that_decided_and_all_that_were_read() -> None:
    agent, owner = policy(ALLOW, "passthrough", policy_id="mine"), policy(DENY, policy_id="ours")
    whole = Stack([Layer(owner), Layer(agent, "agent")])
    made = decide(whole, action(), facts())
    assert made.policy is not None
    assert (made.policy.id, made.policy.hash) == ("mine", agent.hash)
    assert [each.id for each in made.layers] == ["mine", "ours"]
    other = decide(whole, action("other"), facts()).policy
    assert other is not None
    assert other.id == "ours"


@pytest.mark.parametrize(
    "broken", [{}, {"action_type": 5}, {"action_type": "pay"}, {"action_type": "pay", "payload": []}]
)
def test_an_action_that_nobody_checked_is_judged_without_an_error(broken: dict[str, Any]) -> None:
    made = decide(stack(policy(f"{ALLOW}, constraints: {{amount_max: 5}}")), broken, facts())
    assert made.decision == "DENY"
