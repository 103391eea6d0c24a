"""How much may be said outside, as a rule."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.domain.disclosure import FORMS, Disclosure, read_disclosure, stored


def test_nothing_that_was_never_set_says_more_than_the_least() -> None:
    assert stored(None).is_minimal
    assert [stored(None).of(form) for form in FORMS] == ["minimal"] * 4


def test_a_text_message_and_what_has_no_form_say_the_least_whatever_is_set() -> None:
    loud = Disclosure("summary", "summary", "summary", "summary")
    assert [loud.of(form) for form in (None, "sms", "text", "is_minimal")] == ["minimal"] * 4


@pytest.mark.parametrize(
    ("before", "after", "more"),
    [
        ({}, {"push": "sealed"}, True),  # the lock screen shows it
        ({"push": "sealed"}, {"push": "summary"}, True),
        ({"push": "summary"}, {"push": "sealed"}, False),
        ({"mail": "summary"}, {"chat": "summary"}, True),  # less by mail makes up for nothing
        ({"mail": "summary"}, {}, False),
        ({"mail": "summary"}, {"mail": "summary"}, False),
    ],
)
def test_more_is_more_in_any_form(before: dict[str, str], after: dict[str, str], more: bool) -> None:
    assert read_disclosure(after).says_more_than(read_disclosure(before)) is more


def test_what_is_stored_is_read_again() -> None:
    wanted = read_disclosure({"push": "sealed", "chat": "summary"})
    assert stored(wanted.text()) == wanted


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"mail": "sealed"}, "$.mail"),
        ({"push": "everything"}, "$.push"),
        ({"sms": "summary"}, "$"),
        ({"chat": 1}, "$.chat"),
        ([], "$"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(value: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_disclosure(value)
    assert (refused.value.code, refused.value.field) == ("disclosure_invalid", field)
