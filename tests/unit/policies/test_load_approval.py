"""Approvals are checked by the requirement they become; limits name a currency and a window."""

from __future__ import annotations

import pytest

from approvals_hub.policies.document import Asked, Limit
from approvals_hub.policies.load import load
from tests.unit.policies.written import faults, one_rule

RULE = "version: 1\ndefault: deny\nrules:\n  - id: r\n    effect: allow\n    action: pay\n    "


SENT = "  - {id: r, effect: allow, action: %s, approval: {methods: [passkey, %s]}}\n"


@pytest.mark.parametrize("sent", ["email_otp", "sms_otp"])
@pytest.mark.parametrize(
    ("labels", "action", "refused"),
    [
        ("taxonomy: default", "legal.sign", True),
        ("labels: [{action: pay.*, risk: critical}]", "pay.out", True),
        ("labels: [{action: pay.*, risk: critical}]", "'*'", False),  # of what is not critical they may be enough
        ("labels: [{action: pay.*, risk: critical}, {action: pay.out, risk: high}]", "pay.out", False),
    ],
)
def test_codes_by_mail_or_sms_are_refused_for_what_a_label_calls_critical(
    labels: str, action: str, refused: bool, sent: str
) -> None:
    text = f"version: 1\ndefault: deny\n{labels}\nrules:\n{SENT % (action, sent)}"
    if refused:
        detail = f"{sent} can be read by others on its way, and what this rule is about is labelled critical"
        assert faults(text) == [(5, 5, f"{detail}: name passkey, an eID or totp instead")]
    else:
        assert load(text).rules[0].approval is not None


FREQUENCIES = [f"{{most: {number}, window: day, name: n{number}}}" for number in range(17)]


def test_an_approval_becomes_members_of_a_requirement() -> None:
    rule = one_rule(
        "id: r, effect: allow, action: pay, approval: {"
        "quorum: {all: [{of: [role:admin]}, {of: [group:ops], approvals: 2}]}, route: on_call,"
        " veto: [role:owner], min_assurance: HIGH, methods: [bankid], fresh_within: 10m, passkeys: not_synced,"
        " most_risk: low, number_match: 6, reason: required, risk: critical, environment: production, time_lock: 1h,"
        " dwell: 5s,"
        " expires_in: 1d, longest: 2d, approval_valid_for: 90s}"
    )
    assert rule.approval == Asked(
        {
            "quorum": {"all": [{"of": ["role:admin"]}, {"of": ["group:ops"], "approvals": 2}]},
            "veto": ["role:owner"],
            "min_assurance": "HIGH",
            "methods": ["bankid"],
            "fresh_within": 600,
            "passkeys": "not_synced",
            "most_risk": "low",
            "number_match": 6,
            "reason": "required",
            "risk": "critical",
            "environment": "production",
            "wait": 3600,
            "dwell": 5,
            "expires_in": 86_400,
            "longest": 172_800,
            "approval_valid_for": 90,
        },
        "on_call",
    )


@pytest.mark.parametrize(
    ("written", "members"),
    [
        ("{}", {}),
        ("{quorum: 3}", {"approvals": 3}),
        ("{approvals: 2}", {"approvals": 2}),
        ("{number_match: true}", {"number_match": True}),
    ],
)
def test_what_is_not_written_is_not_asked(written: str, members: dict[str, object]) -> None:
    assert one_rule(f"id: r, effect: allow, action: pay, approval: {written}").approval == Asked(members)


