"""Hidden characters become visible."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.core.visible import visible

CASES = json.loads((Path(__file__).parents[2] / "vectors" / "visible.json").read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_every_text_of_the_corpus_shows_what_it_hides(case: dict[str, Any]) -> None:
    assert visible(case["text"], lines=case["lines"]) == (case["shown"], case["hidden"])


def test_the_corpus_holds_more_than_thirty_texts() -> None:
    assert len(CASES) > 30


@given(st.text(), st.text())
def test_two_different_texts_never_look_the_same(one: str, other: str) -> None:
    assert (visible(one).text == visible(other).text) == (one == other)


@given(st.text(alphabet=st.characters(categories=["Cc", "Cf", "Zl", "Zp", "Co", "Cs"])))
def test_no_control_format_or_private_character_is_left(text: str) -> None:
    # Signs that stand before Arabic and other digits are format characters that everybody sees.
    seen = "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]"
    assert re.sub(seen, "", visible(text).text).isprintable()


@given(st.text())
def test_text_without_hidden_characters_stays_as_it_is(text: str) -> None:
    shown, hidden = visible(text)
    assert hidden or shown == text


def test_an_agent_cannot_make_the_search_slow() -> None:
    started = time.process_time()
    visible("\u0301" * 200_000 + "a" * 200_000 + "\u202e" * 100_000)
    assert time.process_time() - started < 1
