"""Constraints, hours and selectors are read strictly."""

from __future__ import annotations

import pytest

from approvals_hub.policies.document import Constraints, Times, Where
from approvals_hub.policies.host import hosts
from tests.unit.policies.written import faults, one_rule

RULE = "version: 1\ndefault: deny\nrules:\n  - {id: r, effect: allow, action: pay, "


def test_everything_that_can_be_written_is_read_as_it_is_meant() -> None:
    rule = one_rule(
        "id: r, effect: allow, action: pay, constraints: {amount_max: 5.5, amount_min: -1, currency: [EUR],"
        " merchant_domain: [a.example], allowed_domains: ['*.b.example'], blocked_domains: [],"
        " times: {days: [friday, monday], from: '08:30', until: '24:00', zone: Europe/Stockholm}},"
        " where: {team: a, project: [b], environment: c, mode: d, signal: [e, f], reversible: false, risk: [high],"
        " trust_min: HIGH, chain: {most: 2, only: [agt_1]}}"
    )
    assert rule.constraints == Constraints(
        amount_min=-1,
        amount_max=5.5,
        currency=("EUR",),
        merchant_domain=hosts(["a.example"]),
        allowed_domains=hosts(["*.b.example"]),
        blocked_domains=hosts([]),
        times=(Times((0, 4), 510, 0, "Europe/Stockholm"),),
    )
    assert rule.where == Where(
        team=("a",),
        project=("b",),
        environment=("c",),
        mode=("d",),
        signal=("e", "f"),
        reversible=False,
        risk=("high",),
        trust_min="HIGH",
        chain_most=2,
        chain_only=("agt_1",),
    )


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("constraints: {amount_maximum: 5}", "did you mean 'amount_max'"),
        ("constraints: {amount_max: '5'}", "is a number"),
        ("constraints: {amount_min: 6, amount_max: 5}", "nothing lies between"),
        ("constraints: {currency: EUR}", "list"),
        ("constraints: {currency: [no]}", "in quotes"),
        ("constraints: {merchant_domain: ['a b']}", "no host name"),
        ("constraints: {allowed_domains: ['*.co.uk']}", "public suffix"),
        ("constraints: {times: []}", "1 to 32"),
        ("constraints: {times: {from: '09:00'}}", "'zone' is missing"),
        ("constraints: {times: {from: 09:00, zone: UTC}}", "base 60"),
        ("constraints: {times: {from: '9:00', zone: UTC}}", "time of day"),
        ("constraints: {times: {from: '24:00', zone: UTC}}", "time of day"),
        ("constraints: {times: {until: '25:00', zone: UTC}}", "time of day"),
        ("constraints: {times: {days: mon, zone: UTC}}", "did you mean 'monday'"),
        ("constraints: {times: {zone: Stockholm}}", "time zone"),
        ("constraints: {times: {zone: ../etc/passwd}}", "time zone"),
        ("where: {tema: a}", "did you mean 'team'"),
        ("where: {team: []}", "1 to 100"),
        ("where: {reversible: 'false'}", "true or false"),
        ("where: {risk: hgih}", "did you mean 'high'"),
        ("where: {trust_min: SUPER}", "known are LOW"),
        ("where: {chain: {most: -1}}", "0 to 16"),
        ("where: {chain: {only: agt_1}}", "list"),
        ("where: {chain: {max: 1}}", "unknown key 'max'"),
    ],
)
def test_what_could_be_meant_otherwise_is_refused(written: str, words: str) -> None:
    told = faults(f"{RULE}{written}}}\n")
    assert any(words in each for _, _, each in told), told


def test_one_amount_alone_and_as_many_hours_as_the_reference_says_are_read() -> None:
    rule = one_rule("id: r, effect: allow, action: pay, constraints: {amount_min: 5, amount_max: 5}")
    assert rule.constraints == Constraints(amount_min=5, amount_max=5)
    hours = [f"{{from: '08:{minute:02}', zone: UTC}}" for minute in range(33)]
    many = one_rule(f"id: r, effect: allow, action: pay, constraints: {{times: [{', '.join(hours[:32])}]}}")
    assert many.constraints is not None
    assert len(many.constraints.times or ()) == 32
    assert "1 to 32" in faults(f"{RULE}constraints: {{times: [{', '.join(hours)}]}}}}\n")[0][2]
