"""What a question takes is never less than the organisation asks, nor than the policy does."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.core.errors import Invalid
from approvals_hub.domain.requirement import Requirement, read_default
from approvals_hub.domain.rule import ROLES
from approvals_hub.domain.stricter import asks_at_least
from approvals_hub.policies.demand import requirement_for
from approvals_hub.policies.document import Asked

ADMINS = {"of": ["role:admin"]}
ANY = {"of": list(ROLES), "approvals": 1}
OPS = {"of": ["group:ops"], "approvals": 2}


def demanded(default: dict[str, Any], asked: dict[str, Any]) -> Requirement:
    return requirement_for(read_default(default), Asked(asked))


@pytest.mark.parametrize(
    ("name", "default", "asked", "expected"),
    [
        ("approvals", 2, 1, 2),
        ("approvals", 1, 3, 3),
        ("min_assurance", "HIGH", "LOW", "HIGH"),
        ("min_assurance", "LOW", "SUBSTANTIAL", "SUBSTANTIAL"),
        ("methods", [], ["bankid"], ("bankid",)),
        ("methods", ["bankid", "freja", "passkey"], ["freja", "bankid"], ("freja", "bankid")),
        ("methods", ["bankid"], [], ("bankid",)),
        ("dwell", 5, 3, 5),
        ("dwell", 0, 3, 3),
        ("fresh_within", None, 60, 60),
        ("fresh_within", 30, 60, 30),
        ("passkeys", "device_bound", "any", "device_bound"),
        ("passkeys", "any", "not_synced", "not_synced"),
        ("most_risk", None, "moderate", "moderate"),
        ("most_risk", "low", "moderate", "low"),
        ("number_match", 6, 2, 6),
        ("number_match", None, True, 2),
        ("number_match", 2, False, 2),
        ("number_match", None, False, None),
        ("reason", "required", "optional", "required"),
        ("risk", "critical", "low", "critical"),
        ("risk", "low", "medium", "medium"),
        ("environment", None, "production", "production"),
        ("longest", 1000, 5000, 1000),
        ("longest", 5000, 1000, 1000),
        ("approval_valid_for", 600, 60, 60),
        ("approval_valid_for", 60, 600, 60),
        ("wait", 60, 30, 60),
        ("wait", 0, 30, 30),
        ("expires_in", 900, 3600, 3600),
        ("expires_in", 900, 60, 60),
        ("veto", None, ["role:owner"], None),
        ("veto", ["role:admin"], ["role:owner"], ("role:admin", "role:owner")),
        ("owner_counts", True, None, True),
    ],
)
def test_member_by_member_the_stricter_one_holds(name: str, default: Any, asked: Any, expected: Any) -> None:
    assert getattr(demanded({name: default}, {} if asked is None else {name: asked}), name) == expected


def test_what_the_policy_does_not_say_is_as_the_organisation_asks() -> None:
    default = {"approvals": 2, "min_assurance": "HIGH", "methods": ["bankid"], "number_match": 6, "wait": 60}
    assert demanded(default, {}) == read_default(default)


@pytest.mark.parametrize(
    ("default", "asked", "approvals", "fewest"),
    [
        ({"quorum": ADMINS}, {"quorum": ADMINS}, 1, 1),
        ({"quorum": ADMINS}, {"quorum": {"all": [ADMINS, OPS]}}, 1, 3),
        ({"quorum": ADMINS}, {"quorum": OPS}, 1, 3),
        ({"quorum": ADMINS}, {"approvals": 1}, 1, 1),
        ({"quorum": ADMINS}, {"approvals": 3}, 1, 4),
        ({"approvals": 2}, {"quorum": OPS}, 1, 2),
        ({"approvals": 3}, {"quorum": OPS}, 1, 5),
        ({"quorum": {"stages": [ADMINS, OPS]}}, {"quorum": {"of": ["role:owner"]}}, 1, 4),
        ({"quorum": {"of": ["role:owner"]}}, {"quorum": {"stages": [ADMINS, OPS]}}, 1, 4),
    ],
)
def test_people_of_both_are_asked_where_neither_rule_holds_the_other(
    default: dict[str, Any], asked: dict[str, Any], approvals: int, fewest: int
) -> None:
    found = demanded(default, asked)
    assert (found.approvals, found.fewest()) == (approvals, fewest)
    assert all(asks_at_least(found.quorum, read_default(each).quorum) for each in (default, asked))


@pytest.mark.parametrize(
    ("default", "asked"), [({"approvals": 2}, {"quorum": ANY}), ({"quorum": ANY}, {"approvals": 2})]
)
def test_two_of_everybody_stay_two_where_the_other_names_everybody_and_asks_one(
    default: dict[str, Any], asked: dict[str, Any]
) -> None:
    found = demanded(default, asked)
    assert found.quorum is not None
    assert (found.quorum.names(), found.fewest()) == (set(ROLES), 2)


def test_a_quorum_of_the_organisation_keeps_its_vetoes_beside_the_policys() -> None:
    found = demanded({"quorum": ADMINS}, {"veto": ["role:owner"]})
    assert found.veto == ("role:admin", "role:owner")


@pytest.mark.parametrize(
    ("default", "asked", "field"),
    [
        ({"methods": ["bankid"]}, {"methods": ["freja"]}, "$.methods"),
        ({"wait": 800}, {"expires_in": 600}, "$.wait"),
        ({"longest": 900}, {"wait": 1800, "expires_in": 3600}, "$.wait"),
        ({"methods": ["sms_otp"]}, {"risk": "critical"}, "$.methods[0]"),
        ({"methods": ["passkey", "totp"]}, {"methods": ["totp", "bankid"]}, "$.methods"),  # codes alone are left
        (
            {"quorum": {"of": ["role:admin"], "approvals": 15}},
            {"quorum": {"of": ["group:ops"], "approvals": 15}},
            "$.quorum",
        ),
    ],
)
def test_what_cannot_hold_together_is_a_conflict_and_never_the_looser(default: Any, asked: Any, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        demanded(default, asked)
    assert (caught.value.code, caught.value.field) == ("requirement_conflict", field)


LEVELS = st.sampled_from(["LOW", "SUBSTANTIAL", "HIGH"])
QUORUMS = st.sampled_from([ADMINS, OPS, {"any": [ADMINS, OPS]}, {"stages": [OPS, ADMINS]}, {"all": [ADMINS, ADMINS]}])
MEMBERS: dict[str, st.SearchStrategy[Any]] = {
    "min_assurance": LEVELS,
    "methods": st.lists(st.sampled_from(["bankid", "freja", "passkey"]), max_size=3, unique=True),
    "dwell": st.integers(0, 60),
    "fresh_within": st.none() | st.integers(1, 3600),
    "passkeys": st.sampled_from(["any", "not_synced", "device_bound"]),
    "most_risk": st.sampled_from([None, "low", "moderate"]),
    "number_match": st.sampled_from([None, 2, 6]),
    "reason": st.sampled_from(["optional", "required"]),
    "risk": st.sampled_from(["low", "medium", "high", "critical"]),
    "approval_valid_for": st.integers(1, 86_400),
    "wait": st.integers(0, 500),
    "veto": st.sampled_from([None, ["role:owner"], ["role:admin", "group:ops"]]),
}
WANTED = st.fixed_dictionaries({}, optional={**MEMBERS, "approvals": st.integers(1, 3)}) | st.fixed_dictionaries(
    {"quorum": QUORUMS}, optional=MEMBERS
)


@given(WANTED, WANTED)
def test_nothing_that_either_asks_is_ever_loosened(default: dict[str, Any], asked: dict[str, Any]) -> None:
    try:
        found = demanded(default, asked)
    except Invalid as conflict:
        assert conflict.code == "requirement_conflict"  # noqa: PT017 - both ends are right, and this one has a code
        return
    ours = msgspec.structs.replace(read_default(default), environment=found.environment)
    if ours.quorum is None and ours.veto is None:
        ours = msgspec.structs.replace(ours, veto=stoppers(found))
    assert not found.asks_less_than(ours)
    theirs = msgspec.structs.replace(
        read_default(asked),
        environment=found.environment,
        # What the policy does not say is the organisation's alone.
        approval_valid_for=asked.get("approval_valid_for", 86_400),
        risk=asked.get("risk", "low"),
    )
    if "quorum" not in asked:
        theirs = msgspec.structs.replace(theirs, veto=stoppers(found))
    assert not found.asks_less_than(theirs)


def stoppers(requirement: Requirement) -> tuple[str, ...] | None:
    """Whose denial ends the question; None for everybody's."""
    if requirement.veto is not None:
        return requirement.veto
    return None if requirement.quorum is None else tuple(requirement.quorum.names())


@pytest.mark.parametrize(
    ("default", "asked", "veto"),
    [
        # The policy names who is asked; the organisation nobody.
        ({}, {"quorum": OPS}, None),
        ({}, {"quorum": OPS, "veto": ["role:owner"]}, ("role:owner",)),
        # Whom the organisation names may stop it although the policy's narrower rule asks others.
        ({"quorum": {"of": ["role:admin", "group:ops"]}}, {"quorum": ADMINS}, ("group:ops", "role:admin")),
        ({"quorum": ADMINS}, {"quorum": ADMINS}, None),
        ({"quorum": ADMINS}, {}, None),
        ({"veto": ["role:owner"]}, {"quorum": OPS}, ("role:owner", "group:ops")),
    ],
)
def test_whom_the_organisation_names_may_still_stop_it(default: Any, asked: Any, veto: Any) -> None:
    assert demanded(default, asked).veto == veto
