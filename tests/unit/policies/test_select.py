"""Constraints and selectors, one by one; what cannot be judged opens nothing and closes what denies."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.clock import to_milliseconds
from approvals_hub.policies.document import Rule
from approvals_hub.policies.judge import Truth
from approvals_hub.policies.labels import Known
from approvals_hub.policies.select import constraints_hold, constraints_of, expects, is_within, where_holds, where_of
from approvals_hub.policies.view import View
from tests.unit.policies.written import action, facts, one_rule, party, view


def constrained(written: str, effect: str = "allow", kind: str = "pay") -> Rule:
    return one_rule(f"id: r, effect: {effect}, action: '{kind}', constraints: {{{written}}}")


@pytest.mark.parametrize(
    ("written", "payload", "expected", "on_deny"),
    [
        ("amount_max: 100", {"amount_minor": 100}, True, True),
        ("amount_max: 100", {"amount_minor": 101}, False, False),
        ("amount_max: 100", {"amount_minor": 99.5}, True, True),
        ("amount_max: 100", {"amount_minor": 0}, True, True),
        ("amount_max: 100", {"amount_minor": -1}, None, None),
        ("amount_max: 100", {"amount_minor": "1"}, None, None),
        ("amount_max: 100", {"amount_minor": True}, None, None),
        ("amount_max: 100", {"amount_minor": [1]}, None, None),
        ("amount_max: 100", {"amount_minor": None}, False, None),
        ("amount_max: 100", {}, False, None),
        ("amount_min: 100", {"amount_minor": 100}, True, True),
        ("amount_min: 100", {"amount_minor": 99}, False, False),
        ("amount_min: -5, amount_max: 5", {"amount_minor": -5}, True, True),
        ("amount_min: 1, amount_max: 5", {"amount_minor": 6}, False, False),
        ("currency: [EUR, SEK]", {"currency": "SEK"}, True, True),
        ("currency: [EUR]", {"currency": "USD"}, False, False),
        ("currency: [EUR]", {"currency": "eur"}, None, None),
        ("currency: [EUR]", {"currency": 5}, None, None),
        ("currency: [EUR]", {}, False, None),
        ("currency: []", {"currency": "EUR"}, False, False),
        ("merchant_domain: [a.example]", {"merchant_domain": "A.EXAMPLE."}, True, True),
        ("merchant_domain: [a.example]", {"merchant_domain": "b.example"}, False, False),
        ("merchant_domain: [a.example]", {"merchant_domain": "a.example@b.example"}, False, False),
        ("merchant_domain: [a.example]", {"merchant_domain": 5}, None, None),
        ("merchant_domain: [a.example]", {}, False, None),
        ("merchant_domain: [a.example]", {"domain": "a.example"}, False, None),
        ("allowed_domains: ['*.a.example']", {"domain": "x.a.example"}, True, True),
        ("allowed_domains: [a.example]", {}, False, None),
        ("blocked_domains: [a.example]", {"domain": "a.example"}, False, False),
        ("blocked_domains: [a.example]", {"domain": "b.example"}, True, True),
        ("blocked_domains: [a.example]", {"domain": "a example"}, None, None),
        ("blocked_domains: [a.example]", {}, True, True),
        ("amount_max: 5, currency: [EUR]", {"amount_minor": 5, "currency": "USD"}, False, False),
        ("amount_max: 5, currency: [EUR]", {"amount_minor": "5", "currency": "USD"}, False, False),
    ],
)
def test_a_constraint_holds_for_what_it_is_about_alone(
    written: str, payload: dict[str, Any], expected: Truth, on_deny: Truth
) -> None:
    assert constraints_hold(constrained(written), view(payload)) is expected
    assert constraints_hold(constrained(written, "deny"), view(payload)) is on_deny


def test_a_rule_that_denies_everything_expects_no_amount() -> None:
    rule = constrained("amount_min: 100", "deny", "*")
    assert not expects(rule)
    assert constraints_hold(rule, view({})) is False
    assert constraints_hold(rule, view({"amount_minor": "200"})) is None


@pytest.mark.parametrize(
    ("said", "domain", "allowed", "blocked"),
    [
        ("a.example", "a.example", True, False),
        ("b.example", "b.example", False, True),
        ("a.example", "b.example", None, None),
        ("b.example", "a.example", None, None),
        (None, "a.example", True, False),
    ],
)
def test_a_payload_that_names_another_counterparty_than_the_action_opens_nothing(
    said: str | None, domain: str, allowed: Truth, blocked: Truth
) -> None:
    seen = view({} if said is None else {"domain": said, "merchant_domain": said}, **party(domain))
    for name in ("allowed_domains", "merchant_domain"):
        assert constraints_hold(constrained(f"{name}: [a.example]"), seen) is allowed
    assert constraints_hold(constrained("blocked_domains: [a.example]"), seen) is blocked


STOCKHOLM = "zone: Europe/Stockholm"


@pytest.mark.parametrize(
    ("written", "at", "within"),
    [
        ("days: monday, from: '09:00', until: '17:00', zone: UTC", "2026-03-02T09:00:00Z", True),
        ("days: monday, from: '09:00', until: '17:00', zone: UTC", "2026-03-02T08:59:59Z", False),
        ("days: monday, from: '09:00', until: '17:00', zone: UTC", "2026-03-02T16:59:59Z", True),
        ("days: monday, from: '09:00', until: '17:00', zone: UTC", "2026-03-02T17:00:00Z", False),
        ("days: tuesday, from: '09:00', until: '17:00', zone: UTC", "2026-03-02T10:00:00Z", False),
        ("days: [saturday, sunday], zone: UTC", "2026-03-07T00:00:00Z", True),
        ("days: [saturday, sunday], zone: UTC", "2026-03-09T00:00:00Z", False),
        ("zone: UTC", "2026-03-02T00:00:00Z", True),
        ("from: '20:00', until: '24:00', zone: UTC", "2026-03-02T23:59:59Z", True),
        ("from: '20:00', until: '24:00', zone: UTC", "2026-03-03T00:00:00Z", False),
        # Hours over midnight belong to the day on which they begin.
        ("days: monday, from: '22:00', until: '06:00', zone: UTC", "2026-03-03T05:59:59Z", True),
        ("days: monday, from: '22:00', until: '06:00', zone: UTC", "2026-03-02T05:59:59Z", False),
        # 09:00 in Stockholm is 08:00Z in winter and 07:00Z in summer.
        (f"from: '09:00', until: '17:00', {STOCKHOLM}", "2026-03-02T08:00:00Z", True),
        (f"from: '09:00', until: '17:00', {STOCKHOLM}", "2026-03-02T07:00:00Z", False),
        (f"from: '09:00', until: '17:00', {STOCKHOLM}", "2026-06-01T07:00:00Z", True),
        (f"from: '09:00', until: '17:00', {STOCKHOLM}", "2026-06-01T15:00:00Z", False),
        # On 29 March 2026 there is no time from 02:00 to 03:00: 01:00Z is 03:00.
        (f"from: '02:00', until: '03:00', {STOCKHOLM}", "2026-03-29T00:59:59Z", False),
        (f"from: '02:00', until: '03:00', {STOCKHOLM}", "2026-03-29T01:00:00Z", False),
        (f"from: '02:30', until: '03:30', {STOCKHOLM}", "2026-03-29T01:00:00Z", True),
        # On 25 October 2026 the hour from 02:00 to 03:00 comes twice: 00:00Z to 02:00Z.
        (f"from: '02:00', until: '03:00', {STOCKHOLM}", "2026-10-25T00:00:00Z", True),
        (f"from: '02:00', until: '03:00', {STOCKHOLM}", "2026-10-25T01:59:59Z", True),
        (f"from: '02:00', until: '03:00', {STOCKHOLM}", "2026-10-25T02:00:00Z", False),
    ],
)
def test_hours_are_those_of_a_clock_on_the_wall(written: str, at: str, within: bool) -> None:
    wanted = constrained(f"times: {{{written}}}").constraints
    assert wanted is not None
    assert wanted.times is not None
    assert is_within(wanted.times[0], to_milliseconds(at)) is within


def test_one_of_several_hours_is_enough() -> None:
    rule = constrained("times: [{days: sunday, zone: UTC}, {days: monday, from: '09:00', until: '11:00', zone: UTC}]")
    assert constraints_hold(rule, view()) is True


SELECTED: list[tuple[str, dict[str, Any], Known, Truth]] = [
    ("team: ops", {"teams": frozenset({"ops", "dev"})}, Known(), True),
    ("team: [sec, ops]", {"teams": frozenset({"dev"})}, Known(), False),
    ("team: ops", {}, Known(), False),
    ("project: web", {"project": "web"}, Known(), True),
    ("project: web", {"project": "api"}, Known(), False),
    ("project: web", {}, Known(), None),
    ("environment: [staging, production]", {"environment": "production"}, Known(), True),
    ("environment: production", {"environment": "test"}, Known(), False),
    ("environment: production", {}, Known(), None),
    ("mode: hosted", {"mode": "hosted"}, Known(), True),
    ("mode: hosted", {"mode": "local"}, Known(), False),
    ("mode: hosted", {}, Known(), None),
    ("signal: injection", {"signals": frozenset({"injection"})}, Known(), True),
    ("signal: injection", {}, Known(), False),
    ("reversible: true", {}, Known(True), True),
    ("reversible: true", {}, Known(False), False),
    ("reversible: true", {}, Known(), None),
    ("reversible: false", {}, Known(False), True),
    ("risk: [high, critical]", {}, Known(risk="high"), True),
    ("risk: [high, critical]", {}, Known(risk="low"), False),
    ("risk: high", {}, Known(), None),
    ("trust_min: MEDIUM", {"registry": {"a.example": "MEDIUM"}}, Known(), True),
    ("trust_min: MEDIUM", {"registry": {"a.example": "REGULATED"}}, Known(), True),
    ("trust_min: HIGH", {"registry": {"a.example": "MEDIUM"}}, Known(), False),
    ("trust_min: MEDIUM", {}, Known(), False),
    ("trust_min: LOW", {}, Known(), True),
    ("chain: {most: 1}", {"chain": ("b",)}, Known(), True),
    ("chain: {most: 1}", {"chain": ("b", "c")}, Known(), False),
    ("chain: {most: 0}", {}, Known(), True),
    ("chain: {only: [b]}", {"chain": ("b", "b")}, Known(), True),
    ("chain: {only: [b]}", {"chain": ("b", "c")}, Known(), False),
    ("chain: {only: []}", {"chain": ()}, Known(), True),
    ("team: ops, project: web", {"teams": frozenset({"ops"})}, Known(), None),
    ("team: ops, project: web", {"project": "web"}, Known(), False),
]


@pytest.mark.parametrize(("written", "there", "known", "expected"), SELECTED)
def test_a_selector_looks_at_what_the_hub_knows(
    written: str, there: dict[str, Any], known: Known, expected: Truth
) -> None:
    rule = one_rule(f"id: r, effect: allow, action: pay, where: {{{written}}}")
    assert where_holds(rule, View(action(**party("a.example")), facts(**there), known)) is expected


@pytest.mark.parametrize("written", ["chain: {most: 16}", "chain: {only: [b]}"])
def test_a_chain_that_cannot_be_read_is_not_known(written: str) -> None:
    rule = one_rule(f"id: r, effect: allow, action: pay, where: {{{written}}}")
    asked = {**action(), "principal": {"agent_id": "a", "chain": "b"}}
    assert where_holds(rule, View(asked, facts(), Known())) is None


def test_what_is_not_written_is_not_looked_at() -> None:
    rule = one_rule("id: r, effect: allow, action: pay")
    assert (constraints_hold(rule, view()), where_holds(rule, view())) == (True, True)
    assert [*constraints_of(rule, view()), *where_of(rule, view())] == []
