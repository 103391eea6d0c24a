"""What votes amount to where a requirement names groups, alternatives, stages and vetoes: tables, cases, laws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.decisions.quorum import APPROVE, DENY, NOT_ME, Verdict, Vote, verdict
from approvals_hub.domain.requirement import Requirement
from approvals_hub_client.rule import Rule, fewest

WAITING, APPROVED, DENIED, STOLEN = Verdict.WAITING, Verdict.APPROVED, Verdict.DENIED, Verdict.NOT_ME


def group(people: str, approvals: int = 1) -> Rule:
    """So many of these people, each of whom is a letter."""
    return Rule(of=("group:x",), approvals=approvals, people=tuple(people))


def asked(quorum: Rule, *, veto: str | None = None) -> Requirement:
    """The frozen requirement."""
    people = quorum.members() | set(veto or "")
    return Requirement(
        approvals=fewest(quorum),
        people=tuple(sorted(people)),
        quorum=quorum,
        veto=None if veto is None else tuple(veto),
    )


def votes_of(text: str) -> list[Vote]:
    """`+a` approves, `-a` denies, `?a` says not me, `.a` approved and does not count any more; `+a1` in stage 1."""
    kinds = {"+": APPROVE, "-": DENY, "?": NOT_ME, ".": APPROVE}
    return [Vote(word[1], kinds[word[0]], "LOW", word[0] != ".", stage=int(word[2:] or 0)) for word in text.split()]


BOTH = Rule(all=(group("ab"), group("cd")))
EITHER = Rule(any=(group("a"), group("bc", 2)))
TURNS = Rule(stages=(group("ab"), group("c")))


@pytest.mark.parametrize(
    ("requirement", "votes", "expected"),
    [
        (asked(BOTH), "", WAITING),
        (asked(BOTH), "+a +b", WAITING),  # both of one group, none of the other
        (asked(BOTH), "+a +d", APPROVED),
        (asked(BOTH), "+a .d", WAITING),  # d has left
        (asked(BOTH), "+a +d -c", DENIED),  # without a veto list everybody's denial ends it
        (asked(BOTH, veto="z"), "+a -c", WAITING),  # d can still make it up
        (asked(BOTH, veto="z"), "-c -d", DENIED),  # nobody of the second group is left
        (asked(BOTH, veto="z"), "+a +d -c", APPROVED),  # c has no veto and is not needed
        (asked(BOTH, veto="z"), "+a +d -z", DENIED),
        (asked(BOTH, veto="z"), "+a +z", WAITING),  # whoever may only stop it does not count as a yes
        (asked(BOTH, veto="z"), "?c", STOLEN),  # not_me is an alarm, whoever is asked
        (asked(BOTH, veto="c"), "+c +a", APPROVED),  # somebody with a veto who stands in a group counts there
        (asked(BOTH, veto="c"), "+a +d -c", DENIED),
        (asked(EITHER), "+b", WAITING),
        (asked(EITHER), "+b +c", APPROVED),
        (asked(EITHER), "+a", APPROVED),
        (asked(EITHER, veto="z"), "-a", WAITING),  # b and c are left
        (asked(EITHER, veto="z"), "-a -b", DENIED),
        (asked(EITHER, veto="z"), "-b -c", WAITING),  # a is left
        (asked(TURNS), "+a", WAITING),
        (asked(TURNS), "+a +c1", APPROVED),
        (asked(TURNS), "+a +c", WAITING),  # c answered before it was asked
        (asked(TURNS), ".a +c1", WAITING),  # a has left: b can take that place
        (asked(TURNS), "+b +c1 .a", APPROVED),
        (asked(TURNS, veto="z"), "-a +b +c1", APPROVED),
        (asked(TURNS, veto="z"), "+b -c1", DENIED),
        (asked(BOTH), "+x +y -w ?v", WAITING),  # strangers neither approve nor stop it
    ],
)
def test_votes_on_a_rule_amount_to(requirement: Requirement, votes: str, expected: Verdict) -> None:
    assert verdict(requirement, votes_of(votes)) is expected


def seatings(rule: Rule, yes: dict[str, int], stage: int = 0) -> Iterator[frozenset[str]]:
    """Every set of different people that fills this rule, by trying all of them."""
    if rule.of is not None:
        fitting = [one for one, when in yes.items() if one in (rule.people or ()) and when >= stage]
        yield from map(frozenset, combinations(fitting, rule.approvals or 1))
    elif rule.any is not None:
        for part in rule.any:
            yield from seatings(part, yes, stage)
    else:
        staged = rule.stages is not None
        each = [set(seatings(part, yes, place if staged else stage)) for place, part in enumerate(rule.parts)]
        for chosen in product(*each):
            if sum(map(len, chosen)) == len(frozenset().union(*chosen)):
                yield frozenset().union(*chosen)


def oracle(requirement: Requirement, votes: Sequence[Vote]) -> Verdict:
    """The rule again, by trying everything: what is, and what everybody who has not answered could still do."""
    quorum = requirement.quorum
    assert quorum is not None
    yes, no = {}, set()
    for vote in votes:
        if not vote.counts or vote.person_id not in requirement.people:
            continue
        if vote.decision == NOT_ME:
            return STOLEN
        if vote.decision == DENY:
            no.add(vote.person_id)
        else:
            yes[vote.person_id] = vote.stage
    if no & set(requirement.people if requirement.veto is None else requirement.veto):
        return DENIED

    def enough(people: dict[str, int]) -> bool:
        counted = {one: stage for one, stage in people.items() if one in quorum.members()}
        return any(True for _ in seatings(quorum, counted))

    if enough(yes):
        return APPROVED
    left = set(requirement.people) - no
    futures = (dict.fromkeys(some, 9) for size in range(5) for some in combinations(left, size))
    return WAITING if not no or any(enough(future) for future in futures) else DENIED


PEOPLE = "abc"
GROUPS = [group("a"), group("ab"), group("ab", 2), group("bc"), group("abc", 2), group("abc", 3)]
RULES = [
    *GROUPS,
    *(Rule(all=pair) for pair in combinations(GROUPS, 2)),
    *(Rule(any=pair) for pair in combinations(GROUPS, 2)),
    *(Rule(stages=pair) for pair in product(GROUPS, repeat=2)),
    Rule(all=(group("a"), Rule(any=(group("b"), group("c"))))),
    Rule(any=(Rule(all=(group("a"), group("b"))), group("c"))),
    Rule(stages=(Rule(any=(group("a"), group("b"))), group("c"))),
]


def every_line(person: str) -> list[Vote | None]:
    """Everything that one person's line in the database can say."""
    return [
        None,
        Vote(person, APPROVE, "LOW"),
        Vote(person, APPROVE, "LOW", stage=1),
        Vote(person, APPROVE, "LOW", counts=False),
        Vote(person, DENY, "LOW"),
        Vote(person, NOT_ME, "LOW"),
    ]


