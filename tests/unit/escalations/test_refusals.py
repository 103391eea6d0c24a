"""The refusals that several use cases share."""

from __future__ import annotations

from approvals_hub.escalations.refusals import ended_conflict, unknown
from tests.unit.escalations.test_escalation import escalation


def test_what_is_not_there_and_what_is_not_yours_get_the_same_words() -> None:
    assert (unknown().code, unknown().extra) == ("escalation_unknown", {})


def test_a_conflict_tells_the_outcome_that_stands() -> None:
    ended = escalation(state="denied", ended_by="per_1", cause=None, ended_at=1_800_000_000_000)
    assert ended_conflict(ended).extra == {
        "outcome": "denied",
        "by": "per_1",
        "cause": None,
        "ended_at": "2027-01-15T08:00:00.000Z",
        "token_state": None,
    }
