"""Patterns are searched for in time that grows with the text alone."""

from __future__ import annotations

import time

import pytest

from approvals_hub.policies.pattern import LONGEST_TEXT, Pattern


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("b", "abc", True),
        ("^b", "abc", False),
        ("c$", "abc", True),
        ("c$", "abc\n", False),
        ("^b", "a\nb", False),
        ("a.c", "a\nc", False),
        (r"\d", "٣", False),
        ("é", "café", True),
        ("A", "a", False),
        ("(?i)A", "a", True),
        ("", "", True),
    ],
)
def test_a_pattern_is_searched_for_anywhere(pattern: str, text: str, found: bool) -> None:
    assert Pattern(pattern).found_in(text) is found


@pytest.mark.parametrize("pattern", ["(", "a(?=b)", "(?<!a)b", r"(a)\1", "x{1,2000}", "((a{100}){100}){100}", "\ud800"])
def test_what_cannot_be_matched_in_linear_time_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"^[a-z][a-z :]+"):
        Pattern(pattern)


def test_what_is_wrong_with_a_pattern_is_said() -> None:
    with pytest.raises(ValueError, match=r"^missing \): \($"):
        Pattern("(")


def test_a_pattern_that_is_long_or_becomes_large_is_refused() -> None:
    Pattern("a" * 256)
    # `a{1000}a{900}` is 1,904 instructions, and each letter one more.
    Pattern("a{1000}a{900}" + "b" * 96)
    for text in ("a" * 257, "a{1000}a{900}" + "b" * 97, "(a{30}b){30}(c{30}d){30}(e{30}f){30}"):
        with pytest.raises(ValueError, match="pattern"):
            Pattern(text)


@pytest.mark.parametrize("pattern", [r"(a+)+b", r"(a|a)*b", r"(a*)*b", r"a*a*a*a*a*b", r"(.*){9}x"])
def test_a_pattern_that_freezes_other_engines_does_not_freeze_this_one(pattern: str) -> None:
    began = time.process_time()
    assert Pattern(pattern).found_in("a" * LONGEST_TEXT) is False
    assert time.process_time() - began < 1


def test_a_text_that_is_too_long_or_no_unicode_is_not_judged() -> None:
    assert Pattern("b").found_in("a" * 16_384) is False
    assert Pattern("b").found_in("a" * 16_385) is None
    assert Pattern("a").found_in("\ud800") is None
