"""Scenarios are actions with what should be decided; every starter policy's come out as they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.policies.document import Layer
from approvals_hub.policies.load import load
from approvals_hub.policies.scenario import load_facts, load_scenarios, run
from approvals_hub.policies.stack import Stack
from tests.unit.policies.written import policy, stack

FOLDER = Path(__file__).parents[3] / "ops" / "policies"
STARTERS = sorted(file for file in FOLDER.glob("*.yaml") if ".scenarios." not in file.name)
HEAD = "policies: [{file: a.yaml, tier: group}, {file: b.yaml}]\n"
ONE = HEAD + "scenarios:\n  - {name: s, action: {action_type: pay}, expect: {decision: ALLOW}}\n"


@pytest.mark.parametrize("file", STARTERS, ids=lambda file: file.stem)
def test_every_scenario_of_a_starter_policy_comes_out_as_it_says(file: Path) -> None:
    found = load_scenarios(file.with_suffix(".scenarios.yaml").read_bytes())
    whole = Stack([Layer(load((FOLDER / name).read_bytes()), tier) for name, tier in found.policies])
    assert [name for name, _ in found.policies] == [file.name]
    outcomes = [run(scenario, whole) for scenario in found.scenarios]
    assert [(each.name, each.differs) for each in outcomes if each.differs] == []
    # Every rule decides at least one of them: what no scenario reaches is not shown.
    reached = {each.decision.rule_id for each in outcomes}
    assert {placed.rule.id for placed in whole.rules} - reached == set()


def test_a_file_names_its_policies_and_shares_its_facts() -> None:
    text = HEAD + (
        "facts: {at: '2026-03-02T10:00:00Z', teams: [ops], environment: test, registry: {HIGH: [a.example]}}\n"
        "scenarios:\n"
        "  - {name: s, action: {action_type: pay}, facts: {environment: live, spent: 5}, expect: {decision: DENY}}\n"
    )
    found = load_scenarios(text)
    assert found.policies == (("a.yaml", "group"), ("b.yaml", "owner"))
    (only,) = found.scenarios
    assert (only.line, only.spent, only.facts.now) == (4, 5, 1_772_445_600_000)
    assert (only.facts.teams, only.facts.environment, dict(only.facts.registry)) == (
        {"ops"},
        "live",
        {"a.example": "HIGH"},
    )


@pytest.mark.parametrize(
    ("expect", "differs"),
    [
        ("{decision: ALLOW, code: rule, rule: r, obligations: [], proof: false}", 0),
        ("{decision: DENY}", 1),
        ("{decision: ALLOW, rule: other, proof: true}", 2),
        ("{decision: ALLOW, approval: {approvals: 2}, route: x}", 2),
    ],
)
def test_what_comes_out_otherwise_is_told(expect: str, differs: int) -> None:
    found = load_scenarios(ONE.replace("{decision: ALLOW}", expect))
    outcome = run(found.scenarios[0], stack(policy("id: r, effect: allow, action: pay")))
    assert len(outcome.differs) == differs


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("name: s", "nam: s", "did you mean 'name'"),
        ("{action_type: pay}", "{}", "an 'action_type'"),
        ("{decision: ALLOW}", "{decision: allow}", "not known here"),
        ("{decision: ALLOW}", "{rule: r}", "'decision' is missing"),
        ("tier: group", "tier: team", "not known here"),
        ("expect", "facts: [], expect", "mapping"),
        ("expect", "facts: {at: '2026'}, expect", "a time like"),
        ("expect", "facts: {at: 2026-01-01}, expect", "in quotes"),
        ("expect", "facts: {spent: -1}, expect", "whole number"),
        ("expect", "facts: {registry: []}, expect", "mapping of hosts"),
        ("expect", "facts: {registry: {BEST: [a.example]}}, expect", "lists of hosts"),
        ("expect", "facts: {registry: {HIGH: ['a b']}}, expect", "no host name"),
        ("scenarios:", "scenarois:", "did you mean 'scenarios'"),
    ],
)
def test_a_scenario_is_read_strictly(old: str, new: str, words: str) -> None:
    with pytest.raises(Invalid) as caught:
        load_scenarios(ONE.replace(old, new))
    assert any(words in each["detail"] for each in caught.value.extra["errors"]), caught.value.extra


def test_facts_of_a_file_of_their_own_have_the_time_of_whoever_asks() -> None:
    facts, total = load_facts(
        "{teams: [a], project: p, mode: m, signals: [s], chain: [c], counterparties: [x], spent: 7}\n", 5
    )
    assert (facts.now, total, facts.project, facts.mode, facts.signals, facts.chain) == (5, 7, "p", "m", {"s"}, ("c",))
    assert facts.counterparties == ("x",)
    with pytest.raises(Invalid):
        load_facts("{team: a}\n", 5)
