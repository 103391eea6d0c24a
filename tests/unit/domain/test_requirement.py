"""What is asked of an escalation: written by admins strictly, frozen and hashed by the hub."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.domain.requirement import LONGEST_LIFE, Requirement, read_default, requirement_hash, stored
from approvals_hub_client.canonical import dumps, loads, sha256_text
from approvals_hub_client.rule import Rule


def test_the_first_default_is_one_approval_by_any_approver_with_a_device_key() -> None:
    default = read_default({})
    assert (default.approvals, default.people, default.min_assurance, default.owner_counts) == (1, (), "LOW", False)
    assert (default.expires_in, default.approval_valid_for) == (900, 600)


def test_what_is_stored_is_canonical_and_reads_back_as_itself() -> None:
    requirement = Requirement(approvals=2).frozen_for(("per_b", "per_a"), 60)
    assert stored(requirement.text()) == requirement
    assert dumps(loads(requirement.text())) == requirement.text()


def test_the_hash_is_over_the_stored_bytes() -> None:
    text = Requirement().text()
    assert requirement_hash(text) == sha256_text(text)


def test_the_same_people_in_another_order_are_the_same_requirement() -> None:
    assert Requirement().frozen_for(("b", "a"), 60).text() == Requirement().frozen_for(("a", "b"), 60).text()


def test_freezing_keeps_the_rule_and_sets_people_and_life() -> None:
    frozen = Requirement(approvals=2, min_assurance="HIGH").frozen_for(("a", "b"), 60)
    assert (frozen.approvals, frozen.min_assurance, frozen.people, frozen.expires_in) == (2, "HIGH", ("a", "b"), 60)


@pytest.mark.parametrize(
    ("member", "lowest", "highest"),
    [
        ("approvals", 1, 20),
        ("longest", 900, 2_592_000),
        ("expires_in", 10, 2_592_000),
        ("approval_valid_for", 1, 86_400),
    ],
)
def test_a_number_is_taken_within_its_range_and_refused_outside(member: str, lowest: int, highest: int) -> None:
    assert getattr(read_default({member: lowest}), member) == lowest
    assert getattr(read_default({member: highest}), member) == highest
    for outside in (lowest - 1, highest + 1):
        with pytest.raises(Invalid):
            read_default({member: outside})


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"aprovals": 2}, "$"),
        ({"min_assurence": "HIGH"}, "$"),
        ({"approvals": "2"}, "$.approvals"),
        ({"approvals": True}, "$.approvals"),
        ({"approvals": 1.5}, "$.approvals"),
        ({"approvals": 2.0}, "$.approvals"),
        ({"approvals": None}, "$.approvals"),
        ({"owner_counts": 1}, "$.owner_counts"),
        ({"owner_counts": "false"}, "$.owner_counts"),
        ({"people": ["per_me"]}, "$.people"),
        ({"profile": "approvals-hub.requirement.v2"}, "$.profile"),
        ({"min_assurance": "NONE"}, "$.min_assurance"),
        ({"min_assurance": "low"}, "$.min_assurance"),
        ({"risk": "none"}, "$.risk"),
        ({"most_risk": "high"}, "$.most_risk"),  # what no provider accepts is no limit
        ({"most_risk": "medium"}, "$.most_risk"),
        ({"most_risk": ""}, "$.most_risk"),
        ({"most_risk": 0}, "$.most_risk"),
        ({"environment": ""}, "$.environment"),
        ({"environment": "x" * 41}, "$.environment"),
        ({"environment": "prod\u202eduction"}, "$.environment"),
        ({"environment": "a\nb"}, "$.environment"),
        ({"expires_in": 3600, "longest": 1800}, "$.expires_in"),
        ([], "$"),
        (b"[]", "$"),
        (b'{"approvals":2,"approvals":1}', "$"),
        (b'{"approvals":NaN}', "$"),
        (b"not json", "$"),
    ],
)
def test_a_misspelt_or_mistyped_member_never_weakens_the_requirement(value: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_default(value)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("changes", "less"),
    [
        ({}, False),
        ({"approvals": 1}, True),
        ({"approvals": 3}, False),
        ({"owner_counts": True}, True),
        ({"min_assurance": "LOW"}, True),
        ({"min_assurance": "HIGH"}, False),
        ({"risk": "medium"}, True),
        ({"risk": "critical"}, False),
        ({"environment": None}, True),
        ({"environment": "staging"}, True),
        ({"expires_in": 899}, False),
        ({"expires_in": 901}, True),
        ({"longest": 3599}, False),
        ({"longest": 3601}, True),
        ({"approval_valid_for": 599}, False),
        ({"approval_valid_for": 601}, True),
        ({"approvals": 3, "risk": "low"}, True),  # more in one member makes up for nothing in another
    ],
)
def test_what_asks_less_in_any_member_asks_less(changes: dict[str, Any], less: bool) -> None:
    now = Requirement(approvals=2, min_assurance="SUBSTANTIAL", environment="production", longest=3600)
    assert msgspec.structs.replace(now, **changes).asks_less_than(now) is less


@pytest.mark.parametrize(
    ("before", "after", "less"),
    [
        ({}, {"quorum": {"of": ["role:admin"]}}, True),  # who is no admin could have stopped it
        ({}, {"quorum": {"of": ["role:approver", "role:admin", "role:owner"]}}, False),  # everybody, by their roles
        ({}, {"veto": ["role:owner"]}, True),
        ({}, {"veto": ["role:owner", "role:admin", "role:approver"]}, False),
        ({}, {"wait": 60}, False),
        ({"wait": 60}, {"wait": 59}, True),
        ({"wait": 60}, {}, True),
        ({"veto": ["role:owner"]}, {"veto": ["role:owner", "per_a"]}, False),
        ({"veto": ["role:owner", "per_a"]}, {"veto": ["role:owner"]}, True),
        ({"veto": ["role:owner"]}, {}, False),  # everybody who may answer stops it
        ({"veto": ["role:owner"]}, {"quorum": {"of": ["per_a"]}}, True),
        ({"veto": ["per_a"]}, {"quorum": {"of": ["per_a", "per_b"]}}, False),
        ({"approvals": 2, "veto": ["per_a"]}, {"quorum": {"of": ["per_a"]}}, True),  # 1 person instead of 2
        ({"approvals": 2, "veto": ["per_a"]}, {"quorum": {"of": ["per_a", "per_b"], "approvals": 2}}, False),
        ({"quorum": {"of": ["per_a"]}}, {}, True),
        ({"quorum": {"of": ["role:admin"]}}, {"quorum": {"of": ["role:admin"], "approvals": 2}}, False),
    ],
)
def test_a_rule_that_takes_fewer_people_or_lets_fewer_stop_it_asks_less(
    before: dict[str, Any], after: dict[str, Any], less: bool
) -> None:
    assert read_default(after).asks_less_than(read_default(before)) is less


def test_an_owner_who_counted_and_counts_no_more_is_asking_for_more() -> None:
    assert not Requirement().asks_less_than(Requirement(owner_counts=True))
    assert Requirement(owner_counts=True).asks_less_than(Requirement())


def test_every_member_that_an_admin_may_set_is_compared() -> None:
    changed: dict[str, Any] = {
        "approvals": 1,
        "quorum": Rule(of=("role:approver",), approvals=1),
        "veto": ("role:owner",),
        "wait": 59,
        "dwell": 4,
        "owner_counts": True,
        "locked_denial": True,
        "min_assurance": "LOW",
        "methods": ("bankid", "totp"),
        "fresh_within": 301,
        "passkeys": "not_synced",
        "most_risk": "moderate",
        "number_match": None,
        "reason": "optional",
        "risk": "low",
        "environment": "x",
        "expires_in": 901,
        "longest": LONGEST_LIFE + 1,
        "approval_valid_for": 601,
    }
    assert {*changed, "profile", "people"} == set(Requirement.__struct_fields__)
    now = Requirement(approvals=2, min_assurance="HIGH", methods=("bankid",), fresh_within=300, most_risk="low")
    now = msgspec.structs.replace(now, number_match=6, reason="required", dwell=5)
    quorum = Rule(of=("role:admin",), approvals=1)
    now = msgspec.structs.replace(now, passkeys="device_bound", quorum=quorum, veto=("role:admin",), wait=60)
    assert msgspec.structs.replace(now, approvals=changed.pop("approvals"), quorum=None).asks_less_than(
        msgspec.structs.replace(now, quorum=None)
    )
    assert all(msgspec.structs.replace(now, **{name: value}).asks_less_than(now) for name, value in changed.items())


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"methods": ["BankID"]}, "$.methods"),
        ({"methods": ["bankid\n"]}, "$.methods"),
        ({"methods": [""]}, "$.methods"),
        ({"methods": ["x" * 33]}, "$.methods"),
        ({"methods": [f"way{number}" for number in range(11)]}, "$.methods"),
        ({"methods": "bankid"}, "$.methods"),
        ({"methods": [7]}, "$.methods[0]"),
        ({"dwell": -1}, "$.dwell"),
        ({"dwell": 61}, "$.dwell"),
        ({"fresh_within": 0}, "$.fresh_within"),
        ({"fresh_within": -1}, "$.fresh_within"),
        ({"fresh_within": 3601}, "$.fresh_within"),
        ({"fresh_within": 1.5}, "$.fresh_within"),
        ({"fresh_within": True}, "$.fresh_within"),
    ],
)
def test_a_misspelt_way_or_age_of_a_proof_never_weakens_the_requirement(value: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_default(value)
    assert refused.value.field == field


def test_ways_and_age_are_kept_and_hashed_as_they_were_written() -> None:
    requirement = read_default({"methods": ["bankid", "passkey"], "fresh_within": 120})
    assert (requirement.methods, requirement.fresh_within) == (("bankid", "passkey"), 120)
    assert stored(requirement.text()) == requirement
    assert requirement_hash(requirement.text()) != requirement_hash(read_default({"methods": ["bankid"]}).text())


@pytest.mark.parametrize(
    ("minimum", "asked", "acr", "methods", "satisfied"),
    [
        ("LOW", (), "LOW", ("device_key",), True),
        ("LOW", (), "LOW", (), True),
        ("LOW", ("totp",), "LOW", ("device_key",), False),  # strong enough, in no way that was asked for
        ("LOW", ("totp",), "HIGH", ("device_key", "bankid"), False),  # a stronger way is not that way
        ("LOW", ("totp",), "LOW", ("device_key", "totp"), True),
        ("LOW", ("totp", "passkey"), "SUBSTANTIAL", ("passkey",), True),  # one of them is enough
        ("SUBSTANTIAL", ("totp",), "LOW", ("device_key", "totp"), False),  # the way that was asked for, too weak
        ("SUBSTANTIAL", ("bankid",), "SUBSTANTIAL", ("device_key", "bankid"), True),
        ("LOW", ("totp",), "ULTIMATE", ("totp",), False),  # a level that nobody knows is none
    ],
)
def test_an_approval_satisfies_level_and_ways_both(
    minimum: str, asked: tuple[str, ...], acr: str, methods: tuple[str, ...], satisfied: bool
) -> None:
    assert Requirement(min_assurance=minimum, methods=asked).satisfied_by(acr, methods) is satisfied


@pytest.mark.parametrize(
    ("methods", "satisfied"),
    [
        (("device_key",), False),
        (("copied_passkey",), False),  # whoever holds the account that copies it
        (("device_key", "sms_otp"), False),  # read by others on its way
        (("device_key", "email_otp"), False),
        (("passkey",), True),
        (("device_key", "totp"), True),
        (("device_key", "sms_otp", "bankid"), True),
    ],
)
def test_where_the_risk_is_critical_something_shows_the_person_whatever_level_is_asked_for(
    methods: tuple[str, ...], satisfied: bool
) -> None:
    assert Requirement(risk="critical").satisfied_by("LOW", methods) is satisfied
    assert Requirement(risk="high").satisfied_by("LOW", methods)


@pytest.mark.parametrize(
    ("before", "after", "less"),
    [
        ((), ("totp",), False),
        (("totp",), (), True),
        (("bankid", "totp"), ("bankid",), False),
        (("bankid",), ("bankid", "totp"), True),
        (("bankid",), ("totp",), True),  # another way may be an easier one
    ],
)
def test_more_ways_to_prove_it_ask_for_less(before: tuple[str, ...], after: tuple[str, ...], less: bool) -> None:
    assert Requirement(methods=after).asks_less_than(Requirement(methods=before)) is less


@pytest.mark.parametrize(
    ("before", "after", "less"), [(None, 60, False), (60, None, True), (60, 61, True), (60, 59, False), (60, 60, False)]
)
def test_an_older_proof_asks_for_less(before: int | None, after: int | None, less: bool) -> None:
    assert Requirement(fresh_within=after).asks_less_than(Requirement(fresh_within=before)) is less


@pytest.mark.parametrize(
    ("before", "after", "less"),
    [
        (None, "moderate", False),
        ("moderate", None, True),  # one that could not be told is accepted again
        ("moderate", "low", False),
        ("low", "moderate", True),
        ("low", "low", False),
    ],
)
def test_more_risk_that_is_accepted_asks_for_less(before: str | None, after: str | None, less: bool) -> None:
    assert Requirement(most_risk=after).asks_less_than(Requirement(most_risk=before)) is less
