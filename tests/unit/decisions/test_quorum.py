"""What votes amount to: a table to read, then every combination that three people can make."""

from __future__ import annotations

from itertools import product

import pytest

from approvals_hub.decisions.quorum import APPROVE, DENY, NOT_ME, Verdict, Vote, verdict
from approvals_hub.domain.requirement import Requirement

PEOPLE = ("ada", "bo", "cy")
LEVELS = ("LOW", "SUBSTANTIAL", "HIGH")
WAITING, APPROVED, DENIED, STOLEN = Verdict.WAITING, Verdict.APPROVED, Verdict.DENIED, Verdict.NOT_ME


def asked(approvals: int = 1, minimum: str = "LOW", people: tuple[str, ...] = PEOPLE) -> Requirement:
    return Requirement(approvals=approvals, min_assurance=minimum, people=people)


def yes(person: str, acr: str = "LOW", *, counts: bool = True) -> Vote:
    return Vote(person, APPROVE, acr, counts)


def no(person: str, *, counts: bool = True) -> Vote:
    return Vote(person, DENY, "LOW", counts)


def not_me(person: str, *, counts: bool = True) -> Vote:
    return Vote(person, NOT_ME, "LOW", counts)


@pytest.mark.parametrize(
    ("approvals", "votes", "expected"),
    [
        (1, [], WAITING),  # 0 of 1: silence is never a yes
        (1, [yes("ada")], APPROVED),  # 1 of 1
        (2, [yes("ada")], WAITING),  # 1 of 2
        (2, [yes("ada"), yes("bo")], APPROVED),  # 2 of 2
        (2, [yes("ada"), yes("bo"), yes("cy")], APPROVED),  # 3 of 2
        (3, [yes("ada"), yes("bo")], WAITING),  # 2 of 3
        (2, [yes("ada"), yes("ada")], WAITING),  # one person twice is one: 1 of 2
        (2, [yes("ada"), yes("bo", counts=False)], WAITING),  # 1 counted of 2
        (2, [yes("ada"), yes("bo", counts=False), yes("cy")], APPROVED),  # 2 counted of 2
        (2, [yes("ada"), yes("mallory")], WAITING),  # mallory was not asked: 1 of 2
        (1, [no("ada")], DENIED),  # one refusal ends it
        (2, [yes("ada"), no("bo")], DENIED),
        (2, [yes("ada"), yes("bo"), no("cy")], DENIED),  # a refusal outweighs any quorum
        (1, [no("mallory")], WAITING),  # nobody who was not asked refuses either
        (1, [no("ada", counts=False)], WAITING),
        (1, [not_me("ada")], STOLEN),
        (1, [no("ada"), not_me("bo")], STOLEN),  # the stronger alarm wins
        (1, [not_me("mallory")], WAITING),
        (1, [not_me("ada", counts=False), no("bo")], DENIED),
    ],
)
def test_votes_amount_to(approvals: int, votes: list[Vote], expected: Verdict) -> None:
    assert verdict(asked(approvals), votes) is expected


@pytest.mark.parametrize(
    ("minimum", "acr", "expected"),
    [
        ("LOW", "LOW", APPROVED),
        ("LOW", "HIGH", APPROVED),
        ("SUBSTANTIAL", "LOW", WAITING),
        ("SUBSTANTIAL", "SUBSTANTIAL", APPROVED),
        ("HIGH", "SUBSTANTIAL", WAITING),
        ("HIGH", "HIGH", APPROVED),
        ("LOW", "SUPER", WAITING),  # a level nobody knows is no level
        ("SUPER", "HIGH", WAITING),
    ],
)
def test_an_approval_counts_from_the_level_that_was_asked_for(minimum: str, acr: str, expected: Verdict) -> None:
    assert verdict(asked(1, minimum), [yes("ada", acr)]) is expected


def test_a_refusal_needs_no_level() -> None:
    assert verdict(asked(1, "HIGH"), [no("ada")]) is DENIED
    assert verdict(asked(1, "HIGH"), [not_me("ada")]) is STOLEN


def expected_verdict(approvals: int, minimum: str, votes: tuple[Vote | None, ...]) -> Verdict:
    """The rule again, as a walk over the people who were asked."""
    enough, denied, stolen = 0, False, False
    for person in PEOPLE:
        for vote in votes:
            if vote is None or vote.person_id != person or not vote.counts:
                continue
            stolen = stolen or vote.decision == NOT_ME
            denied = denied or vote.decision == DENY
            enough += vote.decision == APPROVE and LEVELS.index(vote.acr) >= LEVELS.index(minimum)
    if stolen:
        return STOLEN
    if denied:
        return DENIED
    return APPROVED if enough >= approvals else WAITING


def choices(person: str) -> list[Vote | None]:
    """Everything one person's line in the database can say."""
    both = (True, False)
    return [
        None,
        *(yes(person, acr, counts=counts) for acr, counts in product(LEVELS, both)),
        *(no(person, counts=counts) for counts in both),
        *(not_me(person, counts=counts) for counts in both),
    ]


def test_every_combination_of_three_people_and_a_stranger_amounts_to_what_the_rule_says() -> None:
    stranger: list[Vote | None] = [None, yes("mallory", "HIGH"), no("mallory"), not_me("mallory")]
    wrong = []
    for votes in product(*map(choices, PEOPLE), stranger):
        for approvals, minimum in product((1, 2, 3), LEVELS):
            found = verdict(asked(approvals, minimum), [vote for vote in votes if vote is not None])
            if found is not expected_verdict(approvals, minimum, votes):
                wrong.append((approvals, minimum, votes, found))
    assert wrong == []


def test_the_order_of_votes_changes_nothing() -> None:
    votes = [yes("ada"), no("bo"), not_me("cy")]
    assert verdict(asked(2), votes) is verdict(asked(2), reversed(votes)) is STOLEN


@pytest.mark.parametrize(
    ("methods", "votes", "expected"),
    [
        ((), [("ada", ("device_key",))], WAITING),  # 1 of 2
        (("totp",), [("ada", ("device_key", "totp")), ("bo", ("device_key",))], WAITING),  # bo did not prove it so
        (("totp",), [("ada", ("device_key", "totp")), ("bo", ("totp",))], APPROVED),
        (("totp", "passkey"), [("ada", ("totp",)), ("bo", ("passkey",))], APPROVED),  # each in one of the ways
        (("bankid",), [("ada", ("totp",)), ("bo", ())], WAITING),
    ],
)
def test_only_approvals_in_the_ways_that_were_asked_for_make_a_quorum(
    methods: tuple[str, ...], votes: list[tuple[str, tuple[str, ...]]], expected: Verdict
) -> None:
    requirement = Requirement(approvals=2, methods=methods, people=PEOPLE)
    given = [Vote(person, APPROVE, "SUBSTANTIAL", methods=ways) for person, ways in votes]
    assert verdict(requirement, given) is expected


@pytest.mark.parametrize(("decision", "expected"), [(DENY, DENIED), (NOT_ME, STOLEN)])
def test_a_refusal_counts_in_whatever_way_its_person_was_proven(decision: str, expected: Verdict) -> None:
    requirement = Requirement(min_assurance="HIGH", methods=("bankid",), people=PEOPLE)
    assert verdict(requirement, [Vote("ada", decision, "LOW")]) is expected
