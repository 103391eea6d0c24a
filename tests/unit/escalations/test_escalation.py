"""The noun: what follows from an escalation's state and the time."""

from __future__ import annotations

import msgspec
import pytest

from approvals_hub.domain import outcome
from approvals_hub.domain.requirement import Requirement
from approvals_hub.escalations.escalation import COLUMNS, Escalation, Reason, of

NOW = 1_800_000_000_000
ROW = dict.fromkeys(COLUMNS.split(", ")) | {
    "id": "esc_1",
    "state": "open",
    "version": 1,
    "requirement": Requirement(people=("per_1",)).text().decode(),
    "expires_at": NOW,
}


def escalation(**changes: object) -> Escalation:
    return of({**ROW, **changes})


def test_a_question_is_overdue_from_its_last_millisecond_on() -> None:
    assert [escalation().overdue(NOW + ms) for ms in (-1, 0, 1)] == [False, True, True]


@pytest.mark.parametrize("state", sorted(outcome.OUTCOMES))
def test_what_has_ended_is_neither_open_nor_overdue(state: str) -> None:
    assert (escalation(state=state).open, escalation(state=state).overdue(NOW + 1)) == (False, False)


@pytest.mark.parametrize(
    ("stored", "after", "state"),
    [
        ("ready", -1, "ready"),
        ("ready", 0, "expired"),
        ("redeemed", 1, "redeemed"),
        ("revoked", 1, "revoked"),
        (None, 1, None),
    ],
)
def test_a_ready_token_expires_by_itself(stored: str | None, after: int, state: str | None) -> None:
    approved = escalation(state="approved", token_state=stored, valid_until=NOW)
    assert approved.token_state_at(NOW + after) == state


def test_the_frozen_requirement_is_read_as_it_was_written() -> None:
    assert escalation().asked() == Requirement(people=("per_1",))


def test_a_reason_that_was_stored_without_its_statement_is_still_read() -> None:
    assert msgspec.json.decode(b'{"code":"not_now","text":null}', type=Reason) == Reason("not_now", None)
