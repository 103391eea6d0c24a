"""Levels that a client claims: their names are noticed, their values are nobody's business."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from approvals_hub.api.claimed import CLAIMS, Claiming


@pytest.mark.parametrize("value", [None, "HIGH", 4, ["hwk"], {"x": 1}])
@pytest.mark.parametrize("name", CLAIMS)
def test_whatever_is_claimed_is_taken_and_named(name: str, value: Any) -> None:
    assert msgspec.convert({name: value}, Claiming).claimed() == (name,)


def test_who_claims_nothing_is_not_said_to_have_claimed() -> None:
    assert Claiming().claimed() == ()


def test_a_claim_under_another_name_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="loa"):
        msgspec.convert({"loa": "high"}, Claiming)
