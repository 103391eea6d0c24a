"""What is told about a question."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.cli import asked
from approvals_hub_client import Credential, Question

CREDENTIAL = Credential("http://localhost:8420", issuer="https://hub.example/", agent_id="agt_1")


def question(**view: Any) -> Question:
    view = {"expires_at": "2026-01-01T00:00:00.000Z", "may_answer": 2, "approvals": 1, **view}
    return Question("esc_1", 1, {}, "sha256:x", "a", "open", 1, 0, view.get("match_code"), view)


def test_the_link_is_for_people_who_know_the_hub_by_its_public_address() -> None:
    assert asked.link(question(), CREDENTIAL) == "https://hub.example/app/escalations/esc_1"
    assert asked.link(question(), Credential("https://hub.example")) == "https://hub.example/app/escalations/esc_1"


@pytest.mark.parametrize(
    ("may", "must", "words"),
    [
        (1, 1, "1 person may answer; 1 must approve."),
        (2, 1, "2 people may answer; 1 must approve."),
        (7, 3, "7 people may answer; 3 must approve."),
        (None, None, ""),
        ("many", 1, ""),
    ],
)
def test_people_are_counted_and_never_named(may: Any, must: Any, words: str) -> None:
    assert asked.people(question(may_answer=may, approvals=must)) == words


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ({}, "waiting"),
        ({"match_code": "42"}, "waiting, code 42"),
        ({"risk": "critical", "match_code": "42"}, "critical risk, waiting, code 42"),
        ({"risk": "no\u202e"}, "waiting"),
        ({"seen_at": "2026-01-01T00:00:00.000Z"}, "somebody is looking"),
        ({"delivery": "unreachable"}, "nobody could be reached yet"),
    ],
)
def test_a_question_stands_as_its_agent_is_told(view: dict[str, Any], words: str) -> None:
    assert asked.standing(question(**view)) == words


def test_a_program_is_told_the_same() -> None:
    members = asked.members(question(), CREDENTIAL)
    assert (members["link"], members["may_answer"], members["approvals"]) == (
        "https://hub.example/app/escalations/esc_1",
        2,
        1,
    )