def test_every_combination_of_votes_on_every_small_rule_amounts_to_what_trying_everything_says() -> None:
    wrong = []
    for rule, veto in product(RULES, (None, "z", "a")):
        requirement = asked(rule, veto=veto)
        watching = [None, Vote("z", APPROVE, "HIGH"), Vote("z", DENY, "LOW")] if veto == "z" else [None]
        for lines in product(*map(every_line, PEOPLE), watching):
            votes = [vote for vote in lines if vote is not None]
            if verdict(requirement, votes) is not oracle(requirement, votes):
                wrong.append((requirement, votes))
    assert wrong == []


LETTERS = "abcde"


def rules() -> st.SearchStrategy[Rule]:
    people = st.lists(st.sampled_from(LETTERS), min_size=1, max_size=4, unique=True)
    groups = st.builds(lambda found, number: group("".join(found), number), people, st.integers(1, 3))

    def joined(parts: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
        some = st.lists(parts, min_size=1, max_size=3).map(tuple)
        return some.map(lambda found: Rule(all=found)) | some.map(lambda found: Rule(any=found))

    parts = st.recursive(groups, joined, max_leaves=5)
    return parts | st.lists(parts, min_size=1, max_size=3).map(lambda found: Rule(stages=tuple(found)))


def ballots() -> st.SearchStrategy[list[Vote]]:
    """At most one vote of each person, as the database holds them."""
    vote = st.builds(
        Vote,
        st.sampled_from(LETTERS + "z"),
        st.sampled_from([APPROVE, APPROVE, APPROVE, DENY]),
        st.sampled_from(["LOW", "SUBSTANTIAL"]),
        st.booleans(),
        st.just(()),
        st.integers(0, 2),
    )
    return st.lists(vote, max_size=6, unique_by=lambda one: one.person_id)


REQUIREMENTS = st.builds(lambda quorum, veto: asked(quorum, veto=veto), rules(), st.sampled_from([None, "z", "a"]))


@given(REQUIREMENTS, ballots())
def test_silence_is_never_a_yes(requirement: Requirement, votes: list[Vote]) -> None:
    if verdict(requirement, votes) is APPROVED:
        counted = [vote for vote in votes if vote.counts and vote.decision == APPROVE]
        assert len({vote.person_id for vote in counted}) >= requirement.approvals
        assert verdict(requirement, []) is WAITING


@given(REQUIREMENTS, ballots(), st.data())
def test_a_vote_that_stops_counting_never_approves(
    requirement: Requirement, votes: list[Vote], data: st.DataObject
) -> None:
    gone = data.draw(st.sets(st.sampled_from(LETTERS)))
    left = [msgspec.structs.replace(vote, counts=False) if vote.person_id in gone else vote for vote in votes]
    yes_only = [vote for vote in votes if vote.decision == APPROVE]
    yes_left = [vote for vote in left if vote.decision == APPROVE]
    if verdict(requirement, yes_left) is APPROVED:
        assert verdict(requirement, yes_only) is APPROVED


@given(REQUIREMENTS, rules(), ballots(), st.sampled_from(["more", "assurance", "veto"]))
def test_adding_to_a_requirement_never_loosens_it(
    requirement: Requirement, more: Rule, votes: list[Vote], what: str
) -> None:
    quorum = requirement.quorum
    assert quorum is not None
    if what == "more":
        if quorum.stages or more.stages:
            parts = (*(quorum.stages or (quorum,)), *(more.stages or (more,)))
            stricter = msgspec.structs.replace(requirement, quorum=Rule(stages=parts))
        else:
            stricter = msgspec.structs.replace(requirement, quorum=Rule(all=(quorum, more)))
        people = tuple(sorted({*requirement.people, *more.members()}))
        stricter = msgspec.structs.replace(stricter, people=people)
    elif what == "assurance":
        stricter = msgspec.structs.replace(requirement, min_assurance="SUBSTANTIAL")
    else:
        stricter = msgspec.structs.replace(requirement, veto=tuple(requirement.people))
    if verdict(stricter, votes) is APPROVED:
        assert verdict(requirement, votes) is APPROVED


@given(REQUIREMENTS, ballots(), st.permutations(range(6)))
def test_the_order_in_which_votes_are_read_changes_nothing(
    requirement: Requirement, votes: list[Vote], order: list[int]
) -> None:
    shuffled = [votes[place] for place in order if place < len(votes)]
    assert verdict(requirement, shuffled) is verdict(requirement, votes)


@given(REQUIREMENTS, ballots(), st.sampled_from(LETTERS + "z"), st.integers(0, 2))
def test_nobodys_approval_ends_a_question_as_denied(
    requirement: Requirement, votes: list[Vote], person: str, stage: int
) -> None:
    before = [vote for vote in votes if vote.person_id != person]
    if verdict(requirement, before) is WAITING:
        assert verdict(requirement, [*before, Vote(person, APPROVE, "LOW", stage=stage)]) is not DENIED


@given(REQUIREMENTS, ballots(), st.sampled_from(LETTERS))
def test_two_devices_of_one_person_are_one_person(requirement: Requirement, votes: list[Vote], person: str) -> None:
    one = [vote for vote in votes if vote.person_id != person]
    mine = Vote(person, APPROVE, "LOW")
    assert verdict(requirement, [*one, mine, mine]) is verdict(requirement, [*one, mine])
