"""A route is read strictly: what is not understood is refused with its line, and nothing is guessed."""

from __future__ import annotations

import contextlib
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.core.errors import Invalid
from approvals_hub.routing.load import load_route
from approvals_hub.routing.route import (
    ALL,
    CHANNELS_LIMIT,
    IN_TURN,
    LEVELS_LIMIT,
    PEOPLE_LIMIT,
    TELLINGS_LIMIT,
    TIMES_LIMIT,
    Level,
    Remind,
    Repeat,
    Route,
    Step,
)

FULL = """\
route: production
levels:
  - schedules: [production]
    channels:
      - push
      - channel: sms
        after: 90s
    next_after: 5m
  - people: [ada@example.com, per_0123]
    groups: [platform]
    channels:
      - channel: push
        devices: all
        after: 10s
      - mail
    ack_within: 45s
    open_within: 4m
    repeat: {every: 10m, times: 2}
    remind: {after: 3m, times: 1}
    next_after: 1h
then: deny
"""
SHORT = """\
route: r
levels:
  - people: [ada]
    channels: [push]
    next_after: 5m
then: deny
"""


def refusal(text: str | bytes, channels: tuple[str, ...] | None = None) -> Invalid:
    with pytest.raises(Invalid) as caught:
        load_route(text, channels)
    return caught.value


def test_everything_that_can_be_written_is_read_as_it_is_meant() -> None:
    first = Level(steps=(Step("push", 0), Step("sms", 90)), schedules=("production",), next_after=300)
    second = Level(
        steps=(Step("push", 10, ALL), Step("mail", 45, IN_TURN)),
        people=("ada@example.com", "per_0123"),
        groups=("platform",),
        ack_within=45,
        open_within=240,
        repeat=Repeat(600, 2),
        remind=Remind(180, 1),
        next_after=3600,
    )
    assert load_route(FULL) == Route("production", (first, second), "deny")


def test_a_route_that_keeps_waiting_has_no_time_for_its_last_level() -> None:
    text = SHORT.replace("    next_after: 5m\n", "").replace("deny", "keep_waiting")
    assert load_route(text).levels[-1].next_after is None


@pytest.mark.parametrize(
    ("was", "now", "line", "words"),
    [
        ("route: r", "rout: r", 1, "unknown key 'rout'; did you mean 'route'?"),
        ("channels:", "chanels:", 4, "unknown key 'chanels'; did you mean 'channels'?"),
        ("next_after", "next_afther", 5, "did you mean 'next_after'?"),
        ("route: r\n", "", 1, "'route' is missing"),
        ("then: deny\n", "", 1, "'then' is missing"),
        ("    channels: [push]\n", "", 3, "'channels' is missing"),
        ("    next_after: 5m\n", "", 3, "'next_after' is missing"),
        ("deny", "denny", 6, "did you mean 'deny'?"),
        ("deny", "approve", 6, "'approve' is not known here"),
        ("deny", "keep_waiting", 5, "nothing comes after the last level"),
        ("route: r", "route: no", 1, "some readers of YAML take no for a boolean"),
        ("route: r", "route: on", 1, "boolean"),
        ("route: r", "route: 'A b'", 1, "is not a name"),
        ("[ada]", "[ada, ada]", 3, "'ada' is written twice"),
        ("[ada]", "[1:30]", 3, "base 60"),
        ("[ada]", "[010]", 3, "a number"),
        ("[ada]", "[2026-01-31]", 3, "a date"),
        ("[ada]", "[]", 3, "a list of 1 to"),
        ("[ada]", "ada", 3, "a list of 1 to"),
        ("[ada]", "[[ada]]", 3, "a person's id"),
        ("people: [ada]", "groups: [Platform]", 3, "is not a name"),
        ("people: [ada]\n    channels", "channels", 3, "a level tells somebody"),
        ("[push]", "[push, push]", 4, "written twice"),
        ("[push]", "[{channel: push, delay: 3s}]", 4, "unknown key 'delay'"),
        ("[push]", "[{after: 3s}]", 4, "'channel' is missing"),
        ("[push]", "[{channel: push, devices: every}]", 4, "'every' is not known"),
        ("[push]", "[{channel: push, after: 2d}]", 4, "'after' is a duration from 0s to 1d"),
        ("5m", "300", 5, "'next_after' is a duration"),
        ("5m", "9s", 5, "from 10s to 30d"),
        ("5m", "1:30", 5, "duration"),
        ("5m", "31d", 5, "duration"),
        ("next_after: 5m", "next_after: 5m\n    ack_within: 4s", 6, "from 5s to 1h"),
        ("next_after: 5m", "next_after: 5m\n    repeat: {every: 30s}", 6, "'times' is missing"),
        ("next_after: 5m", "next_after: 5m\n    repeat: {every: 29s, times: 1}", 6, "from 30s"),
        ("next_after: 5m", "next_after: 5m\n    repeat: {every: 30s, times: 0}", 6, "from 1 to"),
        ("next_after: 5m", f"next_after: 5m\n    remind: {{after: 30s, times: {TIMES_LIMIT + 1}}}", 6, "from 1 to"),
        ("next_after: 5m", "next_after: 5m\n    next_after: 6m", 6, "written twice"),
        ("levels:\n", "levels: []\nlevel:\n", 3, "unknown key 'level'"),
        ("[push]", "&c [push]", 4, "an anchor"),
        ("[ada]", "!!set {ada}", 3, "a tag"),
        ("then: deny\n", "then: deny\n---\nroute: s\n", 7, "a second document"),
    ],
)
def test_a_mistake_is_refused_with_its_line_and_what_would_be_right(was: str, now: str, line: int, words: str) -> None:
    assert was in SHORT
    error = refusal(SHORT.replace(was, now, 1))
    assert error.code == "route_invalid"
    assert (error.extra["line"], words in error.detail) == (line, True), error.detail


