"""Who may do what: a reviewed table."""

from __future__ import annotations

from itertools import combinations

import pytest

from approvals_hub.orgs.org import PERMISSIONS, ROLES, Permission, may_grant, permissions

TABLE = """
answer             owner admin approver
read_escalations   owner admin auditor
invite_people      owner admin
govern_people      owner admin
invite_agents      owner admin developer
read_agents        owner admin auditor developer
govern_agents      owner admin
recall             owner admin
stop               owner admin
read_notices       owner admin
read_audit         owner admin auditor
export_audit       owner admin auditor
set_requirement    owner admin
read_routes        owner admin auditor
govern_routes      owner admin
read_channels      owner admin auditor
govern_channels    owner admin
read_deliveries    owner admin auditor
read_policies      owner admin auditor developer
govern_policies    owner admin
"""


def test_the_roles_are_those_of_the_design() -> None:
    assert set(ROLES) == {"owner", "admin", "approver", "auditor", "developer"}


def test_each_permission_is_given_by_exactly_the_roles_of_the_table() -> None:
    listed = {words[0]: set(words[1:]) for words in map(str.split, TABLE.strip().splitlines())}
    given = {permission.value: {role for role in ROLES if permission in PERMISSIONS[role]} for permission in Permission}
    assert given == listed


@pytest.mark.parametrize("roles", [(), ("root",), ("Owner",), ("owner ",), ("",)])
def test_no_role_or_an_unknown_one_allows_nothing(roles: tuple[str, ...]) -> None:
    assert permissions(frozenset(roles)) == frozenset()


def test_several_roles_allow_what_each_of_them_allows() -> None:
    for pair in combinations(ROLES, 2):
        assert permissions(frozenset(pair)) == PERMISSIONS[pair[0]] | PERMISSIONS[pair[1]]


@pytest.mark.parametrize(
    ("granter", "roles", "allowed"),
    [
        ("owner", "owner", True),
        ("owner", "admin approver auditor developer", True),
        ("admin", "approver", True),
        ("admin", "auditor developer", True),
        ("admin", "admin", False),
        ("admin", "owner", False),
        ("admin", "approver owner", False),
        ("approver", "approver", False),
        ("auditor", "auditor", False),
        ("developer", "developer", False),
        ("approver auditor developer", "approver", False),
        ("", "approver", False),
        ("owner", "", False),
        ("owner", "root", False),
        ("owner", "approver root", False),
    ],
)
def test_nobody_gives_a_role_above_their_own(granter: str, roles: str, allowed: bool) -> None:
    assert may_grant(frozenset(granter.split()), frozenset(roles.split())) is allowed
