"""What groups mean: roles that are given and taken, and the owner who stays."""

from __future__ import annotations

import pytest

from approvals_hub.stepup.sign_in_way import SignInWay

WAY = SignInWay(
    "company",
    "Company",
    "org_1",
    {
        "payments": frozenset({"approver"}),
        "it": frozenset({"admin", "developer"}),
        "board": frozenset({"owner"}),
    },
)


@pytest.mark.parametrize(
    ("groups", "roles"),
    [
        ((), set()),
        (("cooks",), set()),
        (("payments",), {"approver"}),
        (("payments", "it", "cooks"), {"approver", "admin", "developer"}),
        (("Payments", "payments "), set()),  # a group is its name to the letter
    ],
)
def test_the_roles_that_groups_mean_are_this_table(groups: tuple[str, ...], roles: set[str]) -> None:
    assert WAY.mapped(groups) == roles


@pytest.mark.parametrize(
    ("present", "groups", "last", "roles"),
    [
        ({"approver"}, ("payments",), False, {"approver"}),
        ({"approver"}, ("it",), False, {"admin", "developer"}),  # one taken, two given
        ({"approver", "auditor"}, (), False, {"auditor"}),  # auditor stands in no mapping: it is not the provider's
        ({"owner"}, (), False, set()),
        ({"owner"}, (), True, {"owner"}),  # somebody has to own it
        ({"owner"}, ("payments",), True, {"owner", "approver"}),
        (set(), ("board",), True, {"owner"}),
    ],
)
def test_the_roles_after_a_sign_in_are_this_table(
    present: set[str], groups: tuple[str, ...], last: bool, roles: set[str]
) -> None:
    assert WAY.remapped(frozenset(present), groups, is_last_owner=last) == roles


def test_a_way_without_a_mapping_changes_no_role() -> None:
    plain = SignInWay("google", "Google")
    assert plain.remapped(frozenset({"approver"}), ("board",), is_last_owner=False) == {"approver"}
