"""Rules as words for people."""

from __future__ import annotations

import pytest

from approvals_hub.policies.labels import Known
from approvals_hub.policies.load import load
from approvals_hub.policies.rule_words import LONGEST, Said, rule_in_words
from tests.unit.policies.kept_policies import rules

NOBODY = "allowed, and nobody is asked"
THRICE = "up to 3 times an hour for each agent (above it refused)"


def words(rule: str, known: Known | None = None) -> Said:
    [read] = load(rules(f"id: a, action: pay.card, {rule}")).rules
    return rule_in_words(read, known or Known())


@pytest.mark.parametrize(
    ("rule", "outcome", "verdict"),
    [
        ("effect: deny", "DENY", "refused"),
        ("effect: allow", "ALLOW", "allowed, and nobody is asked"),
        (
            "effect: allow, approval: {quorum: 2, route: desk}",
            "REQUIRE_APPROVAL",
            'allowed once people have approved, (approvals 2), by the route "desk"',
        ),
        (
            "effect: allow, requirements: {min_assurance_level: SUBSTANTIAL}",
            "REQUIRE_APPROVAL",
            "allowed once somebody has proven who they are, as surely as SUBSTANTIAL",
        ),
        ("effect: allow, obligations: [{type: DEPOSIT}]", "REQUIRE_DEPOSIT", "allowed once a deposit is made"),
        (
            "effect: allow, spend: {limit: 5000, currency: EUR, window: day, per: [agent, vendor], above: approval}",
            "ALLOW",
            f"{NOBODY}, up to 5000 minor units of EUR a day for each agent and vendor (above it people are asked)",
        ),
        (
            "effect: allow, frequency: {most: 3, window: hour, above: deny}, counterparty_proof: required",
            "ALLOW",
            f"{NOBODY}, with a proof of the counterparty, else refused, {THRICE}",
        ),
        (
            "effect: allow, proof: {required: true}, obligations: [{type: NOTIFY, params: {who: ops}}]",
            "ALLOW",
            f'{NOBODY}, owing NOTIFY {{"who":"ops"}}, with a proof',
        ),
    ],
)
def test_what_a_rule_decides_is_said(rule: str, outcome: str, verdict: str) -> None:
    found = words(rule)
    assert (found.outcome, found.verdict, found.condition) == (outcome, verdict, "")


def test_what_cannot_be_undone_is_said_to_take_people() -> None:
    assert words("effect: allow", Known(reversible=False)).outcome == "REQUIRE_APPROVAL"


def test_conditions_are_said_with_their_values() -> None:
    found = words(
        "effect: allow, where: {team: [web], reversible: false, trust_min: MEDIUM, chain: {most: 1, only: [agt_1]}},"
        " constraints: {amount_min: 1, amount_max: 50, currency: [EUR], merchant_domain: ['*.example.com'],"
        " blocked_domains: [evil.example], times: {days: [monday, friday], from: '08:00', until: '17:30', zone: UTC}},"
        " when: {all: [{match: {path: $.payload.kind, op: eq, value: book}},"
        " {not: {any: [{match: {path: $.payload.gift, op: exists, value: true}},"
        " {match: {path: $.payload.n, op: in, value: [1, 2]}}]}}]}"
    )
    assert found.condition == (
        'the team is one of ["web"] and it cannot be undone and the counterparty is trusted at least MEDIUM'
        ' and at most 1 agents stand between and only ["agt_1"] stand between and the amount is at least 1 minor units'
        ' and the amount is at most 50 minor units and the currency is one of ["EUR"]'
        ' and the merchant is one of ["*.example.com"] and the domain is none of ["evil.example"]'
        ' and it is monday, friday from 08:00 until 17:30 in "UTC"'
        ' and ("$.payload.kind" is "book" and not (("$.payload.gift" is there or "$.payload.n" is one of [1,2])))'
    )


def test_a_text_that_would_break_the_line_or_never_end_stays_one_bounded_line() -> None:
    found = words(f'effect: allow, when: {{match: {{path: $.payload.x, op: eq, value: "a\\n{"b" * 2000}"}}}}')
    assert "\n" not in found.condition
    assert len(found.condition) < LONGEST + 40
