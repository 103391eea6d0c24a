"""Who had to approve: what a hub that lies cannot make of a rule, of stages, of a wait and of delegations."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub_client.rule import Rule
from approvals_hub_client.trust import plain
from tests.unit.approvals_hub_client.made_bundle import Json, approved, lied, made, verified
from tests.unit.approvals_hub_client.test_bundle_answers import edited
from tests.unit.approvals_hub_client.test_bundle_votes import voters
from tests.unit.hub_fixture import StaffedHub
from tests.unit.routing.test_be_absent import away

ADA, BOB, DAN, CLEO = range(4)


def why(bundle: Json) -> str:
    report = verified(bundle)
    assert report.first_bad is not None
    return report.first_bad.why


def ruled(*names: int) -> Json:
    """That these of them were enough, as a hub that lies would say."""
    people = voters(made().ruled)
    return approved(made().ruled, *(people[name] for name in names))


def test_an_approval_by_the_rule_verifies_and_so_does_a_smaller_one_that_is_enough() -> None:
    assert verified(made().ruled).ok
    assert verified(ruled(BOB, CLEO)).ok


def test_two_of_one_group_are_not_one_of_each() -> None:
    assert "the rule takes" in why(ruled(BOB, DAN))


def test_nobody_at_all_is_not_enough() -> None:
    assert "the rule takes" in why(ruled())


@pytest.mark.parametrize("attack", ["early", "never", "no time"])
def test_an_end_before_the_wait_is_over_is_found(attack: str) -> None:
    opened = made().ruled["question"]["created_at"]
    at = {"early": opened, "never": "2020-01-01T00:00:00.000Z", "no time": "soon"}[attack]
    changed = lied(
        made().ruled,
        lambda bundle: bundle["question"].update(ended_at=at),
        edited("escalation.ended", lambda entry: entry.update(ts=at)),
    )
    report = verified(changed)
    assert report.first_bad is not None
    assert report.first_bad.part == "question.ended_at"


def test_a_seat_in_whose_place_nobody_answered_by_the_log_is_not_taken() -> None:
    cleo = voters(made().ruled)[CLEO]

    def claim(bundle: Json) -> None:
        bundle["token"]["claims"]["approvers"][1]["stands_in"] = [{"person_id": cleo}]

    assert "answered in this place" in why(lied(ruled(BOB, DAN), claim))
    for form in ([1], "x"):

        def odd(bundle: Json, form: Any = form) -> None:
            bundle["token"]["claims"]["approvers"][1]["stands_in"] = form

        assert "list of places" in why(lied(ruled(BOB, DAN), odd))


def test_a_delegate_who_answered_in_an_earlier_stage_has_not_answered_in_the_later_one() -> None:
    """Bob answered, by the log in the place of Cleo too, and sits on one seat all the same; so does Dan's own."""
    people = voters(made().ruled)

    def claim(bundle: Json) -> None:
        bundle["token"]["claims"]["approvers"][0]["stands_in"] = [{"person_id": people[CLEO]}]

    def logged(entry: Json) -> None:
        if entry["actor_id"] == people[BOB]:
            entry["detail"]["stands_in"] = [people[CLEO]]

    assert "the rule takes" in why(lied(ruled(BOB), claim, edited("decision.recorded", logged)))


def test_a_stage_that_opened_before_the_one_before_it_held_is_found() -> None:
    def early(found: list[Json]) -> list[Json]:
        opened = next(entry for entry in found if entry["kind"] == "escalation.stage_opened")
        first = next(place for place, entry in enumerate(found) if entry["kind"] == "decision.recorded")
        rest = [entry for entry in found if entry is not opened]
        return [*rest[:first], opened, *rest[first:]]

    assert "opens a stage before" in why(lied(made().ruled, entries=early))
    odd = edited("escalation.stage_opened", lambda entry: entry["detail"].update(stage="1"))
    assert "opens a stage before" in why(lied(made().ruled, entries=odd))


def test_an_answer_before_its_stage_was_open_counts_for_no_seat_of_it() -> None:
    def late(found: list[Json]) -> list[Json]:
        opened = next(entry for entry in found if entry["kind"] == "escalation.stage_opened")
        ended = next(place for place, entry in enumerate(found) if entry["kind"] == "escalation.ended")
        rest = [entry for entry in found[:ended] if entry is not opened]
        return [*rest, opened, *found[ended:]]

    assert "the rule takes" in why(lied(made().ruled, entries=late))
    gone = lied(made().ruled, entries=lambda found: [e for e in found if e["kind"] != "escalation.stage_opened"])
    assert "the rule takes" in why(gone)


async def test_an_approval_in_the_place_of_somebody_who_is_away_verifies(house: StaffedHub) -> None:
    ada, bo, cy = [await house.person(name) for name in ("Ada", "Bo", "Cy")]
    await away(house, ada, bo)
    parts = tuple(Rule(of=(person.person_id,), approvals=1) for person in (ada, cy))
    await house.require(quorum=Rule(all=parts))
    asked = await house.bot.ask()
    await bo.answer(asked.escalation.id)
    await cy.answer(asked.escalation.id)
    bundle = plain(await house.hub.make_bundle(house.operator, asked.escalation.id))
    assert bundle["token"]["claims"]["approvers"][0]["stands_in"][0]["person_id"] == ada.person_id
    report = verified(bundle)
    assert (report.ok, report.first_bad) == (True, None)
