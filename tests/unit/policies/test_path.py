"""A path means one place, and nothing in it is passed over."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.policies.path import MISSING, STEPS_LIMIT, steps_of, value_at


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("$.payload.category", ("payload", "category")),
        ("$.payload.items[0].sku", ("payload", "items", 0, "sku")),
        ("$['payload']['tool-name']", ("payload", "tool-name")),
        ("$._a1", ("_a1",)),
        ("$.a[0][10]", ("a", 0, 10)),
        ("$" + ".a" * STEPS_LIMIT, ("a",) * STEPS_LIMIT),
    ],
)
def test_a_path_is_read_step_by_step(path: str, steps: tuple[Any, ...]) -> None:
    assert steps_of(path) == steps


@pytest.mark.parametrize(
    "path",
    [
        "",
        "$",
        "payload.x",
        "$payload",
        "$.payload.my-key",
        "$.a[*]",
        "$.a[-1]",
        "$.a[01]",
        "$.a[?(@.x)]",
        "$..a",
        "$.a.",
        "$.a b",
        "$.å",
        "$['']",
        "$['a\\'b']",
        '$["a"]',
        "$" + ".a" * (STEPS_LIMIT + 1),
    ],
)
def test_a_character_that_another_reader_would_skip_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        steps_of(path)


@pytest.mark.parametrize(
    ("steps", "value"),
    [
        (("a",), None),
        (("b", 1), 2),
        (("b", 2), MISSING),
        (("b", "length"), MISSING),
        (("c",), MISSING),
        (("a", "x"), MISSING),
        (("d", 0), MISSING),
        (("e", 0), MISSING),
        (("d", "constructor"), MISSING),
    ],
)
def test_what_is_not_there_is_missing_and_null_is_there(steps: tuple[Any, ...], value: Any) -> None:
    assert value_at({"a": None, "b": [1, 2], "d": {"0": 1}, "e": "text"}, steps) is value
