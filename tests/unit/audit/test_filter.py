"""The filter language."""

from __future__ import annotations

from approvals_hub.audit.filter import EVERYTHING, Filter


def test_a_filter_says_what_is_asked_for_in_the_words_of_the_url() -> None:
    wanted = Filter(since=1_763_689_228_123, agent="agt_1")
    assert wanted.query() == {"since": "2025-11-21T01:40:28.123Z", "agent": "agt_1"}


def test_everything_asks_for_nothing() -> None:
    assert EVERYTHING.query() == {}
