"""Refusals of an answer for what was answered before, or for how the person is proven."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from approvals_hub.decisions.refuse_answer import answered_conflict, too_soon, too_weak
from approvals_hub.domain.assurance import LOW, SUBSTANTIAL, Assurance
from approvals_hub.domain.requirement import Requirement
from tests.unit.escalations.test_escalation import escalation

BEFORE: dict[str, Any] = {"id": "dec_1", "decision": "deny"}
MINE = {"mine": {"decision_id": "dec_1", "decision": "deny"}}


def test_an_answer_that_stands_is_told_and_what_came_of_the_question_where_that_is_known() -> None:
    assert answered_conflict(BEFORE).extra == MINE
    still_open, ended = escalation(), escalation(state="denied", token_state=None)
    assert answered_conflict(BEFORE, still_open).extra == {**MINE, "outcome": None, "token_state": None}
    assert answered_conflict(BEFORE, ended).extra == {**MINE, "outcome": "denied", "token_state": None}


def test_a_weak_proof_is_told_what_is_asked_for_and_what_it_is_worth() -> None:
    asked = Requirement(min_assurance=SUBSTANTIAL)
    found = Assurance(LOW, ("pop",), ("device_key",), "signed")
    refusal = too_weak(asked, found)
    assert (refusal.code, str(refusal)) == (
        "assurance_too_low",
        "this question asks for SUBSTANTIAL, and this is worth LOW",
    )
    asked = msgspec.structs.replace(asked, methods=("totp", "bankid"))
    assert "by totp or bankid" in str(too_weak(asked, found))


def test_a_bare_key_is_told_that_the_risk_is_critical() -> None:
    refusal = too_weak(Requirement(risk="critical"), Assurance(LOW, ("pop",), ("device_key",), "signed"))
    assert (refusal.code, "critical" in str(refusal)) == ("assurance_too_low", True)


@pytest.mark.parametrize(
    ("dwell", "read_ms", "retry_after"),
    [(0, None, None), (20, 0, 20), (20, 19_001, 1), (20, 20_000, None), (20, None, 20)],
)
def test_an_approval_waits_for_the_rest_of_the_time_that_its_question_has_to_be_looked_at(
    dwell: int, read_ms: int | None, retry_after: int | None
) -> None:
    refusal = too_soon(Requirement(dwell=dwell), read_ms)
    assert (None if refusal is None else refusal.retry_after) == retry_after
