"""What the log says of step-ups."""

from __future__ import annotations

from approvals_hub.stepup.step_up_event import ended_event, proven_event, refused_event
from tests.unit.stepup.test_step_up import STEP


def test_an_entry_names_the_step_up_its_method_and_the_intent() -> None:
    for event in (ended_event(STEP, "timed_out", 5), refused_event(STEP, "wrong_answer", 5), proven_event(STEP, 5)):
        assert {"step_up_id": "stu_1", "method": "totp", "intent_hash": None}.items() <= event.detail.items()
        assert event.at == 5


def test_a_refusal_and_an_end_say_why() -> None:
    assert (ended_event(STEP, "timed_out", 5).kind, ended_event(STEP, "timed_out", 5).decision) == (
        "step_up.ended",
        "timed_out",
    )
    assert refused_event(STEP, "wrong_answer", 5).decision == "wrong_answer"


def test_a_proof_is_committed_to_by_the_hash_of_its_evidence_alone() -> None:
    assert set(proven_event(STEP, 5).detail) == {
        "step_up_id",
        "method",
        "intent_hash",
        "binding",
        "auth_ref",
        "evidence_hash",
    }
