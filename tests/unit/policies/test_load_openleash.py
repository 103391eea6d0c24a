"""OpenLeash's documents of version 1 load as they are and decide as its reference says."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.policies.document import Layer
from approvals_hub.policies.load import load
from approvals_hub.policies.policy import decide
from approvals_hub.policies.stack import Stack
from tests.unit.policies.written import action, facts, party

TIERED = """\
version: 1
default: deny
rules:
  - id: small
    effect: allow
    action: purchase
    constraints:
      amount_max: 50000
    proof:
      required: true
      ttl_seconds: 120
  - id: large
    effect: allow
    action: purchase
    obligations:
      - type: HUMAN_APPROVAL
"""
HEALTH = """\
version: 1
default: deny
rules:
  - id: health
    effect: allow
    action: appointment.book
    when:
      match: {path: $.payload.category, op: eq, value: healthcare}
    requirements:
      min_assurance_level: SUBSTANTIAL
"""
BASELINE = """\
version: 1
default: require_approval
rules:
  - id: no-payouts
    effect: deny
    action: payment.payout
"""
AGENT = """\
version: 1
default: passthrough
rules:
  - id: reads
    effect: allow
    action: read.*
"""
BALANCED = """\
version: 1
default: deny
rules:
  - {id: buy, effect: allow, action: purchase, constraints: {amount_max: 50000}}
  - {id: buy-more, effect: allow, action: purchase, obligations: [{type: HUMAN_APPROVAL}]}
  - id: hairdresser
    effect: allow
    action: appointment.book
    when: {match: {path: $.payload.category, op: eq, value: hairdresser}}
  - id: health
    effect: allow
    action: appointment.book
    when: {match: {path: $.payload.category, op: eq, value: healthcare}}
    requirements: {min_assurance_level: SUBSTANTIAL}
  - id: government
    effect: allow
    action: government.submit
    requirements: {min_assurance_level: HIGH}
  - {id: no-messages, effect: deny, action: communication.*}
"""
EVERYTHING = """\
version: 1
default: allow
rules:
  - id: r
    description: all members
    effect: allow
    action: "*"
    when:
      all:
        - any:
            - match: {path: "$.payload.items[0].sku", op: in, value: [a, 1, true, null]}
            - match: {path: $.payload.note, op: regex, value: "urgent$"}
        - not:
            match: {path: $.payload.blocked, op: exists}
    constraints:
      amount_min: 1
      amount_max: 99.5
      currency: [USD, EUR]
      merchant_domain: [shop.example.com]
      allowed_domains: [shop.example.com]
      blocked_domains: [evil.example.com]
    requirements:
      min_assurance_level: LOW
      credential_scheme: eidas
    obligations:
      - type: COUNTERPARTY_ATTESTATION
        params: {level: 2, nested: {a: [1]}}
    proof: {required: false}
"""


def stack(*texts: str) -> Stack:
    return Stack([Layer(load(text)) for text in texts])


def buy(**payload: Any) -> dict[str, Any]:
    return action("purchase", payload)


@pytest.mark.parametrize(
    ("text", "asked", "decision", "rule"),
    [
        (TIERED, buy(amount_minor=5_000), "ALLOW", "small"),
        (TIERED, buy(amount_minor=50_000), "ALLOW", "small"),
        (TIERED, buy(amount_minor=500_000), "REQUIRE_APPROVAL", "large"),
        (TIERED, buy(amount_minor="5000"), "REQUIRE_APPROVAL", "large"),
        (TIERED, buy(), "REQUIRE_APPROVAL", "large"),
        (TIERED, action("purchase.gift"), "DENY", None),
        (HEALTH, action("appointment.book", {"category": "healthcare"}), "REQUIRE_STEP_UP", "health"),
        (HEALTH, action("appointment.book", {"category": "hairdresser"}), "DENY", None),
        (BALANCED, buy(amount_minor=50_001), "REQUIRE_APPROVAL", "buy-more"),
        (BALANCED, action("appointment.book", {"category": "hairdresser"}), "ALLOW", "hairdresser"),
        (BALANCED, action("appointment.book", {"category": "healthcare"}), "REQUIRE_STEP_UP", "health"),
        (BALANCED, action("government.submit"), "REQUIRE_STEP_UP", "government"),
        (BALANCED, action("communication.email.send", {"to": "x@new.example"}), "DENY", "no-messages"),
        (BALANCED, action("communication"), "DENY", "no-messages"),
        (BASELINE, action("payment.payout"), "DENY", "no-payouts"),
        (BASELINE, action("anything"), "REQUIRE_APPROVAL", None),
        (AGENT, action("other"), "DENY", None),
        (EVERYTHING, action("x"), "ALLOW", None),
    ],
)
def test_a_document_of_openleash_decides_as_its_reference_says(
    text: str, asked: Any, decision: str, rule: str | None
) -> None:
    made = decide(stack(text), asked, facts())
    assert (made.decision, made.rule_id) == (decision, rule)


def test_every_member_of_its_language_is_read_and_matches() -> None:
    payload = {"items": [{"sku": 1}], "amount_minor": 99.5, "currency": "EUR", "merchant_domain": "shop.example.com"}
    made = decide(stack(EVERYTHING), action("x", payload, **party("shop.example.com", trust_profile="HIGH")), facts())
    assert (made.decision, made.rule_id, made.proof) == ("ALLOW", "r", True)
    assert [each.type for each in made.obligations] == ["COUNTERPARTY_ATTESTATION"]


@pytest.mark.parametrize(
    ("kind", "decision", "rule"),
    [("read.file", "ALLOW", "reads"), ("payment.payout", "DENY", "no-payouts"), ("other", "REQUIRE_APPROVAL", None)],
)
def test_layers_of_openleash_are_read_as_one_list(kind: str, decision: str, rule: str | None) -> None:
    whole = Stack([Layer(load(BASELINE), "owner"), Layer(load(AGENT), "agent")])
    made = decide(whole, action(kind), facts())
    assert (made.decision, made.rule_id) == (decision, rule)


def test_a_step_up_carries_its_level_and_a_default_question_none() -> None:
    step_up = decide(stack(HEALTH), action("appointment.book", {"category": "healthcare"}), facts())
    assert [(each.type, each.params) for each in step_up.obligations] == [
        ("STEP_UP_AUTH", {"min_assurance_level": "SUBSTANTIAL"})
    ]
    asked = decide(stack(BASELINE), action("anything"), facts())
    assert [(each.type, each.params) for each in asked.obligations] == [("HUMAN_APPROVAL", {})]


def test_the_proof_of_a_rule_has_the_rules_time() -> None:
    made = decide(stack(TIERED), buy(amount_minor=5_000), facts())
    assert (made.proof, made.proof_ttl) == (True, 120)
