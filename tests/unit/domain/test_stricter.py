"""When one rule asks at least what another does: a table, and never yes where fewer people would be enough."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.domain.stricter import asks_at_least, covers
from approvals_hub_client.rule import Rule
from approvals_hub_client.seats import holds

A, B, C = {"of": ["per_a"]}, {"of": ["per_b"]}, {"of": ["per_c"]}
AB: dict[str, Any] = {"of": ["per_a", "per_b"]}
ANY: dict[str, Any] = {"of": ["role:approver", "role:admin", "role:owner"]}


def rule(value: Any) -> Rule | None:
    return msgspec.convert(value, Rule | None)


@pytest.mark.parametrize(
    ("new", "old", "as_much"),
    [
        (None, None, True),
        (A, None, True),
        (None, A, False),
        (A, A, True),
        (A, B, False),
        (A, AB, True),  # one of fewer people
        (AB, A, False),
        ({**AB, "approvals": 2}, AB, True),
        (AB, {**AB, "approvals": 2}, False),
        (A, ANY, True),  # whoever it is, they may answer
        (AB, {"any": [A, B]}, False),  # the same, but written so that it does not follow from the words
        ({"any": [A, B]}, AB, True),
        ({"any": [A, C]}, AB, False),
        ({"all": [A, B]}, A, True),
        ({"all": [A, B]}, {"all": [B, A]}, True),
        ({"all": [A, B]}, {"all": [A, A]}, False),  # one part serves one part
        ({"all": [A, B, C]}, {"all": [A, C]}, True),
        ({"all": [A]}, {"all": [A, B]}, False),
        (A, {"any": [A, B]}, True),
        ({"all": [A, B]}, {"any": [A, C]}, True),
        ({"any": [A, B]}, {"any": [B, A, C]}, True),
        ({"any": [A, B, C]}, {"any": [A, B]}, False),
        ({"stages": [A, B]}, {"all": [B, A]}, True),
        ({"all": [A, B]}, {"stages": [A, B]}, False),  # in any order
        ({"stages": [B, A]}, {"stages": [A, B]}, False),
        ({"stages": [A, C, B]}, {"stages": [A, B]}, True),
        (A, {"all": [A]}, True),
    ],
)
def test_a_rule_asks_as_much_or_less(new: Any, old: Any, as_much: bool) -> None:
    assert asks_at_least(rule(new), rule(old)) is as_much


@pytest.mark.parametrize(
    ("new", "old", "covered"),
    [
        (None, None, True),
        (None, ["per_a"], True),
        (["per_a"], None, False),
        (ANY["of"], None, True),
        (["per_a", "per_b"], ["per_a"], True),
        (["per_b"], ["per_a"], False),
        (["role:admin"], ["per_a"], False),  # who is an admin tomorrow is not known
    ],
)
def test_names_cover_names_where_nobody_behind_the_old_ones_is_missing(new: Any, old: Any, covered: bool) -> None:
    assert covers(new, old) is covered


def groups() -> st.SearchStrategy[Rule]:
    people = st.lists(st.sampled_from(["per_a", "per_b", "per_c", "per_d"]), min_size=1, max_size=3, unique=True)
    return st.builds(
        lambda found, number: Rule(of=tuple(found), approvals=number, people=tuple(found)), people, st.integers(1, 2)
    )


def joined(parts: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    some = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return some.map(lambda found: Rule(all=found)) | some.map(lambda found: Rule(any=found))


RULES = st.recursive(groups(), joined, max_leaves=5)
WITH_STAGES = RULES | st.lists(RULES, min_size=1, max_size=3).map(lambda found: Rule(stages=tuple(found)))
PEOPLE = st.dictionaries(st.sampled_from(["per_a", "per_b", "per_c", "per_d", "per_e"]), st.integers(0, 2))


@given(new=WITH_STAGES, old=WITH_STAGES, people=PEOPLE)
def test_where_a_rule_asks_as_much_whoever_is_enough_for_it_is_enough_for_the_old_one(
    new: Rule, old: Rule, people: dict[str, int]
) -> None:
    if asks_at_least(new, old) and holds(new, people):
        assert holds(old, people)


@given(old=RULES, more=RULES, people=PEOPLE)
def test_one_more_part_never_loosens_a_rule(old: Rule, more: Rule, people: dict[str, int]) -> None:
    both = Rule(all=(old, more))
    assert asks_at_least(both, old)
    if holds(both, people):
        assert holds(old, people)
