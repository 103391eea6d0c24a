"""Who may answer: frozen people, and others only as long as they stand in for one of them."""

from __future__ import annotations

from approvals_hub.routing.absence import Absence
from approvals_hub.routing.standing import may_answer, occupant
from tests.unit.routing.scenes import at, facts, level, question

ASKED = question(level("ada"), people=("ada", "bo"))
AWAY = (Absence("ada", at(10), at(20), "eve"), Absence("eve", at(15), at(20), "cy"))


def who(person: str, when: float, **known: object) -> list[str] | None:
    found = may_answer(ASKED, facts(absences=AWAY, **known), person, at(when))
    return None if found is None else [link.person for link in found]


def test_a_delegate_may_answer_during_the_absence_and_at_no_other_time() -> None:
    assert [who("eve", when) for when in (9, 10, 14, 15, 20)] == [None, ["ada", "eve"], ["ada", "eve"], None, None]
    assert [who("cy", when) for when in (14, 15, 19, 20)] == [None, ["ada", "eve", "cy"], ["ada", "eve", "cy"], None]


def test_a_frozen_person_may_answer_also_while_away() -> None:
    assert who("ada", 12) == ["ada"]


def test_nobody_else_may_answer_whatever_a_route_says() -> None:
    assert who("di", 12) is None
    assert may_answer(question(level("eve")), facts(), "eve", at(0)) is None


def test_who_is_gone_may_not_answer_and_nobody_through_them() -> None:
    assert who("ada", 12, gone={"ada": at(12)}) is None
    assert who("eve", 12, gone={"ada": at(12)}) is None
    assert who("cy", 16, gone={"eve": at(16)}) is None
    assert who("eve", 11, gone={"ada": at(12)}) == ["ada", "eve"]


def test_of_several_ways_to_stand_in_the_shortest_is_named() -> None:
    known = facts(absences=(*AWAY, Absence("bo", at(0), at(99), "cy")))
    found = may_answer(ASKED, known, "cy", at(16))
    assert found is not None
    assert [link.person for link in found] == ["bo", "cy"]


def test_a_seat_of_somebody_who_is_not_frozen_is_empty() -> None:
    assert occupant(ASKED, facts(), "eve", at(0)) is None
