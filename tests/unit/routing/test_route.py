"""What a route refers to, and how often it can tell somebody."""

from __future__ import annotations

from approvals_hub.routing.load import load_route
from approvals_hub.routing.route import Names, Remind, Repeat, names, tellings
from tests.unit.routing.scenes import level, steps
from tests.unit.routing.test_load import FULL


def test_everything_that_a_route_refers_to_is_named_once() -> None:
    assert names(load_route(FULL)) == Names(
        people=("ada@example.com", "per_0123"),
        groups=("platform",),
        schedules=("production",),
        channels=("push", "sms", "mail"),
    )


def test_a_level_tells_one_person_once_a_channel_and_round_and_reminds() -> None:
    assert tellings(level("ada")) == 1
    assert tellings(level("ada", channels=steps("push", "sms"), repeat=Repeat(60, 3), remind=Remind(60, 4))) == 12
