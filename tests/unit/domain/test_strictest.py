"""What the organisation asks and what a policy asks hold together."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.domain.requirement import Requirement, read_default
from approvals_hub.domain.rule import ROLES
from approvals_hub.domain.strictest import strictest

OWNERS = {"of": ["role:owner"], "approvals": 1}
ADMINS = {"of": ["role:admin"], "approvals": 1}
FLOORS: list[dict[str, Any]] = [
    {},
    {"approvals": 2, "owner_counts": True},
    {"quorum": ADMINS, "veto": ["role:owner"]},
    {"min_assurance": "SUBSTANTIAL", "methods": ["bankid", "passkey"], "fresh_within": 60, "passkeys": "device_bound"},
    {"most_risk": "low", "number_match": 6, "reason": "required", "risk": "critical", "environment": "prod"},
    {"wait": 300, "longest": 3600, "approval_valid_for": 60},
]
SAID: list[dict[str, Any]] = [
    *FLOORS[1:-1],
    {"quorum": OWNERS},
    {"quorum": {"any": [OWNERS, ADMINS]}},
    {"wait": 1200},
    {"expires_in": 60},
    {"expires_in": 86_400, "longest": 90_000},
    {"approval_valid_for": 3600, "risk": "low", "reason": "optional", "number_match": 2},
    {"methods": ["bankid", "totp"]},
]


def beside(one: Requirement, other: Requirement) -> Requirement:
    """Without what says when and where, and who may stop it: that follows from whom one asks."""
    return msgspec.structs.replace(
        one, veto=ROLES, environment=None, expires_in=other.expires_in, longest=max(one.longest, other.longest)
    )


@pytest.mark.parametrize("floor", FLOORS)
@pytest.mark.parametrize("said", SAID)
def test_what_both_ask_is_never_less_than_what_the_organisation_asks(
    floor: dict[str, Any], said: dict[str, Any]
) -> None:
    before = read_default(floor)
    found = strictest(before, said)
    assert not beside(found, found).asks_less_than(beside(before, found))
    if before.veto is not None:
        assert found.veto is None or set(found.veto) >= set(before.veto)


@pytest.mark.parametrize("said", SAID)
def test_what_both_ask_is_never_less_than_what_the_policy_asks(said: dict[str, Any]) -> None:
    found, alone = strictest(Requirement(), said), read_default({"expires_in": 86_400, **said})
    alone = msgspec.structs.replace(alone, owner_counts=alone.owner_counts or found.owner_counts)
    if "approval_valid_for" not in said:
        alone = msgspec.structs.replace(alone, approval_valid_for=found.approval_valid_for)
    assert not beside(found, found).asks_less_than(beside(alone, found))


def test_a_policy_that_says_nothing_leaves_what_the_organisation_asks() -> None:
    for floor in FLOORS:
        assert strictest(read_default(floor), {}) == read_default(floor)


def test_two_rules_of_people_that_do_not_imply_each_other_must_both_hold() -> None:
    found = strictest(read_default({"quorum": ADMINS}), {"quorum": OWNERS})
    assert found.quorum is not None
    assert found.quorum.all is not None
    assert [part.of for part in found.quorum.all] == [("role:admin",), ("role:owner",)]


def test_the_greater_number_counts() -> None:
    assert strictest(read_default({"approvals": 2}), {"approvals": 3}).approvals == 3
    assert strictest(read_default({"approvals": 3}), {"approvals": 1}).approvals == 3


def test_a_policy_does_not_let_the_owner_answer_where_the_organisation_does_not() -> None:
    assert not strictest(Requirement(), {"owner_counts": True}).owner_counts
    assert not strictest(Requirement(owner_counts=True), {"owner_counts": False}).owner_counts


def test_a_wait_that_is_longer_than_people_have_gives_them_more_time() -> None:
    found = strictest(Requirement(), {"wait": 7200})
    assert (found.wait, found.expires_in) == (7200, 8100)


def test_people_have_as_long_as_the_policy_says_within_the_longest_life() -> None:
    assert strictest(Requirement(), {"expires_in": 86_400}).expires_in == 86_400
    assert strictest(Requirement(longest=3600), {"expires_in": 86_400}).expires_in == 3600


@pytest.mark.parametrize(
    ("floor", "said", "field"),
    [
        ({"methods": ["totp"]}, {"methods": ["bankid"]}, "$.methods"),
        ({"quorum": {"stages": [OWNERS, ADMINS]}}, {"quorum": {"stages": [ADMINS, OWNERS]}}, "$.quorum"),
        ({"longest": 600, "expires_in": 600}, {"wait": 3600}, "$.wait"),
    ],
)
def test_demands_that_cannot_both_hold_are_refused_and_not_dropped(
    floor: dict[str, Any], said: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        strictest(read_default(floor), said)
    assert refusal.value.field == field
