"""Who makes up a quorum: a table with the arithmetic, then every small case against a slow, plain reckoning."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

import pytest

from approvals_hub_client.rule import Rule
from approvals_hub_client.seats import EVERY_STAGE, holds, missing, one_each, reached


def group(people: str, approvals: int = 1) -> Rule:
    """So many of these people, each of whom is a letter."""
    return Rule(of=("group:x",), approvals=approvals, people=tuple(people))


def every(*parts: Rule) -> Rule:
    return Rule(all=parts)


def one_of(*parts: Rule) -> Rule:
    return Rule(any=parts)


def in_turn(*parts: Rule) -> Rule:
    return Rule(stages=parts)


@pytest.mark.parametrize(
    ("rule", "people", "enough"),
    [
        (group("abc", 2), "", False),
        (group("abc", 2), "a", False),  # 1 of 2
        (group("abc", 2), "ac", True),
        (group("abc", 2), "ax", False),  # x is in no group
        (every(group("ab"), group("bc")), "b", False),  # b sits on one of two seats
        (every(group("ab"), group("bc")), "ab", True),
        (every(group("ab"), group("bc")), "bc", True),
        (every(group("ab"), group("ab")), "ab", True),
        (every(group("ab"), group("ab")), "a", False),
        (every(group("abc", 2), group("a")), "ab", False),  # 3 seats, 2 people
        (every(group("abc", 2), group("a")), "abc", True),  # a, then b and c: whoever comes first
        (every(group("abc", 2), group("c")), "abc", True),
        (one_of(group("a"), group("bc", 2)), "b", False),
        (one_of(group("a"), group("bc", 2)), "a", True),
        (one_of(group("a"), group("bc", 2)), "bc", True),
        (every(group("a"), one_of(group("a"), group("b"))), "a", False),
        (every(group("a"), one_of(group("a"), group("b"))), "ab", True),
        (group("", 1), "abc", False),  # a group of nobody is never satisfied
    ],
)
def test_these_people_are_enough_or_not(rule: Rule, people: str, enough: bool) -> None:
    assert holds(rule, dict.fromkeys(people, EVERY_STAGE)) is enough


@pytest.mark.parametrize(
    ("given", "stage", "enough"),
    [
        ({}, 0, False),
        ({"a": 0}, 0, False),  # 1 of 2
        ({"a": 0, "b": 0}, 1, False),
        ({"a": 0, "b": 0, "c": 1}, 1, True),
        ({"a": 0, "c": 1}, 0, False),  # b has left: the first stage lacks one again
        ({"a": 0, "b": 0, "c": 0}, 1, False),  # c answered before it was asked
        ({"a": 0, "b": 0, "d": 0}, 1, False),  # d answered as one of the first stage
        ({"a": 0, "b": 0, "d": 1}, 1, True),  # and here as one of the second
    ],
)
def test_an_approval_counts_for_stages_that_were_open_when_it_was_given(
    given: dict[str, int], stage: int, enough: bool
) -> None:
    rule = in_turn(group("abd", 2), group("cd"))
    assert (reached(rule, given), holds(rule, given)) == (stage, enough)


def test_a_rule_without_stages_is_at_its_first_and_last_one() -> None:
    assert reached(None, {}) == reached(group("a"), {"a": 0}) == 0


def seatings(rule: Rule, given: dict[str, int], stage: int = 0) -> Iterator[frozenset[str]]:
    """The oracle: every set of people that can sit on the seats of this rule, by trying all of them."""
    if rule.of is not None:
        fitting = [one for one, when in given.items() if one in (rule.people or ()) and when >= stage]
        yield from map(frozenset, combinations(fitting, rule.approvals or 1))
    elif rule.any is not None:
        for part in rule.any:
            yield from seatings(part, given, stage)
    else:
        numbered = rule.stages is not None
        each = [set(seatings(part, given, place if numbered else stage)) for place, part in enumerate(rule.parts)]
        for chosen in product(*each):
            if sum(map(len, chosen)) == len(frozenset().union(*chosen)):  # nobody sits twice
                yield frozenset().union(*chosen)


GROUPS = [
    group("".join(chosen), approvals)
    for size in (1, 2, 3)
    for chosen in combinations("abc", size)
    for approvals in range(1, size + 1)
]
PAIRS = [join(one, other) for join in (every, one_of, in_turn) for one, other in product(GROUPS, GROUPS)]
DEEPER = [
    outer(one, inner(other, third))
    for outer, inner in ((every, one_of), (one_of, every), (in_turn, every), (in_turn, one_of))
    for one, other, third in product(GROUPS[::2], GROUPS[1::2], GROUPS[::3])
]


def answers() -> Iterator[dict[str, int]]:
    """Every way in which three people and a stranger may have approved, in either stage or not at all."""
    for stages in product((None, 0, 1), (None, 0, 1), (None, 0, 1), (None, 1)):
        yield {one: stage for one, stage in zip("abcx", stages, strict=True) if stage is not None}


def test_every_rule_of_up_to_three_groups_over_three_people_says_what_trying_all_seatings_says() -> None:
    rules = [*GROUPS, *PAIRS, *DEEPER]
    assert len(rules) > 1000
    wrong = [
        (rule, given)
        for rule in rules
        for given in answers()
        if holds(rule, given) is not any(True for _ in seatings(rule, given))
    ]
    assert wrong == []


def test_the_stage_that_is_reached_is_the_first_that_trying_all_seatings_cannot_fill() -> None:
    rules = [rule for rule in [*PAIRS, *DEEPER] if rule.stages]
    for rule, given in product(rules, answers()):
        assert rule.stages is not None
        first = any(True for _ in seatings(in_turn(rule.stages[0]), given))
        assert reached(rule, given) == int(first)


def test_what_is_missing_is_the_fewest_further_people_who_would_be_enough() -> None:
    everybody = "abcdefghi"
    for rule, given in product([*GROUPS, *PAIRS], ({}, {"a": 0}, {"b": 1}, {"a": 0, "c": 1}, {"a": 1, "b": 0, "c": 0})):
        wider = _with_more(rule, everybody)
        wanted = next(
            size
            for size in range(7)
            if any(
                holds(wider, {**given, **dict.fromkeys(more, EVERY_STAGE)})
                for more in combinations([one for one in everybody if one not in given], size)
            )
        )
        assert missing(wider, given) == wanted


def _with_more(rule: Rule, people: str) -> Rule:
    """The same with enough people in each group, so that whoever is missing could be found."""
    if rule.of is not None:
        return group("".join(sorted({*(rule.people or ()), *people[3:]})), rule.approvals or 1)
    parts = tuple(_with_more(part, people) for part in rule.parts)
    return Rule(all=parts) if rule.all else Rule(any=parts) if rule.any else Rule(stages=parts)


@pytest.mark.parametrize(
    ("choices", "found"),
    [
        ([], 0),
        (["a"], 1),
        (["", "a"], 1),
        (["ab", "a"], 2),  # the second takes a, the first moves to b
        (["abc", "ab", "a"], 3),
        (["ab", "ab", "ab"], 2),
        (["ab", "bc", "cd", "da"], 4),
    ],
)
def test_as_many_as_possible_get_one_of_theirs(choices: list[str], found: int) -> None:
    assert one_each(choices) == found


@pytest.mark.parametrize(
    ("rule", "signed_by", "seats"),
    [
        (group("ab", 2), {"a": "d", "b": "d"}, 1),  # d for both: one human, one seat
        (group("ab", 2), {"a": "d", "b": "b"}, 2),
        (group("ab", 2), {"a": "d", "b": "e"}, 2),
        (Rule(all=(group("a"), group("b"))), {"a": "d", "b": "d"}, 1),
        (Rule(all=(group("a"), group("bc"))), {"a": "c", "b": "b", "c": "c"}, 2),  # c for a, b for themselves
        (Rule(all=(group("ab"), group("b"))), {"a": "b", "b": "b"}, 1),
    ],
)
def test_whoever_signs_for_others_takes_one_seat(rule: Rule, signed_by: dict[str, str], seats: int) -> None:
    wanted = sum(each.approvals or 1 for each in rule.groups())
    assert missing(rule, dict.fromkeys(signed_by, 0), signed_by) == wanted - seats
    assert holds(rule, dict.fromkeys(signed_by, 0), signed_by) == (seats == wanted)
