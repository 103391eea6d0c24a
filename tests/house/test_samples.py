"""The house rules can fail: each catches files made to break it, and lets look-alikes pass."""

from __future__ import annotations

import inspect

import pytest

from tests.house import page_rules, rules
from tests.house.samples import BREAKING, FEATURE, KEEPING
from tests.house.tree import Source

OWN_TEST = {"calls_only_the_hub", "matches"}
DEFINED = {
    name: rule
    for module in (rules, page_rules)
    for name, rule in inspect.getmembers(module, inspect.isfunction)
    if rule.__module__ == module.__name__
}


@pytest.mark.parametrize(
    ("rule", "source"), [(rule, source) for rule, sources in BREAKING.items() for source in sources]
)
def test_a_file_that_breaks_a_rule_is_caught(rule: str, source: Source) -> None:
    assert list(DEFINED[rule](source))


@pytest.mark.parametrize(
    ("rule", "source"), [(rule, source) for rule, sources in KEEPING.items() for source in sources]
)
def test_a_file_that_only_looks_like_a_breach_passes(rule: str, source: Source) -> None:
    assert list(DEFINED[rule](source)) == []


def test_a_handler_that_reaches_past_the_hub_is_caught() -> None:
    handler = Source("approvals_hub/api/tokens.py", "from approvals_hub.tokens.redeem import Redeem\n")
    waiting = frozenset({FEATURE[:-3].replace("/", ".")})
    assert list(rules.calls_only_the_hub(handler, waiting))
    assert list(rules.calls_only_the_hub(handler, frozenset())) == []


def test_every_rule_has_its_samples() -> None:
    assert set(DEFINED) - OWN_TEST == set(BREAKING) == set(KEEPING)