def test_a_channel_that_the_organisation_does_not_have_is_refused_with_the_nearest() -> None:
    assert "did you mean 'push'?" in refusal(SHORT.replace("[push]", "[puhs]"), ("push", "sms")).detail
    assert load_route(SHORT, ("sms", "push")).levels[0].steps[0].channel == "push"


def test_the_path_of_a_mistake_is_told_beside_its_line() -> None:
    error = refusal(FULL.replace("after: 90s", "after: soon"))
    assert (error.field, error.extra) == ("$.levels[0].channels[1].after", {"line": 7, "column": 16})


def level_text(**lines: str) -> str:
    """One level in flow style."""
    written = {"people": "[ada]", "channels": "[push]", "next_after": "5m", **lines}
    return "  - {" + ", ".join(f"{key}: {value}" for key, value in written.items()) + "}\n"


def many(word: str, count: int) -> str:
    return "[" + ", ".join(f"{word}{number}" for number in range(count)) + "]"


@pytest.mark.parametrize(
    ("levels", "beyond"),
    [
        (level_text() * LEVELS_LIMIT, level_text() * (LEVELS_LIMIT + 1)),
        (level_text(people=many("p", PEOPLE_LIMIT)), level_text(people=many("p", PEOPLE_LIMIT + 1))),
        (level_text(channels=many("c", CHANNELS_LIMIT)), level_text(channels=many("c", CHANNELS_LIMIT + 1))),
        (level_text(groups=many("g", 20)), level_text(groups=many("g", 21))),
        (level_text(schedules=many("s", 20)), level_text(schedules=many("s", 21))),
    ],
)
def test_a_count_is_taken_up_to_its_limit_and_refused_beyond(levels: str, beyond: str) -> None:
    assert load_route(f"route: r\nlevels:\n{levels}then: deny\n").name == "r"
    assert "a list of 1 to" in refusal(f"route: r\nlevels:\n{beyond}then: deny\n").detail


def test_a_route_that_would_tell_one_person_too_often_is_refused() -> None:
    # 8 channels, 1 + 10 times, and 10 reminders are 98; two more channels in another level make 100, three 101.
    storm = level_text(channels=many("c", 8), repeat="{every: 1m, times: 10}", remind="{after: 1m, times: 10}")
    assert load_route(f"route: r\nlevels:\n{storm}{level_text(channels='[a, b]')}then: deny\n").name == "r"
    error = refusal(f"route: r\nlevels:\n{storm}{level_text(channels='[a, b, c]')}then: deny\n")
    assert f"told 101 times, and {TELLINGS_LIMIT} is the limit" in error.detail


TOKENS = st.sampled_from(
    [
        *" \n,:-[]{}&*!#'\"|>%@`?~",
        "  - ",
        "route",
        "levels",
        "people",
        "groups",
        "channels",
        "then",
        "deny",
        "after",
        "5m",
        "no",
        "0x1",
        "1:30",
        "push",
        "repeat",
        "{every: 1m, times: 2}",
        "...",
        "---",
        "<<",
        "\u202e",
        "é",
    ]
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """The full route with some pieces cut, doubled or replaced."""
    text = FULL
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 30))
        text = text[:at] + draw(st.lists(TOKENS, max_size=4).map("".join)) + text[at + length :]
    return text


@given(st.one_of(damaged(), st.lists(TOKENS, max_size=80).map("".join), st.text(), st.binary()))
def test_whatever_is_written_is_read_or_refused_as_documented(text: str | bytes) -> None:
    try:
        assert isinstance(load_route(text), Route)
    except Invalid as error:
        refusal = error
    else:
        return
    assert refusal.code == "route_invalid"
    assert refusal.extra["line"] >= 1


def test_reading_takes_bounded_time_whatever_is_written() -> None:
    chance = random.Random(4)
    worst = 0.0
    for _ in range(40):
        pieces = [
            chance.choice(["[", "{", "a: ", "- ", "x,", "\n", "'", "- {people: [", "channels: ["]) for _ in range(9)
        ]
        text = ("".join(pieces) * 9000)[:65_536]
        begin = time.process_time()
        with contextlib.suppress(Invalid):
            load_route(text)
        worst = max(worst, time.process_time() - begin)
    assert worst < 1
