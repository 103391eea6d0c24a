"""Where something stands in a vendor's answer."""

from __future__ import annotations

from typing import Any

import pytest

from notify.json_path import found, parsed

TOLD: Any = {
    "messages": [{"status": "0", "message-id": "AB12"}, [["deep"]]],
    "id": 7,
    "price": 0.5,
    "ok": True,
    "nothing": None,
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("messages[0].status", "0"),
        ("messages[0].message-id", "AB12"),
        ("messages[1][0][0]", "deep"),
        ("id", "7"),
        ("price", "0.5"),
        ("ok", "true"),
        ("nothing", None),
        ("messages", None),
        ("messages[0]", None),
        ("messages[2].status", None),
        ("messages.status", None),
        ("id[0]", None),
        ("id.more", None),
        ("absent.more", None),
    ],
)
def test_a_path_leads_to_a_text_or_to_nothing(path: str, value: str | None) -> None:
    assert found(TOLD, parsed(path)) == value


@pytest.mark.parametrize("told", [None, [], "text", 7, {"messages": {}}, {"messages": [None]}])
def test_an_answer_of_another_form_has_nothing(told: Any) -> None:
    assert found(told, parsed("messages[0].status")) is None


@pytest.mark.parametrize(
    "path", ["", ".", "a.", ".a", "a..b", "[0]", "a[x]", "a[-1]", "a[1000]", "a b", "$.a", "a[0]b"]
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="no path"):
        parsed(path)
