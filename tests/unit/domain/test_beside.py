"""What is frozen beside a requirement is read as it was written."""

from __future__ import annotations

from approvals_hub.domain.beside import Beside, read_beside


def test_what_was_frozen_is_read_again() -> None:
    beside = Beside(barred=("per_owner",), others=("per_x",), veto=("role:owner", "group:ops"))
    assert read_beside(beside.text()) == beside
    assert read_beside(Beside().text()) == Beside()


def test_a_question_of_before_it_was_kept_says_nothing() -> None:
    assert read_beside(None) is None


def test_whoever_is_asked_may_stand_in_beside_the_others() -> None:
    assert Beside(others=("per_x", "per_a")).may_stand_in(("per_b", "per_a")) == ("per_a", "per_b", "per_x")
