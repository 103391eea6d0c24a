"""What the names in a requirement stand for: roles, people, and groups of people. Pure: rows in, ids out."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from approvals_hub.core.row import Row
from approvals_hub.orgs.org import Permission, permissions
from approvals_hub.people.person import ACTIVE

ANSWERING = ("approver", "admin", "owner")
"""The roles that a requirement may name."""


def answers(roles: str) -> bool:
    """Whether one of these roles may answer."""
    return Permission.ANSWER in permissions(frozenset(roles.split()))


def names_of(members: Collection[Row], groups: Mapping[str, Collection[str]]) -> dict[str, frozenset[str]]:
    """Every name that means something here, with those behind it who may answer now.

    `members` are rows of `store.standings`; `groups` are people's ids by a group's name. Whoever joined with a key of
    theirs is also meant by the id that they were invited under. A role that nobody has, a
    group that is empty, and a member who is disabled or may not answer, are known and stand for nobody.
    """
    able = {row["id"] for row in members if row["state"] == ACTIVE and answers(row["roles"])}
    named = {row["invited_as"]: frozenset({row["id"]} & able) for row in members if row["invited_as"]}
    named |= {row["id"]: frozenset({row["id"]} & able) for row in members}
    for role in ANSWERING:
        named[f"role:{role}"] = frozenset(row["id"] for row in members if role in row["roles"].split()) & able
    return named | {f"group:{name}": frozenset(people) & able for name, people in groups.items()}
