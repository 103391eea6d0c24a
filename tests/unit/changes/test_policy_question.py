"""Who is asked about a draft, and what about."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.changes.policy_question import KNOWN_FOR, Drafted, asked_of_publishers, holds_for, question_of
from approvals_hub.core.errors import Conflict
from approvals_hub.domain.requirement import Requirement
from approvals_hub.policies.kept import Binding
from tests.unit.policies.test_draft import draft

NOW = 10 * KNOWN_FOR


def member(name: str, roles: str = "admin", **more: Any) -> dict[str, Any]:
    return {"id": name, "roles": roles, "state": "active", "keys": 1, "since": 0, "let_in": 0, **more}


EVERYBODY = [
    member("own", "owner"),
    member("ada"),
    member("new", since=NOW - 1, let_in=1),
    member("app", "approver"),
    member("off", state="disabled"),
    member("bare", keys=0, since=None),
]
BY_AGENT = {"proposer_type": "agent", "proposed_by": "agt_1", "owner_id": "own"}
BY_ADA = {"proposer_type": "person", "proposed_by": "ada"}
BY_OPERATOR = {"proposer_type": "operator", "proposed_by": "operator"}


@pytest.mark.parametrize(
    ("by", "apart", "default", "people"),
    [
        (BY_AGENT, False, Requirement(), ("ada", "new")),
        (BY_AGENT, True, Requirement(), ("ada",)),
        (BY_AGENT, False, Requirement(owner_counts=True), ("ada", "new", "own")),
        (BY_AGENT, True, Requirement(owner_counts=True), ("ada",)),
        (BY_ADA, True, Requirement(), ("own",)),
        (BY_OPERATOR, True, Requirement(), ("ada", "new", "own")),
    ],
)
def test_others_who_may_publish_and_have_a_key_are_asked(
    by: dict[str, Any], apart: bool, default: Requirement, people: tuple[str, ...]
) -> None:
    asked = asked_of_publishers(EVERYBODY, draft(**by), default=default, apart=apart, now=NOW)
    assert isinstance(asked, Requirement)
    assert (asked.people, asked.approvals, asked.number_match) == (people, 1, None)


def test_the_owner_alone_is_asked_where_no_second_person_is_wanted_and_nobody_where_one_is() -> None:
    alone = [member("own", "owner"), member("app", "approver")]
    found = asked_of_publishers(alone, draft(**BY_AGENT), default=Requirement(), apart=False, now=NOW)
    assert isinstance(found, Requirement)
    assert found.people == ("own",)
    assert isinstance(
        asked_of_publishers(alone, draft(**BY_AGENT), default=Requirement(), apart=True, now=NOW), Conflict
    )


def test_as_many_approve_as_the_organisation_asks_where_there_are_as_many() -> None:
    many = Requirement(approvals=3, min_assurance="SUBSTANTIAL")
    found = asked_of_publishers(EVERYBODY, draft(**BY_AGENT), default=many, apart=False, now=NOW)
    assert isinstance(found, Requirement)
    assert (found.approvals, found.min_assurance) == (2, "SUBSTANTIAL")


def test_a_removal_and_the_end_of_the_rule_say_what_they_are() -> None:
    drafted = Drafted(
        draft=draft(change="one_person", org_id="org_1", **BY_ADA),
        before=None,
        first=False,
        proposer="Ada",
        owner=None,
        why=None,
    )
    action = question_of(drafted, NOW)
    assert action["action_type"] == "hub.policy.publish_alone"
    assert set(action["payload"]) == {"changes", "proposed_by"}


@pytest.mark.parametrize(
    ("binding", "words"),
    [
        (Binding(), "every agent, rank 100"),
        (Binding("group", "web", 5), "the team web, rank 5"),
        (Binding("agent", "agt_1"), "the agent agt_1, rank 100"),
    ],
)
def test_for_whom_it_holds_is_said(binding: Binding, words: str) -> None:
    assert holds_for(binding) == words
