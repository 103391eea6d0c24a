"""What names in a requirement stand for, from rows alone."""

from __future__ import annotations

import pytest

from approvals_hub.people.names import answers, names_of


def row(person: str, roles: str, state: str = "active", invited_as: str | None = None) -> dict[str, object]:
    return {"id": person, "state": state, "roles": roles, "key": 2, "invited_as": invited_as}


MEMBERS = [
    row("per_a", "approver", invited_as="per_i"),
    row("per_b", "admin approver"),
    row("per_c", "auditor"),
    row("per_d", "admin", "disabled"),
    row("per_o", "owner"),
]
GROUPS = {"finance": ["per_a", "per_c", "per_d", "per_z"], "empty": []}


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("role:approver", {"per_a", "per_b"}),
        ("role:admin", {"per_b"}),  # who is disabled stands behind no name
        ("role:owner", {"per_o"}),
        ("per_a", {"per_a"}),
        ("per_i", {"per_a"}),  # who joined with a key of theirs is meant by the id of their invitation too
        ("per_c", set()),  # known, and may not answer
        ("per_d", set()),
        ("group:finance", {"per_a"}),  # a group holds members who may answer, whoever else was written into it
        ("group:empty", set()),
    ],
)
def test_a_name_stands_for_those_behind_it_who_may_answer_now(name: str, people: set[str]) -> None:
    assert names_of(MEMBERS, GROUPS)[name] == people


@pytest.mark.parametrize("name", ["per_z", "group:ops", "role:auditor", "finance", "approver", ""])
def test_a_name_that_nobody_has_is_not_there(name: str) -> None:
    assert name not in names_of(MEMBERS, GROUPS)


@pytest.mark.parametrize(
    ("roles", "may"), [("approver", True), ("auditor admin", True), ("owner", True), ("auditor developer", False)]
)
def test_some_roles_answer(roles: str, may: bool) -> None:
    assert answers(roles) is may
