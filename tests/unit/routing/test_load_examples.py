"""The examples of docs/reference/routes.md are read, and what the page says about them comes true."""

from __future__ import annotations

import re

import msgspec
import pytest

from approvals_hub.core.clock import SECOND
from approvals_hub.routing import load, load_group, load_schedule, route, schedule
from approvals_hub.routing.hours import SPANS_LIMIT
from approvals_hub.routing.timetable import answer
from tests.house.docs import FENCE, Page
from tests.house.tree import ROOT
from tests.unit.routing.scenes import START, at, facts, phones, question

PAGE = Page(ROOT / "docs" / "reference" / "routes.md")
ROUTE, SCHEDULE, GROUP = (found["body"] for found in FENCE.finditer(PAGE.text) if found["language"] == "yaml")


def test_the_examples_are_read_as_they_stand() -> None:
    read = load.load_route(ROUTE, channels=("push", "sms", "mail"))
    rota = load_schedule.load_schedule(SCHEDULE)
    assert route.names(read).schedules == (rota.name,)
    team = load_group.load_group(GROUP)
    assert (team.name, route.names(read).groups) == ("platform", ("platform",))


def test_what_the_page_says_about_its_example_comes_true() -> None:
    rota = schedule.Schedule("production", "UTC", (), (schedule.Override("ada", START, at(99_999)),))
    asked = msgspec.structs.replace(
        question(), route=load.load_route(ROUTE), schedules={"production": rota}, groups={"platform": ("bo",)}
    )
    asked = msgspec.structs.replace(asked, named={"cto@example.com": "cy"})
    known = facts(life=7200, contacts=phones("ada", "bo", "cy", channels=("push", "sms", "mail")))
    found = answer(asked, known, at(7200))
    assert found.end is not None
    assert found.end.outcome == "denied"
    said = re.search(r"^With the route above.*$", PAGE.text, re.MULTILINE)
    assert said is not None
    after = [(instant - START) // SECOND for instant in (*(each.at for each in found.told), found.end.at)]
    assert {f"{seconds // 60}:{seconds % 60:02}" for seconds in after} == set(re.findall(r"\d+:\d\d", said[0]))


@pytest.mark.parametrize("key", ["route", "levels", "then", *load._LEVEL, "channel", "after", "devices"])
def test_every_key_of_a_route_is_explained(key: str) -> None:
    assert f"`{key}`" in PAGE.text


@pytest.mark.parametrize("key", ["members", "start", "at", "every", "weekday", "hours", "overrides", "zone"])
def test_every_key_of_a_schedule_is_explained(key: str) -> None:
    assert f"`{key}`" in PAGE.text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 to {} levels", route.LEVELS_LIMIT),
        ("mail addresses, {} at most", route.PEOPLE_LIMIT),
        ("{} groups at most", route.GROUPS_LIMIT),
        ("{} schedules at most", route.GROUPS_LIMIT),
        ("1 to {} channels", route.CHANNELS_LIMIT),
        ("1 to {} times", route.TIMES_LIMIT),
        ("on each channel {} times at most", route.TELLINGS_LIMIT),
        ("`layers` | 1 to {}", schedule.LAYERS_LIMIT),
        ("1 to {} turns", schedule.MEMBERS_LIMIT),
        ("up to {} spans", SPANS_LIMIT),
        ("up to {}: who is on call", schedule.OVERRIDES_LIMIT),
        ("`ack_within` | `{}s`", route.ACK_WITHIN),
        ("`open_within` | `{}m`", route.OPEN_WITHIN // 60),
    ],
)
def test_every_limit_on_the_page_is_the_one_that_is_held(text: str, number: int) -> None:
    assert text.format(number) in PAGE.text
