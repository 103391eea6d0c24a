"""A signature that was asked for: what is kept of it, and what is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from identity.errors import Malformed, OtherIntent
from identity.freja_running import Running, app_link
from tests.contracts.step_up import asked

STEP_UP = asked.step_up(asked.START)
FRESH = Running(STEP_UP.id, STEP_UP.intent_hash, "a-reference", named=False)
LINK = "frejaeid://bindUserToTransaction?transactionReference=a-reference"


def test_what_is_kept_comes_back() -> None:
    assert Running.for_step_up(FRESH.state(), STEP_UP) == FRESH


@pytest.mark.parametrize("changes", [{"id": "stp_other"}, {"intent_hash": "sha256:other"}])
def test_the_state_of_another_step_up_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(OtherIntent):
        Running.for_step_up(FRESH.state(), replace(STEP_UP, **changes))


@pytest.mark.parametrize("state", [{}, {"reference": "a"}, {"more": 1}])
def test_a_state_of_another_provider_is_refused(state: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        Running.of(state)


def test_until_a_phone_has_it_a_code_and_a_link_are_shown() -> None:
    shown = FRESH.shown(STEP_UP)
    assert (shown["qr"], shown["link"], shown["message"]["id"]) == (LINK, LINK, "scan")


def test_whoever_is_asked_by_name_needs_no_code() -> None:
    shown = replace(FRESH, named=True).shown(STEP_UP)
    assert "qr" not in shown
    assert (shown["link"], shown["message"]["id"]) == (LINK, "open")


@pytest.mark.parametrize("status", ["DELIVERED_TO_MOBILE", "SOMETHING_NEW"])
def test_once_a_phone_has_it_nothing_is_left_to_scan(status: str) -> None:
    shown = replace(FRESH, status=status).shown(STEP_UP)
    assert set(shown) == {"status", "message"}
    assert shown["message"]["id"] == "sign"


@pytest.mark.parametrize(("language", "words"), [("sv", "Öppna Freja"), ("en", "Open Freja"), ("xx", "Open Freja")])
def test_messages_are_in_the_persons_language(language: str, words: str) -> None:
    assert FRESH.shown(replace(STEP_UP, language=language))["message"]["text"].startswith(words)


def test_a_reference_cannot_add_to_the_link() -> None:
    assert app_link("a&b=c d") == "frejaeid://bindUserToTransaction?transactionReference=a%26b%3Dc%20d"
