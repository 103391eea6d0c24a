"""Who may answer a question, and when."""

from __future__ import annotations

import pytest

from approvals_hub.domain.requirement import Requirement
from approvals_hub.escalations.eligible import asked_later, refuse_unasked
from approvals_hub.escalations.place import Place
from approvals_hub.routing.stand_in import StandIn
from approvals_hub_client.rule import Rule


def group(*people: str) -> Rule:
    return Rule(of=("group:x",), approvals=1, people=people)


STAGES = Requirement(
    people=("per_a", "per_b", "per_both", "per_guard"),
    quorum=Rule(stages=(group("per_a"), group("per_b", "per_both"))),
    veto=("per_both", "per_guard"),
)
PLAIN = Requirement(people=("per_a",))


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
    refusal = refuse_unasked(Place(person, requirement), stage, approves=approves)
    assert (None if refusal is None else refusal.code) == code
    assert refusal is None or refusal.next_step


@pytest.mark.parametrize(
    ("away", "stage", "approves", "code"),
    [
        ("per_a", 0, True, None),
        ("per_b", 0, True, "stage_not_open"),  # their turn comes later, and so does that of their delegate
        ("per_b", 1, True, None),
        ("per_guard", 0, False, None),  # a veto passes on
        ("per_guard", 1, True, "veto_only"),  # and nothing more than it
        ("per_x", 0, False, "not_eligible"),
    ],
)
def test_a_delegate_may_do_what_the_one_who_is_away_might(
    away: str, stage: int, approves: bool, code: str | None
) -> None:
    place = Place("per_dee", STAGES, (StandIn(away, (), ("abs_1",), 1),))
    refusal = refuse_unasked(place, stage, approves=approves)
    assert (None if refusal is None else refusal.code) == code
    assert asked_later(place, stage) == (away == "per_b" and stage == 0)


def test_whoever_stood_in_before_may_take_that_back_and_not_approve() -> None:
    place = Place("per_dee", PLAIN, (StandIn("per_a", (), ("abs_1",), 1),), before=True)
    assert refuse_unasked(place, 0) is None
    refusal = refuse_unasked(place, 0, approves=True)
    assert refusal is not None
    assert refusal.code == "not_eligible"
