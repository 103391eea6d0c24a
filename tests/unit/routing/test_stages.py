"""Stages: each tells its own people, from its own beginning on."""

from __future__ import annotations

import msgspec

from approvals_hub.routing.built_in_route import built_in_route
from approvals_hub.routing.route import KEEP_WAITING, Route
from approvals_hub.routing.schedule import Override, Schedule
from approvals_hub.routing.stages import Stages, answer_of, can_tell, opened
from approvals_hub.routing.timetable import UNREACHABLE, Answer
from tests.unit.routing.scenes import PEOPLE, at, facts, level, phones, question, seconds, shown, steps

EVERYBODY = frozenset(PEOPLE)
BUILT_IN = built_in_route(PEOPLE, push=["push"], mail=[], sms=[])
assert BUILT_IN is not None


def stages(*people: str, route: Route | None = None) -> Stages:
    """A question whose first stage asks these people."""
    first = question(level(*PEOPLE, channels=steps("push", "mail")), then=KEEP_WAITING, people=people)
    assert BUILT_IN is not None
    return opened(first if route is None else msgspec.structs.replace(first, route=route), BUILT_IN)


def told(asked: Stages, when: float, *, shown_to: frozenset[str] = EVERYBODY, stays: tuple[str, ...] = ()) -> Answer:
    """What holds then, for people who have a phone and mail and do not react."""
    known = facts(contacts=phones(*PEOPLE, channels=("push", "mail")))
    return answer_of(asked, known, shown_to=shown_to, stays=stays, now=at(when))


def ways(found: Answer) -> list[tuple[float, str]]:
    return [(when, contact) for when, contact, _ in map(shown, found.told)]


def test_who_is_asked_later_is_told_nothing_before() -> None:
    assert ways(told(stages("ada"), 30)) == [(0, "ada:push")]


def test_a_stage_that_begins_late_takes_its_channels_in_turn_from_its_own_beginning_on() -> None:
    both = stages("ada").followed(("bo",), at(600))
    assert (600, "bo:push") in ways(told(both, 601))
    assert "bo:mail" not in [contact for _, contact in ways(told(both, 659))]
    assert (660, "bo:mail") in ways(told(both, 661))


def test_nobody_of_an_earlier_stage_is_told_more_once_the_next_has_begun_but_who_may_still_stop_it() -> None:
    both = stages("ada", "cy").followed(("bo",), at(30))
    assert ways(told(both, 100)) == [(0, "ada:push"), (0, "cy:push"), (30, "bo:push"), (90, "bo:mail")]
    assert (60, "cy:mail") in ways(told(both, 100, stays=("cy",)))


def test_who_is_not_shown_it_any_more_is_told_no_more() -> None:
    assert ways(told(stages("ada", "bo"), 30, shown_to=frozenset({"bo"}))) == [(0, "bo:push")]


def test_who_stands_in_for_people_of_two_stages_is_told_of_both() -> None:
    both = stages("ada").followed(("ada",), at(30))
    assert len({telling.id for telling in told(both, 31, stays=("ada",)).told}) == 2


def test_a_stage_whose_people_the_route_does_not_name_is_told_by_the_built_in_one() -> None:
    route = Route("night", (level("ada", channels=steps("mail")),), KEEP_WAITING)
    both = stages("ada", route=route).followed(("bo",), at(10))
    assert ways(told(both, 11)) == [(0, "ada:mail"), (10, "bo:push")]


def test_the_present_stage_says_whether_anybody_is_reached_and_the_nearest_change_is_next() -> None:
    both = stages("ada").followed(("eve",), at(30))
    found = answer_of(both, facts(contacts=phones("ada")), shown_to=EVERYBODY | {"eve"}, stays=(), now=at(31))
    assert found.reach == UNREACHABLE
    assert seconds(told(stages("ada").followed(("bo",), at(30)), 31).next_at) == 90


def test_a_route_can_tell_members_of_groups_and_whoever_has_a_shift() -> None:
    shift = Schedule(name="rota", zone="UTC", layers=(), overrides=(Override("bo", at(0), at(60)),))
    asked = question(people=("ada", "bo"), groups={"team": ("ada", "eve")}, schedules={"rota": shift})

    def tells(**named: tuple[str, ...]) -> bool:
        return can_tell(Route("r", (level(**named),), KEEP_WAITING), asked)

    assert tells(groups=("team",))
    assert tells(schedules=("rota",))
    assert not tells(groups=("gone",), schedules=("none",))
    assert not can_tell(Route("r", (level("eve", "nobody"),), KEEP_WAITING), asked)
