"""The index finds exactly the rules that speak of a kind of action, in order, without looking at the others."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.policies.index import PATTERN_LIMIT, Index, breadth, covers, includes, is_pattern

KINDS = st.lists(st.sampled_from("ab"), min_size=1, max_size=4).map(".".join)
PATTERNS = KINDS | KINDS.map(lambda kind: f"{kind}.*") | st.just("*")

EVERY_KIND = [".".join(words) for depth in range(1, 6) for words in itertools.product("abc", repeat=depth)]
"""As far as the patterns above can tell; no pattern has a `c`."""


@pytest.mark.parametrize(
    ("pattern", "kind", "is_about"),
    [
        ("*", "anything", True),
        ("pay", "pay", True),
        ("pay", "pay.out", False),
        ("pay", "Pay", False),
        ("pay.*", "pay", True),
        ("pay.*", "pay.out", True),
        ("pay.*", "pay.out.now", True),
        ("pay.*", "payroll", False),
        ("pay.*", "prepay", False),
    ],
)
def test_a_pattern_is_about_what_openleash_says(pattern: str, kind: str, is_about: bool) -> None:
    assert covers(pattern, kind) is is_about
    assert list(Index([pattern]).places(kind)) == ([0] if is_about else [])


@pytest.mark.parametrize("text", ["", "a*", "*.b", "a.*.c", "**", "a.*.*", "a b", "a\u200b", "a" * (PATTERN_LIMIT + 1)])
def test_a_pattern_that_could_match_nothing_is_none(text: str) -> None:
    assert not is_pattern(text)


@pytest.mark.parametrize("text", ["*", "a", "a.b", "a.*", "A-1_x.*", "a" * PATTERN_LIMIT])
def test_what_can_match_is_a_pattern(text: str) -> None:
    assert is_pattern(text)


@given(st.lists(PATTERNS, max_size=12), KINDS)
def test_the_index_says_what_looking_at_each_pattern_says(patterns: list[str], kind: str) -> None:
    assert list(Index(patterns).places(kind)) == [at for at, each in enumerate(patterns) if covers(each, kind)]


@given(PATTERNS, PATTERNS)
def test_a_pattern_includes_another_where_it_names_every_kind_that_the_other_names(one: str, other: str) -> None:
    assert includes(one, other) == all(covers(one, kind) for kind in EVERY_KIND if covers(other, kind))


def test_the_narrower_pattern_comes_first() -> None:
    assert sorted(["*", "a.*", "a.b.c", "a.b.*"], key=breadth) == ["a.b.c", "a.b.*", "a.*", "*"]
