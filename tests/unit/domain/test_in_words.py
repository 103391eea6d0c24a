"""The words that are signed with an eID."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.domain.in_words import in_words, says
from approvals_hub.domain.presentation import present

HASH = "sha256:" + "ab" * 32


def words(
    payload: dict[str, Any], *, language: str = "en", justification: str | None = None, asker: str = "bot"
) -> str:
    action = {"action_id": "a1", "action_type": "payment.execute", "payload": payload}
    shown = present(action, escalation_id="esc_1", revision=1, audience="bank.example", justification=justification)
    return in_words(shown, asker=asker, organisation="Acme", intent_hash=HASH, language=language)


def test_every_field_of_the_action_is_there_whole() -> None:
    long = "x" * 5000
    text = words({"amount": 8500, "to": {"name": long}, "tags": ["a", "b"]})
    for line in ("/payload/amount: 8500", f"/payload/to/name: {long}", "/payload/tags/0: a", "/payload/tags/1: b"):
        assert line in text.splitlines()


def test_the_words_end_with_a_part_of_the_hash_that_is_signed_beside_them() -> None:
    assert words({"a": 1}).endswith("Check number: " + "ab" * 8)


def test_a_value_with_a_line_break_cannot_fake_a_field() -> None:
    text = words({"note": "hello\n/payload/amount: 1", "amount": 9})
    assert [line for line in text.splitlines() if line.startswith("/payload/amount")] == ["/payload/amount: 9"]


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\x1b[2J", "\u2066"])
def test_a_character_that_hides_or_reorders_text_is_a_visible_token(hidden: str) -> None:
    text = words({"to": f"a{hidden}b"}, justification=f"c{hidden}d", asker=f"e{hidden}f")
    assert hidden not in text


def test_the_agents_own_words_are_marked_as_unverified() -> None:
    assert "The agent says (not verified): trust me" in words({"a": 1}, justification="trust me")


def test_the_words_are_swedish_for_a_swede_and_english_for_everybody_else() -> None:
    assert words({"a": 1}, language="sv").startswith("Godkänn, en gång: payment.execute")
    assert words({"a": 1}, language="xx").startswith("Approve, once: payment.execute")


def shown_of(payload: dict[str, Any]) -> dict[str, Any]:
    action = {"action_id": "a1", "action_type": "payment.execute", "payload": payload}
    return present(action, escalation_id="esc_1", revision=1, audience="bank.example", justification=None)


@pytest.mark.parametrize("language", ["en", "sv"])
def test_signed_words_are_a_questions_own_whatever_the_asker_was_called(language: str) -> None:
    assert says(words({"a": 1}, language=language, asker="b\u202eot"), shown_of({"a": 1}), intent_hash=HASH)


def test_words_of_another_question_hash_or_with_a_line_more_are_not_the_questions() -> None:
    text = words({"a": 1})
    assert not says(text, shown_of({"a": 2}), intent_hash=HASH)
    assert not says(text, shown_of({"a": 1}), intent_hash="sha256:" + "cd" * 32)
    assert not says(text + "\n", shown_of({"a": 1}), intent_hash=HASH)
    assert not says(text.replace("Asked by: ", ""), shown_of({"a": 1}), intent_hash=HASH)
    assert not says("", shown_of({"a": 1}), intent_hash=HASH)


CLAIMED = {
    "principal": {"agent_id": "agt_1", "chain": ["agt_9"]},
    "relying_party": {"domain": "bank.example", "trust_profile": "REGULATED"},
    "payload": {"assurance_level": "HIGH", "trust_profile": "HIGH"},
}


@pytest.mark.parametrize(("language", "mark"), [("en", "(not verified)"), ("sv", "(inte kontrollerat)")])
def test_what_an_agent_says_of_its_standing_or_of_its_counterparty_never_looks_like_the_organisations_word(
    language: str, mark: str
) -> None:
    shown = present(CLAIMED, escalation_id="esc_1", revision=1, audience="bank.example", justification=None)
    text = in_words(shown, asker="bot", organisation="Acme", intent_hash=HASH, language=language)
    for line in (
        f"/relying_party/trust_profile {mark}: REGULATED",
        f"/payload/assurance_level {mark}: HIGH",
        f"/principal/chain/0 {mark}: agt_9",
        "/relying_party/domain: bank.example",
        "/principal/agent_id: agt_1",
    ):
        assert line in text.splitlines()
    before = in_words(shown, asker="bot", organisation="Acme", intent_hash=HASH, language=language, marked=False)
    assert mark not in before
    assert says(text, shown, intent_hash=HASH)
    assert says(before, shown, intent_hash=HASH)
