"""Bounds of members that several forms share."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from approvals_hub.api.fields import Base64, Cursor, Id, Line, Token, at, page, raw
from approvals_hub.core.errors import Invalid


@pytest.mark.parametrize("form", [Id, Line, Base64, Token, Cursor])
@pytest.mark.parametrize("text", ["a\0", "a\n", "a\x7f", "\x1b[2J", "\x9b2J", "a\x85b"])
def test_no_text_of_a_form_holds_a_control_character(form: Any, text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(text, form)


def test_a_line_may_hold_any_language() -> None:
    assert msgspec.convert("Åsa 李", Line) == "Åsa 李"


def test_a_page_tells_where_the_next_one_starts() -> None:
    assert page(["a", "b", "c"], 2, str.upper) == msgspec.convert(
        {"items": ["a", "b"], "next": "B"}, type(page([], 1, str))
    )


def test_the_last_page_has_no_next_one() -> None:
    assert page(["a", "b"], 2, str.upper).next is None


def test_a_time_that_is_not_there_stays_away() -> None:
    assert (at(None), at(0)) == (None, "1970-01-01T00:00:00.000Z")


def test_bytes_have_one_spelling() -> None:
    assert raw("AAE", "$.x") == b"\0\x01"
    with pytest.raises(Invalid) as refused:
        raw("AAF", "$.x")
    assert refused.value.field == "$.x"
