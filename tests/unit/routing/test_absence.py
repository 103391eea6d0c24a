"""Who stands in: dated, two steps at most, no circle, never the asker's owner, and nobody where anything is unclear."""

from __future__ import annotations

from itertools import product

import pytest

from approvals_hub.core.clock import DAY
from approvals_hub.core.errors import Conflict, Invalid
from approvals_hub.routing.absence import DEPTH, LONGEST, Absence, absence_of, check_absence, stand_in

TEAM = ("ada", "bo", "cy", "di", "owner")
NOW = 1000


def away(person: str, delegate: str | None, since: int = 0, until: int = 2000, recorded: int = 0) -> Absence:
    return Absence(person, since, until, delegate, recorded)


def chain(
    *absences: Absence, person: str = "ada", at: int = NOW, barred: tuple[str, ...] = ("owner",)
) -> list[str] | None:
    found = stand_in(person, absences, at, may_stand_in=TEAM, barred=barred)
    return None if found is None else [link.person for link in found]


@pytest.mark.parametrize(
    ("absences", "expected"),
    [
        ([], ["ada"]),
        ([away("bo", "cy")], ["ada"]),  # somebody else is away
        ([away("ada", "bo")], ["ada", "bo"]),
        ([away("ada", "bo"), away("bo", "cy")], ["ada", "bo", "cy"]),  # two steps
        ([away("ada", "bo"), away("bo", "cy"), away("cy", "di")], None),  # three
        ([away("ada", None)], None),  # away with nobody
        ([away("ada", "bo"), away("bo", None)], None),
        ([away("ada", "ada")], None),  # oneself
        ([away("ada", "bo"), away("bo", "ada")], None),  # a circle
        ([away("ada", "bo"), away("bo", "cy"), away("cy", "ada")], None),
        ([away("ada", "owner")], None),  # never the one whose agent asks
        ([away("ada", "owner"), away("owner", "bo")], None),  # nor through them
        ([away("ada", "bo"), away("bo", "owner")], None),
        ([away("ada", "mallory")], None),  # nobody who may answer here
        ([away("ada", "bo", until=NOW)], ["ada"]),  # over in this instant
        ([away("ada", "bo", since=NOW)], ["ada", "bo"]),  # begins in it
        ([away("ada", "bo", since=NOW + 1)], ["ada"]),
        ([away("ada", "bo", recorded=NOW + 1)], ["ada"]),  # not known yet
        ([away("ada", "bo"), away("ada", "cy", recorded=5)], ["ada", "cy"]),  # what was recorded last counts
    ],
)
def test_the_chain_from_ada_is(absences: list[Absence], expected: list[str] | None) -> None:
    assert chain(*absences) == expected
    assert chain(*reversed(absences)) == expected


def test_of_every_combination_of_delegates_no_chain_is_long_circular_or_through_somebody_barred() -> None:
    people = ("ada", "bo", "cy", "owner")
    choices = (*people, "mallory", None, "here")
    for picked in product(choices, repeat=4):
        absences = [
            away(person, delegate) for person, delegate in zip(people, picked, strict=True) if delegate != "here"
        ]
        found = chain(*absences)
        if found is None:
            continue
        assert found[0] == "ada"
        assert len(found) <= 1 + DEPTH
        assert len(set(found)) == len(found)
        assert not {"owner", "mallory"} & set(found)
        assert absence_of(found[-1], absences, NOW) is None


def test_a_requester_who_is_barred_does_not_stand_in() -> None:
    assert chain(away("ada", "bo"), barred=("owner", "bo")) is None


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (away("ada", "bo", since=10, until=10), "$.until"),
        (away("ada", "bo", since=10, until=9), "$.until"),
        (away("ada", "bo", since=10, until=10 + LONGEST + 1), "$.until"),
        (away("ada", "bo", since=10, until=20, recorded=20), "$.until"),  # over before it is written
        (away("ada", "ada"), "$.delegate"),
    ],
)
def test_an_absence_that_makes_no_sense_is_refused(new: Absence, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_absence(new, [])
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("existing", "new"),
    [
        ([away("bo", "ada")], away("ada", "bo")),  # a circle of two
        ([away("bo", "cy"), away("cy", "ada")], away("ada", "bo")),  # of three
        ([away("bo", "cy"), away("cy", "di")], away("ada", "bo")),  # ada → bo → cy → di are three steps
        ([away("cy", "ada"), away("bo", "di")], away("ada", "bo")),  # cy → ada → bo → di, ada in the middle
        ([away("cy", "di"), away("di", "ada")], away("ada", "bo")),  # cy → di → ada → bo, ada at the end
        ([away("bo", "ada", since=1999)], away("ada", "bo")),  # a circle in one millisecond alone
    ],
)
def test_an_absence_that_would_leave_nobody_to_ask_is_refused(existing: list[Absence], new: Absence) -> None:
    with pytest.raises(Conflict) as caught:
        check_absence(new, existing)
    assert caught.value.code == "delegation_too_long"


@pytest.mark.parametrize(
    "existing",
    [
        [],
        [away("bo", "cy")],  # two steps
        [away("cy", "ada")],
        [away("bo", "ada", since=2000, until=3000)],  # never at the same time
        [away("bo", None)],
        [away("ada", "cy", recorded=0), away("cy", "ada", since=2000, until=2500)],
        [away("ada", None)],
    ],
)
def test_an_absence_that_leaves_somebody_to_ask_is_taken(existing: list[Absence]) -> None:
    new = away("ada", "bo", recorded=1)
    assert check_absence(new, existing) is new


def test_a_thousand_absences_of_others_do_not_make_the_check_slow() -> None:
    others = [away(f"p{number}", f"q{number}", since=number, until=number + DAY) for number in range(1000)]
    new = away("ada", "bo", until=DAY)
    assert check_absence(new, others) is new
