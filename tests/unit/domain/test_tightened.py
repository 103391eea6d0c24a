"""A request asks more of people than its organisation does, never less."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.core.errors import Invalid
from approvals_hub.domain.requirement import Requirement, read_default
from approvals_hub.domain.tightened import MEMBERS, tightened

TWO = Requirement(approvals=2, min_assurance="SUBSTANTIAL", fresh_within=300, wait=60, risk="high")
ADMINS = read_default({"quorum": {"of": ["role:admin"]}, "veto": ["role:owner"]})
EVERYBODY = {"of": ["role:approver", "role:admin", "role:owner"]}


@pytest.mark.parametrize(
    ("default", "asked", "changed"),
    [
        (TWO, {}, {}),
        (TWO, {"approvals": 3}, {"approvals": 3}),
        (TWO, {"approvals": 2}, {}),
        (TWO, {"min_assurance": "HIGH", "risk": "critical"}, {"min_assurance": "HIGH", "risk": "critical"}),
        (TWO, {"wait": 120, "fresh_within": 60}, {"wait": 120, "fresh_within": 60}),
        (TWO, {"wait": 86_400}, {"wait": 86_400}),  # the question is to live longer then; that is judged at opening
        (TWO, {"dwell": 10}, {"dwell": 10}),
        (TWO, {"passkeys": "device_bound"}, {"passkeys": "device_bound"}),
    ],
)
def test_what_asks_more_is_taken(default: Requirement, asked: dict[str, Any], changed: dict[str, Any]) -> None:
    assert tightened(default, asked) == msgspec.structs.replace(default, **changed)


def test_a_rule_over_everybody_may_stand_beside_a_number() -> None:
    found = tightened(TWO, {"quorum": {"all": [{**EVERYBODY, "approvals": 2}, {"of": ["role:admin"]}]}})
    assert (found.fewest(), found.approvals) == (3, 1)


@pytest.mark.parametrize(
    ("default", "asked"),
    [
        (TWO, {"approvals": 1}),
        (TWO, {"min_assurance": "LOW"}),
        (TWO, {"wait": 59}),
        (TWO, {"fresh_within": None}),
        (TWO, {"risk": "low"}),
        (TWO, {"approval_valid_for": 601}),
        (TWO, {"approvals": 5, "wait": 0}),  # more of one makes up for nothing of another
        (TWO, {"quorum": {"of": ["per_friend", "per_other"], "approvals": 2}}),  # the agent chooses who sees it
        (TWO, {"quorum": EVERYBODY}),  # 1 instead of 2
        (ADMINS, {"quorum": None}),
        (ADMINS, {"quorum": {"of": ["role:approver"]}}),
        (ADMINS, {"quorum": {"any": [{"of": ["role:admin"]}, {"of": ["per_friend"]}]}}),
    ],
)
def test_what_asks_less_in_any_way_is_refused(default: Requirement, asked: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        tightened(default, asked)
    assert (refused.value.code, refused.value.field) == ("requirement_loosened", "$.requirement")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"people": ["per_me"]}, "$.requirement.people"),
        ({"owner_counts": True}, "$.requirement.owner_counts"),
        ({"locked_denial": True}, "$.requirement.locked_denial"),
        ({"veto": ["per_me"]}, "$.requirement.veto"),
        ({"environment": "staging"}, "$.requirement.environment"),
        ({"expires_in": 60}, "$.requirement.expires_in"),
        ({"aprovals": 3}, "$.requirement.aprovals"),
        ({"approvals": 0}, "$.requirement.approvals"),
        ({"approvals": "3"}, "$.requirement.approvals"),
        ({"quorum": {"of": []}}, "$.requirement.quorum.of"),
        ({"quorum": {"all": [{"of": ["role:nobody"]}]}}, "$.requirement.quorum.all[0].of[0]"),
        ({"quorum": EVERYBODY, "approvals": 3}, "$.requirement.approvals"),
        ({"wait": -1}, "$.requirement.wait"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_place_in_the_request(asked: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        tightened(TWO, asked)
    assert refused.value.field == field


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "approvals": st.integers(1, 4),
        "wait": st.sampled_from([0, 30, 60, 90]),
        "min_assurance": st.sampled_from(["LOW", "SUBSTANTIAL", "HIGH"]),
        "risk": st.sampled_from(["low", "medium", "high", "critical"]),
        "fresh_within": st.sampled_from([None, 60, 300, 600]),
        "approval_valid_for": st.sampled_from([60, 600, 6000]),
    },
)


@given(CHANGES)
def test_whatever_a_request_says_what_is_taken_never_asks_less(asked: dict[str, Any]) -> None:
    assert set(asked) <= set(MEMBERS)
    try:
        found = tightened(TWO, asked)
    except Invalid:
        return
    assert not found.asks_less_than(TWO)


def test_a_risk_that_nothing_the_organisation_takes_could_approve_is_refused() -> None:
    sent = Requirement(methods=("email_otp", "sms_otp"))
    with pytest.raises(Invalid) as refused:
        tightened(sent, {"risk": "critical"})
    assert refused.value.field == "$.requirement.risk"
    either = Requirement(methods=("totp", "sms_otp"))
    assert tightened(either, {"risk": "critical"}).risk == "critical"


def test_a_request_that_would_leave_nothing_but_a_code_to_copy_is_refused_unless_there_is_nothing_else_already() -> (
    None
):
    with pytest.raises(Invalid) as refused:
        tightened(Requirement(methods=("totp", "device_key")), {"risk": "critical"})
    assert refused.value.field == "$.requirement"
    assert tightened(Requirement(methods=("totp",)), {"risk": "critical"}).methods == ("totp",)
