"""Groups from YAML."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.routing.load_group import MEMBERS_LIMIT, Group, load_group


def test_a_group_is_read_in_its_order() -> None:
    assert load_group("group: ops\nmembers: [b@example.com, per_a]\n") == Group("ops", ("b@example.com", "per_a"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("group: ops\n", 1),
        ("group: ops\nmembers: []\n", 2),
        ("group: ops\nmember: [a]\n", 2),
        ("group: ops\nmembers: [a, a]\n", 2),
        ("group: Ops\nmembers: [a]\n", 1),
        ("group: ops\nmembers: [no]\n", 2),
        ("group: ops\nmembers: [" + ", ".join(f"p{n}" for n in range(MEMBERS_LIMIT + 1)) + "]\n", 2),
    ],
)
def test_what_is_no_group_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(Invalid) as refused:
        load_group(text)
    assert (refused.value.code, refused.value.extra["line"]) == ("group_invalid", line)
