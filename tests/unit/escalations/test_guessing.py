"""What is told of guesses: tests/unit/escalations/test_match_number.py. Here: that there are words for it."""

from __future__ import annotations

from approvals_hub.audit.event import KINDS
from approvals_hub.escalations.guessing import NEWS
from approvals_hub.notifications.words import NEWS as WORDS
from approvals_hub.notifications.words import news


def test_an_admin_is_told_in_words_and_led_to_the_organisations_agents() -> None:
    assert NEWS in WORDS
    assert "approver.barred" in KINDS
    assert news("en", NEWS, org="Nordisk Data").text.endswith("look into the organisation's agents.")
