"""Who may answer a question, and when."""

from __future__ import annotations

import pytest

from approvals_hub.domain.requirement import Requirement
from approvals_hub.domain.rule import Rule
from approvals_hub.escalations.eligible import refuse_unasked
from approvals_hub.escalations.escalation import COLUMNS, Escalation, of


def group(*people: str) -> Rule:
    return Rule(of=("group:x",), approvals=1, people=people)


STAGES = Requirement(
    people=("per_a", "per_b", "per_both", "per_guard"),
    quorum=Rule(stages=(group("per_a"), group("per_b", "per_both"))),
    veto=("per_both", "per_guard"),
)
PLAIN = Requirement(people=("per_a",))


def question(requirement: Requirement, stage: int = 0) -> Escalation:
    row = dict.fromkeys(COLUMNS.split(", ")) | {"requirement": requirement.text().decode(), "stage": stage}
    return of(row)


@pytest.mark.parametrize(
    ("requirement", "stage", "person", "approves", "code"),
    [
        (PLAIN, 0, "per_a", True, None),
        (PLAIN, 0, "per_x", False, "not_eligible"),
        (STAGES, 0, "per_a", True, None),
        (STAGES, 0, "per_b", True, "stage_not_open"),
        (STAGES, 0, "per_b", False, "stage_not_open"),
        (STAGES, 0, "per_guard", False, None),
        (STAGES, 0, "per_guard", True, "veto_only"),
        (STAGES, 1, "per_guard", True, "veto_only"),
        (STAGES, 0, "per_both", False, None),  # the veto holds from the beginning
        (STAGES, 0, "per_both", True, "stage_not_open"),
        (STAGES, 1, "per_both", True, None),
        (STAGES, 1, "per_b", True, None),
        (STAGES, 1, "per_a", True, None),  # an earlier stage stays open: it may lack somebody again
        (STAGES, 1, "per_x", True, "not_eligible"),
    ],
)
def test_an_answer_is_taken_or_refused(
    requirement: Requirement, stage: int, person: str, approves: bool, code: str | None
) -> None:
    refusal = refuse_unasked(question(requirement, stage), person, approves=approves)
    assert (None if refusal is None else refusal.code) == code
    assert refusal is None or refusal.next_step
