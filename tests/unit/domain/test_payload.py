"""Payloads without one canonical text, and such that nobody can read, are refused."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.domain.payload import MAX_DEPTH, MAX_ITEMS, MAX_MEMBERS, MAX_VALUES, PayloadError, check_payload


def nested(levels: int) -> dict[str, Any]:
    value: Any = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return {"a": value} if levels > 0 else {}


def refusal(value: Any) -> PayloadError:
    with pytest.raises(PayloadError) as refused:
        check_payload(value)
    return refused.value


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"a": [1, -1, 0.5, 1e21, 1e-300, True, None, "å", [], {}]},
        {"a": 2**53 - 1, "b": -(2**53) + 1},
        {"": {"__proto__": 1}},
    ],
)
def test_ordinary_json_is_accepted(value: dict[str, Any]) -> None:
    check_payload(value)


@pytest.mark.parametrize("value", [None, [], "a", 1])
def test_anything_but_an_object_is_refused(value: Any) -> None:
    assert refusal(value).path == ""


@pytest.mark.parametrize("number", [2**53, -(2**53), 2.0**53, 1e20, float("nan"), float("inf"), -float("inf")])
def test_a_number_that_a_page_would_show_with_other_digits_is_refused(number: float) -> None:
    assert refusal({"amounts": [1, {"x": number}]}).path == ".amounts[1].x"


def test_the_deepest_allowed_nesting_is_accepted() -> None:
    check_payload(nested(MAX_DEPTH - 2))


def test_nesting_beyond_the_limit_is_refused() -> None:
    assert "nested deeper" in refusal(nested(MAX_DEPTH - 1)).why


def test_a_nesting_of_thousands_of_levels_is_refused_without_harm() -> None:
    assert "nested deeper" in refusal(nested(50_000)).why


def test_a_list_of_more_than_the_limit_is_refused() -> None:
    check_payload({"a": [0] * MAX_ITEMS})
    assert refusal({"a": [0] * (MAX_ITEMS + 1)}).path == ".a"


def test_an_object_of_more_members_than_the_limit_is_refused() -> None:
    check_payload({str(n): n for n in range(MAX_MEMBERS)})
    assert refusal({str(n): n for n in range(MAX_MEMBERS + 1)}).path == ""


def test_more_values_than_a_person_can_read_are_refused() -> None:
    rows = [[0] * 1000 for _ in range(MAX_VALUES // 1000)]
    check_payload({"rows": rows})
    assert "can read" in refusal({"rows": [*rows, [0] * 1000]}).why


def test_what_is_no_json_is_refused() -> None:
    assert refusal({"a": {1, 2}}).path == ".a"


def test_a_members_name_cannot_break_the_line_of_the_error() -> None:
    assert refusal({"a\nb": 2**60}).path == ".a⟦U+000A⟧b"
