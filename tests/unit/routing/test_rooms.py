"""When a room is told of a question: once."""

from __future__ import annotations

from approvals_hub.routing.question import Facts, Question
from approvals_hub.routing.rooms import rooms_told
from approvals_hub.routing.route import KEEP_WAITING, Level, Route, Step

MINUTE = 60_000


def question(*levels: Level, at_once: bool = False) -> Question:
    return Question(
        escalation_id="esc_1",
        opened_at=0,
        route=Route("ladder", levels, KEEP_WAITING),
        people=("ada",),
        named={"ada": "ada"},
        rooms=("org_1/ops", "org_1/hook"),
        tells_rooms_at_once=at_once,
    )


def told(asked: Question, now: int) -> list[tuple[str, int, int]]:
    found = rooms_told(asked, Facts(expires_at=60 * MINUTE), now)
    assert len({each.id for each in found}) == len(found)
    return [(each.channel, each.at, each.level) for each in found]


def test_a_room_is_told_when_the_first_level_that_names_it_begins() -> None:
    first = Level((Step("org_1/ops", 0), Step("mail", 0)), people=("ada",), next_after=300)
    second = Level((Step("org_1/hook", 0), Step("org_1/ops", 0)), people=("ada",))
    asked = question(first, second)
    assert told(asked, 0)[0] == ("org_1/ops", 0, 1)
    assert ("org_1/hook", 2) in {(channel, level) for channel, _, level in told(asked, 10 * MINUTE)}
    assert [channel for channel, *_ in told(asked, 10 * MINUTE)].count("org_1/ops") == 1


def test_without_a_written_route_every_room_is_told_at_once() -> None:
    assert told(question(at_once=True), 0) == [("org_1/ops", 0, 1), ("org_1/hook", 0, 1)]


def test_a_room_that_no_level_names_is_not_told() -> None:
    assert told(question(Level((Step("mail", 0),), people=("ada",))), 5 * MINUTE) == []
