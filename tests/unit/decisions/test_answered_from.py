"""What is taken from a notification: a denial, on a device that is unlocked, and nothing else."""

from __future__ import annotations

import pytest

from approvals_hub.decisions.answered_from import AnsweredFrom, refuse_from
from approvals_hub.domain.requirement import Requirement

STRICT, LOOSE = Requirement(), Requirement(locked_denial=True)


@pytest.mark.parametrize(
    ("surface", "unlocked", "decision", "asked", "code"),
    [
        ("notification", True, "deny", STRICT, None),
        ("notification", False, "deny", STRICT, "device_locked"),
        ("notification", None, "deny", STRICT, "device_locked"),  # who says nothing is as one who says locked
        ("notification", False, "deny", LOOSE, None),
        ("notification", None, "deny", LOOSE, None),
        ("notification", True, "approve", LOOSE, "notification_denies_only"),
        ("notification", True, "not_me", LOOSE, "notification_denies_only"),
        ("app", None, "approve", STRICT, None),
        ("app", False, "deny", STRICT, None),
    ],
)
def test_by_where_it_was_given(
    surface: str, unlocked: bool | None, decision: str, asked: Requirement, code: str | None
) -> None:
    refusal = refuse_from(AnsweredFrom(surface, unlocked), decision, asked)
    assert (None if refusal is None else refusal.code) == code


def test_a_client_that_says_nothing_of_it_is_asked_nothing() -> None:
    assert refuse_from(None, "approve", STRICT) is None


def test_what_is_kept_is_what_was_said() -> None:
    assert AnsweredFrom("notification").members() == {"surface": "notification", "unlocked": None}
