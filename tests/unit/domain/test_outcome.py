"""How a question ends."""

from __future__ import annotations

from approvals_hub.domain import outcome


def test_the_outcomes_are_those_of_the_design() -> None:
    assert {
        "approved",
        "denied",
        "not_me",
        "expired_seen",
        "expired_unseen",
        "undeliverable",
        "withdrawn",
        "superseded",
    } == outcome.OUTCOMES


def test_an_open_question_has_no_outcome() -> None:
    assert outcome.OPEN not in outcome.OUTCOMES


def test_a_token_is_ready_until_it_is_redeemed_revoked_or_expired() -> None:
    assert {"ready", "redeemed", "revoked", "expired"} == outcome.TOKEN_STATES


def test_a_question_that_somebody_saw_expires_otherwise_than_one_that_nobody_saw() -> None:
    assert (outcome.expired(None), outcome.expired(5)) == ("expired_unseen", "expired_seen")


def test_a_question_seen_at_the_epoch_was_seen() -> None:
    assert outcome.expired(0) == "expired_seen"
