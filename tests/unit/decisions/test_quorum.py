"""What votes amount to: a table to read, then every combination that three people can make."""

from __future__ import annotations

from itertools import product

import pytest

from approvals_hub.decisions.quorum import APPROVE, DENY, NOT_ME, Verdict, Vote, verdict
from approvals_hub.decisions.quorum import approvals as approvals_of
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


def yes_for(person: str, *away: str, counts: bool = True) -> Vote:
    return Vote(person, APPROVE, "LOW", counts, stands_in=away)


def no_for(person: str, *away: str, counts: bool = True) -> Vote:
    return Vote(person, DENY, "LOW", counts, stands_in=away)


@pytest.mark.parametrize(
    ("approvals", "votes", "expected"),
    [
        (1, [yes_for("dee", "ada")], APPROVED),  # 1 of 1: dee on ada's seat
        (2, [yes_for("dee", "ada", "bo")], WAITING),  # two seats and one human: 1 of 2
        (2, [yes_for("dee", "ada", "bo"), yes("cy")], APPROVED),
        (2, [yes_for("bo", "ada")], WAITING),  # bo was asked too: 1 of 2
        (2, [yes_for("bo", "ada"), yes("cy")], APPROVED),
        (2, [yes_for("bo", "ada"), yes("ada")], APPROVED),  # bo on his own seat, ada on hers
        (2, [yes_for("dee", "ada"), yes("ada")], WAITING),  # one seat
        (2, [yes("ada"), yes_for("dee", "ada")], WAITING),  # in any order
        (2, [yes_for("dee", "ada"), yes_for("eve", "ada")], WAITING),  # two delegates of one person: one seat
        (2, [yes_for("dee", "ada"), yes_for("eve", "ada", "bo")], WAITING),  # eve takes ada's seat from dee: 1 of 2
        (2, [yes_for("dee", "ada", "bo"), yes_for("eve", "ada")], APPROVED),  # dee on bo's, eve on ada's
        (1, [yes_for("dee", "mallory")], WAITING),  # nobody was asked there
        (1, [yes_for("dee")], WAITING),  # the absence was ended: in nobody's place any more
        (1, [yes_for("dee", "ada", counts=False)], WAITING),
        (2, [yes("bo"), yes("cy"), no_for("dee", "ada")], DENIED),
        (1, [no_for("dee", "mallory")], WAITING),
        (1, [Vote("dee", NOT_ME, "LOW", stands_in=("ada",))], STOLEN),
        (1, [Vote("dee", NOT_ME, "LOW")], WAITING),
    ],
)
def test_votes_in_somebodys_place_amount_to(approvals: int, votes: list[Vote], expected: Verdict) -> None:
    assert verdict(asked(approvals), votes) is expected


@pytest.mark.parametrize(
    ("votes", "signers"),
    [
        ([yes_for("dee", "ada"), yes("ada")], {"ada": "ada"}),
        ([yes_for("dee", "ada"), no("ada")], {}),  # somebody on the seat said no
        ([yes("ada"), no_for("dee", "ada")], {}),
        ([yes("ada"), no_for("dee", "ada", counts=False)], {"ada": "ada"}),
        ([yes("ada", counts=False), yes_for("dee", "ada")], {"ada": "dee"}),
        ([yes_for("dee", "ada"), yes_for("eve", "ada")], {"ada": "eve"}),
        ([yes_for("bo", "ada")], {"ada": "bo", "bo": "bo"}),
    ],
)
def test_a_seat_is_signed_by(votes: list[Vote], signers: dict[str, str]) -> None:
    found = approvals_of(asked(), votes)
    assert found.signed_by == signers
    assert found.given.keys() == signers.keys()
    assert found.signers() == set(signers.values())


def test_a_veto_in_somebodys_place_ends_it_and_another_denial_does_not() -> None:
    rule = Requirement(approvals=2, people=PEOPLE, veto=("cy",))
    assert verdict(rule, [no_for("dee", "cy")]) is DENIED
    assert verdict(rule, [no_for("dee", "ada")]) is WAITING
    assert verdict(rule, [no_for("dee", "ada", "bo")]) is DENIED  # one of three is left, and two must approve


def test_who_left_ends_no_question_though_it_cannot_be_approved_any_more() -> None:
    frozen, left = asked(2), asked(2, people=("ada",))
    assert verdict(left, [yes("ada")], frozen=frozen) is WAITING
    vetoed = Requirement(approvals=2, people=("ada", "bo", "cy", "dee"), veto=("dee",))
    here = Requirement(approvals=2, people=("ada", "dee"), veto=("dee",))
    assert verdict(here, [no("ada")], frozen=vetoed) is WAITING  # bo and cy would have been enough
    assert verdict(here, [no("bo")], frozen=vetoed) is WAITING  # who left says nothing
