"""A frozen rule that a file holds is read as strictly as the hub writes it, so that its evaluation is quick."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from approvals_hub_client.rule import Rule, fewest, most, read_frozen

GROUP: dict[str, Any] = {"of": ["group:x"], "approvals": 1, "people": ["per_a"]}


def nested(depth: int) -> dict[str, Any]:
    return GROUP if depth == 1 else {"any": [nested(depth - 1)]}


def test_what_a_hub_writes_is_read() -> None:
    found = read_frozen({"stages": [GROUP, {"any": [GROUP, {"all": [GROUP, GROUP]}]}]})
    assert isinstance(found, Rule)
    assert (fewest(found), most(found)) == (2, 3)
    assert found.members() == {"per_a"}


@pytest.mark.parametrize(
    "attack",
    [
        [],
        {},
        {"of": ["group:x"], "approvals": 1},
        {**GROUP, "approvals": 0},
        {**GROUP, "approvals": -1},
        {**GROUP, "approvals": 21},
        {**GROUP, "all": [GROUP]},
        {"all": []},
        {"any": [GROUP] * 9},
        {"all": [{"stages": [GROUP]}]},
        {"all": [{"any": [GROUP] * 8}] * 3},
        {**GROUP, "more": 1},
        nested(5),
        nested(60),
    ],
)
def test_a_rule_that_takes_nobody_or_would_be_reckoned_for_ever_is_refused(attack: Any) -> None:
    with pytest.raises((ValueError, msgspec.ValidationError)):
        read_frozen(attack)
