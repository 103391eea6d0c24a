"""In whose places somebody answers at an instant."""

from __future__ import annotations

import pytest

from approvals_hub.routing.absence import Absence
from approvals_hub.routing.stand_in import (
    StandIn,
    next_change,
    of_claim,
    read_stand_ins,
    stands_in,
    stood_in,
    stood_in_claim,
    text_of,
)

EVERYBODY = ("ada", "bo", "cy", "dee", "owner")
ADA_BO = Absence("ada", 10, 100, "bo", recorded_by="ada", id="abs_1")
BO_CY = Absence("bo", 20, 80, "cy", recorded_by="bo", id="abs_2")
CY_DEE = Absence("cy", 0, 200, "dee", recorded_by="cy", id="abs_3")


def places(
    person: str, *absences: Absence, at: int = 50, asked: tuple[str, ...] = ("ada",), barred: tuple[str, ...] = ()
) -> list[tuple[str, tuple[str, ...]]]:
    found = stands_in(person, asked, absences, at, may_stand_in=EVERYBODY, barred=barred)
    return [(each.person_id, each.through) for each in found]


@pytest.mark.parametrize(
    ("person", "absences", "expected"),
    [
        ("bo", (ADA_BO,), [("ada", ())]),
        ("cy", (ADA_BO,), []),
        ("ada", (ADA_BO,), []),  # nobody stands in for themselves
        ("cy", (ADA_BO, BO_CY), [("ada", ("bo",))]),
        ("bo", (ADA_BO, BO_CY), []),  # who is away themselves answers for nobody else
        ("dee", (ADA_BO, BO_CY, CY_DEE), []),  # two delegations at most
        ("cy", (ADA_BO, BO_CY, CY_DEE), []),
        ("bo", (ADA_BO, Absence("ada", 10, 100, None, recorded_at=5)), []),  # written later: nobody stands in
        ("bo", (Absence("cy", 0, 99, "bo"),), []),  # of whom nothing is asked
        ("bo", (Absence("ada", 10, 100, "bo", recorded_by="bo"),), []),  # written by the delegate
        ("cy", (Absence("ada", 10, 100, "bo", recorded_by="cy"), BO_CY), []),  # and by one through somebody else
        ("bo", (Absence("ada", 10, 100, "bo", recorded_by="owner"),), [("ada", ())]),
    ],
)
def test_somebody_answers_for(
    person: str, absences: tuple[Absence, ...], expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert places(person, *absences) == expected


@pytest.mark.parametrize(("at", "stands"), [(9, False), (10, True), (99, True), (100, False)])
def test_an_absence_counts_from_its_first_instant_until_before_its_last(at: int, stands: bool) -> None:
    assert bool(places("bo", ADA_BO, at=at)) == stands


def test_whoever_is_barred_ends_the_chain_in_its_middle_too() -> None:
    assert places("bo", ADA_BO, barred=("bo",)) == []
    assert places("cy", ADA_BO, BO_CY, barred=("bo",)) == []


def test_two_who_are_away_have_one_delegate() -> None:
    both = places("bo", ADA_BO, Absence("cy", 0, 60, "bo"), asked=("cy", "ada"))
    assert both == [("ada", ()), ("cy", ())]


def test_the_first_end_of_a_chain_is_when_it_ends() -> None:
    [found] = stands_in("cy", ["ada"], [ADA_BO, BO_CY], 50, may_stand_in=EVERYBODY, barred=())
    assert (found.absences, found.until) == (("abs_1", "abs_2"), 80)


def test_the_next_change_is_the_next_beginning_or_end() -> None:
    assert [next_change([ADA_BO, BO_CY], now) for now in (0, 10, 20, 80, 100)] == [10, 20, 80, 100, None]


def test_what_was_kept_is_read_again() -> None:
    given = (StandIn("per_ada", ("per_bo",), ("abs_1", "abs_2"), 1_700_000_000_000),)
    assert read_stand_ins(text_of(given)) == given
    assert (text_of(()), read_stand_ins(None)) == (None, ())
    assert of_claim(stood_in_claim(given[0])) == given[0]
    assert stood_in_claim(given[0])["until"] == "2023-11-14T22:13:20.000Z"


def test_people_read_a_name() -> None:
    each = StandIn("per_ada", ("per_bo",), ("abs_1",), 7)
    assert stood_in(each, {"per_ada": "Ada"}).name == "Ada"
    assert stood_in(each, {}).name == ""
