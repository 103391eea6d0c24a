"""What is allowed in a policy and still worth a second look is told, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from approvals_hub.policies.advise import warnings
from approvals_hub.policies.load import load
from tests.unit.policies.written import policy

ALLOW = "id: a, effect: allow, action: pay"
DENY = "id: d, effect: deny, action: pay"
MATCH = "when: {any: [{not: {match: {path: %s, op: exists}}}]}"


@pytest.mark.parametrize(
    ("rule", "codes"),
    [
        (ALLOW, []),
        (f"{DENY}, constraints: {{amount_min: 5}}", []),
        (f"{DENY}, constraints: {{amount_max: 5}}", ["deny_selects"]),
        (f"{DENY}, constraints: {{allowed_domains: [], blocked_domains: []}}", ["deny_selects", "deny_selects"]),
        ("id: d, effect: deny, action: '*', constraints: {amount_min: 5}", ["deny_without_amount"]),
        ("id: d, effect: deny, action: '*', constraints: {currency: [RUB]}", ["deny_without_amount"]),
        (f"{ALLOW}, constraints: {{amount_max: 5, allowed_domains: []}}", []),
        (f"{ALLOW}, {MATCH % '$.payload.assurance_level'}", ["self_claimed"]),
        (f"{ALLOW}, {MATCH % '$.relying_party.trust_profile'}", ["registry_decides"]),
        (f"{ALLOW}, {MATCH % '$.agent.name'}", ["unknown_path"]),
        (f"{ALLOW}, obligations: [{{type: HUMAN_APPROVAL, params: {{n: 2}}}}]", ["params_only_told"]),
        (f"{DENY}, obligations: [{{type: NOTIFY}}]", ["deny_owes_nothing"]),
        (f"{ALLOW}, requirements: {{credential_scheme: x}}", ["scheme_ignored"]),
        (f"{ALLOW}, approval: {{methods: [totp]}}", ["codes_alone"]),
        (f"{ALLOW}, approval: {{methods: [passkey], number_match: true}}", []),
        (f"{ALLOW}, spend: {{limit: 5, currency: EUR, window: day}}", ["other_currencies"]),
        (f"{ALLOW}, constraints: {{currency: [EUR]}}, spend: {{limit: 5, currency: EUR, window: day}}", []),
        (f"{ALLOW}, frequency: {{most: 5, window: day}}", []),
        (f"{ALLOW}, where: {{signal: drill}}", ["signal_allows"]),
        (f"{ALLOW}, where: {{signal: incident}}, approval: {{quorum: 2}}", []),
        (f"{ALLOW}, where: {{signal: incident}}, obligations: [{{type: HUMAN_APPROVAL}}]", []),
        (f"{DENY}, where: {{signal: incident}}", []),
    ],
)
def test_a_rule_that_may_be_meant_otherwise_is_warned_of(rule: str, codes: list[str]) -> None:
    assert [each.code for each in warnings(policy(rule))] == codes


SENT = f"{ALLOW}, approval: {{methods: [passkey, sms_otp]}}"


@pytest.mark.parametrize(
    ("rule", "labels", "told"),
    [
        (SENT.replace("pay", "'*'"), "[{action: pay, risk: critical}]", "sms_otp approves nothing of what is labelled"),
        (SENT.replace("pay", "'*'"), "[{action: pay, risk: high}]", None),
        (SENT, "[{action: read, risk: critical}]", None),
        (SENT.replace("sms_otp", "totp"), "[{action: '*', risk: critical}]", None),
        (f"{SENT}, where: {{risk: [high, critical]}}", "[]", "sms_otp approves nothing of what is labelled critical:"),
    ],
)
def test_a_rule_that_takes_codes_by_mail_or_sms_for_something_critical_is_warned_of(
    rule: str, labels: str, told: str | None
) -> None:
    found = [
        each
        for each in warnings(policy(rule, more=f"labels: {labels}\n"))
        if each.code == "sent_codes_where_risk_is_critical"
    ]
    assert len(found) == (told is not None)
    assert all(each.detail.startswith(told or "-") for each in found)


def test_two_rules_of_one_name_are_told() -> None:
    (found,) = warnings(policy(f"{ALLOW}, where: {{team: x}}\n{ALLOW}"))
    assert (found.code, found.line, found.rule_id) == ("same_id", 5, "a")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("'*'", "pay", True),
        ("'*'", "'*'", True),
        ("pay.*", "pay", True),
        ("pay.*", "pay.out.*", True),
        ("pay", "pay", True),
        ("pay", "pay.*", False),
        ("pay.out.*", "pay.*", False),
        ("pay.*", "'*'", False),
        ("pay", "read", False),
    ],
)
def test_a_rule_that_is_never_read_is_told(before: str, after: str, told: bool) -> None:
    rules = f"id: a, effect: allow, action: {before}\nid: b, effect: deny, action: {after}"
    assert ["never_read"] * told == [each.code for each in warnings(policy(rules))]
    conditional = rules.replace("allow,", "allow, where: {team: x},")
    assert warnings(policy(conditional)) == []


def test_a_default_that_allows_is_told() -> None:
    assert [(each.code, each.line) for each in warnings(policy("", "allow"))] == [("default_allows", 1)]


STARTERS = sorted((Path(__file__).parents[3] / "ops" / "policies").glob("*.yaml"))


@pytest.mark.parametrize(
    "file", [file for file in STARTERS if ".scenarios." not in file.name], ids=lambda file: file.stem
)
def test_a_starter_policy_has_no_warnings(file: Path) -> None:
    assert warnings(load(file.read_bytes())) == []
