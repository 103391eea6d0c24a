"""Who must say yes to somebody else's new key: the table, with who is counted beside each row."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.clock import DAY
from approvals_hub.core.errors import Conflict
from approvals_hub.domain.requirement import Requirement
from approvals_hub.stepup.colleagues import LONG_KNOWN, asked_of_colleagues
from approvals_hub_client.rule import Rule

NOW = 100 * DAY


def member(name: str, *, roles: str = "approver", since: int | None = 0, keys: int = 1, **more: Any) -> dict[str, Any]:
    row = {"id": name, "state": "active", "roles": roles, "keys": keys, "passkeys": 0, "since": since, "let_in": 0}
    return {**row, **more}


LOST = member("lost")
OWNER, BO, CY = member("owner", roles="owner"), member("bo"), member("cy")
ADMIN = member("admin", roles="admin")
PUPPETS = [member("pat", let_in=1), member("pit", let_in=1)]
NEWER = NOW - LONG_KNOWN + 1


def asked(members: list[dict[str, Any]], issuer: str, default: Requirement | None = None) -> Requirement | Conflict:
    found = asked_of_colleagues(
        members, person_id="lost", issuer_id=issuer, default=default or Requirement(), wait=DAY, now=NOW
    )
    assert isinstance(found, Requirement | Conflict)
    return found


@pytest.mark.parametrize(
    ("members", "issuer", "people", "needed"),
    [
        ([LOST, OWNER, BO, CY], "owner", ("bo", "cy"), 2),  # two others: whoever made the link does not count
        ([LOST, OWNER, BO], "owner", ("bo", "owner"), 2),  # one other: both, and neither alone
        ([LOST, OWNER, BO, CY], "operator", ("bo", "cy", "owner"), 2),
        ([LOST, BO], "operator", ("bo",), 1),  # an organisation of two
        ([LOST, ADMIN, BO, CY, *PUPPETS], "admin", ("bo", "cy"), 2),  # whom the issuer let in does not count
        ([LOST, ADMIN, BO, *PUPPETS], "admin", ("admin", "bo"), 2),  # not even beside a single other one
        ([LOST, OWNER, BO, CY, *PUPPETS], "owner", ("bo", "cy"), 2),
        ([LOST, OWNER, *PUPPETS], "owner", ("pat", "pit"), 2),  # an owner who let everybody in
        ([LOST, *PUPPETS], "operator", ("pat", "pit"), 2),  # so may the operator have
        ([LOST, OWNER, BO, CY, member("new", since=NEWER)], "owner", ("bo", "cy"), 2),  # those of old decide
        ([LOST, OWNER, BO, member("new", since=NEWER)], "owner", ("bo", "new"), 2),  # too few of them
    ],
)
def test_how_many_of_whom_must_agree_is_this_table(
    members: list[dict[str, Any]], issuer: str, people: tuple[str, ...], needed: int
) -> None:
    found = asked(members, issuer)
    assert isinstance(found, Requirement)
    assert (found.people, found.approvals) == (people, needed)


@pytest.mark.parametrize(
    "members",
    [
        [LOST, OWNER],  # the only colleague made the link: alone
        [LOST, OWNER, member("new", since=NOW - DAY + 1)],  # made up a moment ago
        [LOST, OWNER, member("keyless", keys=0, since=None)],
        [LOST, OWNER, member("revoked", keys=0)],
        [LOST, OWNER, member("gone", state="disabled")],
        [LOST, OWNER, member("auditor", roles="auditor")],
        [LOST, OWNER, member("developer", roles="developer")],
        [LOST, member("owner", roles="admin"), *PUPPETS],  # an admin planned ahead: alone, whatever their names
        [LOST, *PUPPETS],  # whoever made the link is no member any more
        [LOST],  # never nobody
    ],
)
def test_an_admin_with_nobody_else_who_counts_is_refused(members: list[dict[str, Any]]) -> None:
    refused = asked(members, "owner")
    assert isinstance(refused, Conflict)
    assert refused.code == "no_approvers"


def test_the_person_whose_key_it_is_never_counts() -> None:
    found = asked([LOST, OWNER, BO, CY], "operator")
    assert isinstance(found, Requirement)
    assert "lost" not in found.people


def test_a_passkey_is_asked_for_where_enough_colleagues_have_one() -> None:
    with_one = [LOST, OWNER, {**BO, "passkeys": 1}, CY]
    with_two = [LOST, OWNER, {**BO, "passkeys": 1}, {**CY, "passkeys": 2}]
    levels = [
        (found.min_assurance, found.risk)
        for one in (with_one, with_two)
        if isinstance(found := asked(one, "owner"), Requirement)
    ]
    # Those without passkeys can still help: they could approve nothing critical.
    assert levels == [("LOW", "high"), ("SUBSTANTIAL", "critical")]


def test_an_organisation_whose_questions_are_all_critical_asks_the_same_of_colleagues_without_passkeys() -> None:
    found = asked([LOST, OWNER, BO, CY], "owner", Requirement(risk="critical"))
    assert isinstance(found, Requirement)
    assert found.risk == "critical"


def test_an_organisations_quorum_says_how_many_decide_and_nothing_else_of_it_is_asked() -> None:
    group = Rule(of=("role:admin",), approvals=2)
    quorum = Rule(stages=(group, Rule(of=("role:owner",), approvals=1)))
    default = Requirement(quorum=quorum, veto=("role:owner",), wait=60)
    found = asked([LOST, OWNER, BO, CY, member("dee")], "operator", default)
    assert isinstance(found, Requirement)
    assert (found.approvals, found.quorum, found.veto, found.wait) == (3, None, None, 0)


def test_what_the_organisation_asks_of_every_question_is_asked_here_too() -> None:
    default = Requirement(approvals=3, min_assurance="HIGH", methods=("bankid",), owner_counts=True)
    found = asked([LOST, OWNER, BO, CY, member("dee")], "operator", default)
    assert isinstance(found, Requirement)
    assert (found.approvals, found.min_assurance, found.methods) == (3, "HIGH", ("bankid",))
    assert (found.owner_counts, found.risk) == (False, "critical")


def test_a_yes_lives_as_long_as_the_key_may_have_to_wait() -> None:
    found = asked([LOST, OWNER, BO, CY], "owner")
    assert isinstance(found, Requirement)
    # 7 days to answer, and a day of waiting more
    assert (found.expires_in, found.longest, found.approval_valid_for) == (604_800, 604_800, 691_200)
