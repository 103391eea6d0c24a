"""The presentation shows the whole action and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.domain.presentation import PROFILE, hash_of, present, presentation_hash

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


def shown(action: dict[str, Any], justification: str | None = None) -> dict[str, Any]:
    return present(action, escalation_id="esc_1", revision=1, audience="agt_1", justification=justification)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_every_vector_is_presented_as_written(case: dict[str, Any]) -> None:
    presentation = present(
        case["action"],
        escalation_id=case["escalation_id"],
        revision=case["revision"],
        audience=case["audience"],
        justification=case["justification"],
    )
    assert presentation == case["presentation"]
    assert presentation_hash(presentation) == case["presentation_hash"]


@given(OBJECTS)
def test_the_order_of_members_changes_nothing(action: dict[str, Any]) -> None:
    assert shown(dict(reversed(action.items()))) == shown(action)


def test_a_presentation_has_exactly_these_members() -> None:
    presentation = shown({"payload": {"a": 1}}, "because")
    assert list(presentation) == [
        "audience",
        "escalation_id",
        "fields",
        "justification",
        "profile",
        "revision",
        "warnings",
    ]
    assert presentation["profile"] == PROFILE
    assert presentation["fields"] == [{"path": "/payload/a", "type": "integer", "value": "1", "label": "payload"}]


def test_the_requesters_words_are_marked_as_unverified() -> None:
    assert shown({}, "It is safe")["justification"] == {"text": "It is safe", "verified": False}


def test_a_title_of_the_agent_stays_a_value_of_the_payload() -> None:
    fields = shown({"payload": {"title": "Read a file"}})["fields"]
    assert fields == [{"path": "/payload/title", "type": "string", "value": "Read a file", "label": "payload"}]


def test_one_flipped_character_changes_the_hash() -> None:
    assert presentation_hash(shown({"payload": {"to": "a"}})) != presentation_hash(shown({"payload": {"to": "b"}}))


@given(OBJECTS, st.none() | st.text(max_size=40))
def test_the_hash_alone_is_the_hash_of_what_is_shown(action: dict[str, Any], justification: str | None) -> None:
    about: Any = {"escalation_id": "esc_1", "revision": 2, "audience": "a.example", "justification": justification}
    assert hash_of(action, **about) == presentation_hash(present(action, **about))
