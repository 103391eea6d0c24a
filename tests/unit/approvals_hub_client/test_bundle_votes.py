"""Whose answers count at the end: what a hub that lies cannot make of those that were taken back."""

from __future__ import annotations

import pytest

from tests.unit.approvals_hub_client.made_bundle import Json, approved, lied, made, part_of, verified
from tests.unit.approvals_hub_client.test_bundle_answers import edited


def voters(bundle: Json) -> list[str]:
    """Who answered, each once, in the log's order."""
    return list(dict.fromkeys(answer["approver_id"] for answer in bundle["answers"]))


def test_an_approval_that_its_person_took_back_does_not_pass_over_their_veto() -> None:
    bob = voters(made().held)[0]
    report = verified(approved(made().held, bob))
    assert part_of(report) == "answers"
    assert report.first_bad is not None
    assert "said deny, which stood" in report.first_bad.why


def test_an_approval_that_was_taken_back_counts_for_nobody_though_its_person_has_no_veto() -> None:
    assert verified(made().ruled).ok
    ada, _, _, cleo = voters(made().ruled)
    report = verified(approved(made().ruled, ada, cleo))
    assert part_of(report) == "token.claims.approvers"
    assert report.first_bad is not None
    assert "did not stand" in report.first_bad.why


def test_a_no_in_the_place_of_somebody_with_a_veto_is_theirs() -> None:
    (eve,) = made().ruled["question"]["requirement"]["veto"]

    def in_eves_place(entry: Json) -> None:
        if entry["decision"] == "deny":
            entry["detail"]["stands_in"] = [f"{eve}/per_between"]

    def in_no_place(entry: Json) -> None:
        entry["detail"]["stands_in"] = [1]

    for change in (in_eves_place, in_no_place):
        assert part_of(verified(lied(made().ruled, entries=edited("decision.recorded", change)))) == "answers"


def test_an_answer_after_the_end_changes_nothing_about_how_it_ended() -> None:
    def later(found: list[Json]) -> list[Json]:
        ended = next(entry for entry in found if entry["kind"] == "escalation.ended")
        place = next(place for place, entry in enumerate(found) if entry["decision"] == "deny")
        return [*found[:place], ended, *(entry for entry in found[place:] if entry is not ended)]

    report = verified(lied(made().held, entries=later))
    assert report.first_bad is not None
    assert "nobody's no stood" in report.first_bad.why


@pytest.mark.parametrize("outcome", ["denied", "not_me"])
def test_an_end_by_a_no_that_nobody_gave_is_found(outcome: str) -> None:
    def ended(bundle: Json) -> None:
        bundle["question"]["outcome"] = outcome
        bundle["token"] = bundle["proof"] = None

    attack = lied(made().first, ended, edited("escalation.ended", lambda entry: entry.update(decision=outcome)))
    assert part_of(verified(attack)) == "answers"
