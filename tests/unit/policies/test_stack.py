"""Layers: agent over group over owner, by rank within, the first default that does not pass through."""

from __future__ import annotations

import pytest

from approvals_hub.policies.document import DEFAULTS, Layer
from approvals_hub.policies.labels import Known
from approvals_hub.policies.stack import Stack
from tests.unit.policies.written import policy


def named(name: str, default: str = "passthrough", rules: str | None = None, more: str = "") -> Layer:
    rules = f"id: {name}, effect: allow, action: pay" if rules is None else rules
    return Layer(policy(rules, default, more, policy_id=name))


def placed(layer: Layer, tier: str, rank: int = 100) -> Layer:
    return Layer(layer.policy, tier, rank)


def test_the_most_specific_layer_comes_first_and_lower_ranks_within_it() -> None:
    layers = [
        placed(named("o"), "owner", 1),
        placed(named("g2"), "group", 200),
        placed(named("g1"), "group"),
        placed(named("g1b"), "group"),
        placed(named("a"), "agent", 900),
    ]
    stack = Stack(layers)
    assert [layer.policy.id for layer in stack.layers] == ["a", "g1", "g1b", "g2", "o"]
    assert [each.rule.id for each in stack.speaking_of("pay")] == ["a", "g1", "g1b", "g2", "o"]


def test_rules_keep_their_place_in_their_own_policy() -> None:
    two = "id: x, effect: allow, action: pay\nid: z, effect: deny, action: '*'"
    stack = Stack([placed(named("a", rules=two), "agent"), named("o", rules=two)])
    assert [(each.policy.id, each.place) for each in stack.rules] == [("a", 0), ("a", 1), ("o", 0), ("o", 1)]
    assert [each.rule.id for each in stack.speaking_of("other")] == ["z", "z"]


@pytest.mark.parametrize("owner", DEFAULTS)
@pytest.mark.parametrize("agent", DEFAULTS)
def test_the_default_is_that_of_the_first_layer_that_does_not_pass_through(agent: str, owner: str) -> None:
    stack = Stack([named("o", owner), placed(named("a", agent), "agent")])
    passes = agent == "passthrough"
    expected = owner if passes else agent
    assert stack.default == ("deny" if expected == "passthrough" else expected)
    assert stack.decides is not None
    assert stack.decides.id == ("o" if passes and owner != "passthrough" else "a")


def test_where_nothing_is_bound_everything_is_denied() -> None:
    stack = Stack([])
    assert (stack.default, stack.decides, list(stack.speaking_of("pay"))) == ("deny", None, [])


def test_labels_of_all_layers_count_and_what_is_remembered_has_a_bound() -> None:
    assert Stack([named("a")]).known("pay") == Known()
    labelled = named("a", more="labels: [{action: pay.*, reversible: false, risk: low}]\n")
    stack = Stack([labelled, named("o", more="labels: [{action: pay, risk: high}]\n")])
    assert stack.known("pay") == stack.known("pay") == Known(False, "high")
    for number in range(1_100):
        assert stack.known(f"pay.k{number}") == Known(False, "low")
    assert len(stack._known) <= 1_024


def test_one_limit_in_any_layer_is_enough_for_totals_to_be_looked_at() -> None:
    counted = named("s", rules="id: s, effect: allow, action: pay, spend: {limit: 9, currency: EUR, window: day}")
    assert Stack([placed(named("a"), "agent"), counted]).limits
    assert not Stack([placed(named("a"), "agent"), named("o")]).limits
