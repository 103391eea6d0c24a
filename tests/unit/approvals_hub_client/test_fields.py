"""The fields of an action are the whole action, and lead back to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub_client.canonical import dumps, sha256_text
from approvals_hub_client.fields import fields_of, reconstruct

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "presentation.json").read_text())
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NAMES = st.one_of(TEXTS, st.sampled_from(["0", "1", "2", "", "/", "~", "~1", "__proto__"]))
NUMBERS = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: not 2**53 - 1 < abs(x) < 1e21),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=20,
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=4)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_the_action_hash_follows_from_what_is_shown(case: dict[str, Any]) -> None:
    assert sha256_text(dumps(reconstruct(case["presentation"]["fields"]))) == case["action_hash"]


@pytest.mark.parametrize("case", VECTORS["not_reconstructable"], ids=lambda case: case["name"])
def test_fields_that_belong_to_no_action_are_refused(case: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"field|int\(\)|float"):
        reconstruct(case["fields"])


@given(OBJECTS)
def test_nothing_is_lost_or_reworded(action: dict[str, Any]) -> None:
    assert reconstruct(fields_of(action)) == action


@given(OBJECTS, OBJECTS)
def test_two_different_actions_never_look_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (fields_of(one) == fields_of(other)) == (dumps(one) == dumps(other))