@pytest.mark.parametrize(
    ("written", "line", "words"),
    [
        ("approval:\n      quroum: 2", 8, "did you mean 'quorum'"),
        ("approval:\n      quorum: 0", 8, "approvals is out of range"),
        ("approval:\n      quorum: 21", 8, "approvals is out of range"),
        ("approval:\n      risk: low\n      quorum: 21", 9, "approvals is out of range"),
        ("approval:\n      risk: low\n      approvals: 21", 9, "approvals is out of range"),
        ("approval:\n      fresh_within: 3601s", 8, "duration"),
        ("approval:\n      fresh_within: 0s", 8, "duration"),
        ("approval:\n      approval_valid_for: 86401s", 8, "duration"),
        ("approval:\n      approval_valid_for: 0s", 8, "duration"),
        ("approval:\n      quorum: 2\n      approvals: 2", 9, "says how many"),
        ("approval:\n      quorum:\n        of: [role:boss]", 9, "a name is"),
        ("approval:\n      quorum:\n        all:\n          - {of: [per_1], approvals: 2}", 10, "can never approve"),
        ("approval:\n      quorum: {stages: [{stages: []}]}", 8, "stages"),
        ("approval:\n      min_assurance: VERY", 8, "min_assurance"),
        ("approval:\n      methods: [Bank ID]", 8, "methods"),
        ("approval:\n      number_match: 3", 8, "number_match"),
        ("approval:\n      time_lock: 3600", 8, "duration"),
        ("approval:\n      time_lock: 1h", 8, "stands beside 'expires_in'"),
        ("approval:\n      time_lock: 1h\n      expires_in: 1h", 8, "wait ends"),
        ("approval:\n      expires_in: 31d", 8, "duration"),
        ("approval:\n      expires_in: 2h\n      longest: 1h", 8, "expires_in"),
        ("approval:\n      longest: 60s", 8, "expires_in"),
        ("approval:\n      methods: [sms_otp]\n      risk: critical", 8, "critical"),
        ("where: {risk: [critical]}\n    approval: {methods: [passkey, email_otp]}", 4, "labelled critical"),
        ("approval:\n      owner_counts: true", 8, "unknown key"),
        ("approval:\n      route: On Call", 8, "is not a name"),
        ("approval: yes", 7, "mapping"),
        ("spend: []", 7, "1 to 16"),
        ("spend: {limit: 5, window: day}", 7, "'currency' is missing"),
        ("spend: {limit: 5, currency: eur, window: day}", 7, "in capitals"),
        ("spend: {limit: 5.5, currency: EUR, window: day}", 7, "whole number"),
        ("spend: {limit: -5, currency: EUR, window: day}", 7, "whole number"),
        ("spend: {limit: 1000000000000001, currency: EUR, window: day}", 7, "whole number"),
        (f"frequency: [{', '.join(FREQUENCIES)}]", 7, "1 to 16"),
        ("spend: {limit: 5, currency: EUR, window: year}", 7, "known are hour"),
        ("spend: {limit: 5, currency: EUR, window: day, per: person}", 7, "not known here"),
        ("spend: {limit: 5, currency: EUR, window: day, above: ask}", 7, "not known here"),
        ("spend: {limit: 5, currency: EUR, window: day, min_assurance: LOW}", 7, "not known here"),
        ("spend: {limit: 5, currency: EUR, window: day, name: Shop One}", 7, "is not a name"),
        ("spend: [{limit: 5, currency: EUR, window: day}, {limit: 9, currency: EUR, window: day}]", 7, "written twice"),
        ("frequency: {limit: 5, window: day}", 7, "unknown key 'limit'"),
        ("frequency: {window: day}", 7, "'most' is missing"),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_stands(written: str, line: int, words: str) -> None:
    told = faults(f"{RULE}{written}\n")
    assert any(words in each and at == line for at, _, each in told), told


def test_limits_have_the_defaults_that_are_documented() -> None:
    rule = one_rule(
        "id: r, effect: allow, action: pay, spend: {limit: 5, currency: EUR, window: month},"
        " frequency: {most: 9, window: hour, per: [team, org], name: often, above: deny}"
    )
    assert rule.limits == (
        Limit(
            kind="spend",
            name="r",
            most=5,
            currency="EUR",
            window="month",
            per=("agent",),
            above="step_up",
            min_assurance="SUBSTANTIAL",
        ),
        Limit(
            kind="count",
            name="often",
            most=9,
            currency=None,
            window="hour",
            per=("team", "org"),
            above="deny",
            min_assurance="SUBSTANTIAL",
        ),
    )
    assert (
        one_rule("id: r, effect: allow, action: pay, frequency: {most: 1, window: day}").limits[0].above == "approval"
    )


def test_what_stands_at_a_limit_is_within_it() -> None:
    ends = "time_lock: 0s, dwell: 0s, fresh_within: {}, approval_valid_for: {}"
    for fresh, valid in (("1s", "1s"), ("1h", "1d")):
        one_rule(f"id: r, effect: allow, action: pay, approval: {{{ends.format(fresh, valid)}}}")
    rule = one_rule(
        "id: r, effect: allow, action: pay, spend: {limit: 1000000000000000, currency: EUR, window: day,"
        f" min_assurance: SUBSTANTIAL}}, frequency: [{', '.join(FREQUENCIES[:16])}]"
    )
    assert (rule.limits[0].most, len(rule.limits)) == (10**15, 17)
