"""How two texts differ, in words."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.policies.difference import LINES_LIMIT, changed_lines, difference, in_words, readable, said
from approvals_hub.policies.load import load
from tests.unit.policies.kept_policies import ALLOW, DENY, rules

SMALL = "id: small, effect: allow, action: pay.card, constraints: {{amount_max: {0}}}"
ASKED = "id: rest, effect: allow, action: pay.*, approval: {}"
NOBODY, PEOPLE = "allowed, and nobody is asked", "allowed once people have approved"
FIFTY = "if the amount is at most 50 minor units"


def test_a_higher_limit_is_said_to_let_more_through_with_what_was_there_before() -> None:
    assert in_words(rules(SMALL.format(50), ASKED), rules(SMALL.format(500), ASKED)) == {
        "allowed_from_now_on": [
            f"pay.card, if the amount is at most 500 minor units: {NOBODY}. Before: {NOBODY}, {FIFTY}; else {PEOPLE}."
        ]
    }


def test_what_was_allowed_and_is_not_any_more_is_said_where_it_falls() -> None:
    assert in_words(rules(SMALL.format(50), ASKED), rules(ASKED)) == {
        "asked_from_now_on": [f"pay.card, {FIFTY}: no longer {NOBODY}. Now: {PEOPLE}."]
    }


def test_a_rule_that_denies_and_is_taken_away_is_said_to_let_through() -> None:
    deny = "id: r1, effect: deny, action: pay.card, where: {environment: [prod]}"
    allow = "id: r2, effect: allow, action: pay.*"
    found = in_words(rules(deny, allow), rules(allow))
    assert list(found) == ["allowed_from_now_on"]
    assert found["allowed_from_now_on"][0].startswith("pay.card")


@pytest.mark.parametrize(
    ("default", "part"),
    [("allow", "allowed_from_now_on"), ("require_approval", "asked_from_now_on"), ("passthrough", "other_changes")],
)
def test_another_default_is_said_of_what_no_rule_names(default: str, part: str) -> None:
    found = in_words(DENY, DENY.replace("deny", default))
    assert list(found) == [part]
    assert found[part][0].startswith("What no rule names: ")


def test_a_new_policy_and_one_that_is_removed_stand_beside_the_others() -> None:
    text = rules("id: a, effect: allow, action: pay.card", default="passthrough")
    assert in_words(None, text)["allowed_from_now_on"] == [f"pay.card: {NOBODY}. Before: left to other policies."]
    assert in_words(text, None)["other_changes"] == [f"pay.card: left to other policies. Before: {NOBODY}."]
    first = difference(None, load(text), first=True)
    assert first.other == ("This is the first policy: so far people are asked about everything.",)


def test_another_order_other_labels_and_mere_comments_are_told_apart() -> None:
    one, two = SMALL.format(50), SMALL.format(40)
    assert "another order" in in_words(rules(one, two), rules(two, one))["other_changes"][0]
    labelled = DENY + "labels:\n  - {action: pay.*, risk: high}\n"
    assert "labels" in in_words(DENY, labelled)["other_changes"][0]
    assert in_words(DENY, DENY + "# why\n") == {
        "other_changes": ["As far as the rules say, nothing is decided otherwise."]
    }


def test_what_cannot_be_undone_takes_people_by_its_default_too() -> None:
    labels = "labels:\n  - {action: pay.card, reversible: false}\n"
    ruled = "id: a, effect: deny, action: pay.card, where: {team: [web]}"
    found = difference(load(rules(ruled, default="deny") + labels), load(rules(ruled, default="allow") + labels))
    assert any(line.startswith("pay.card: allowed once people") for line in found.asked)


def test_a_long_difference_is_bounded_and_says_how_much_more_there_is() -> None:
    many = rules(*(f"id: r{n}, effect: allow, action: a{n}.b" for n in range(LINES_LIMIT + 5)))
    found = difference(None, load(many))
    assert (len(found.allowed), found.allowed[-1]) == (LINES_LIMIT + 1, "5 more: see the text.")
    more = rules(*(f"id: r{n}, effect: deny, action: a{n}.b" for n in range(310)), default="allow")
    assert "11 more kinds of action are named: see the text." in difference(None, load(more)).other


def test_the_lines_are_those_of_diff_and_an_unreadable_text_in_force_is_as_none() -> None:
    assert changed_lines("a\nb", "a\nc", old="old", new="new")[-3:] == [" a", "-b", "+c"]
    assert (readable("nonsense"), difference(None, None).empty) == (None, True)
    assert said(difference(None, load(ALLOW)))["allowed_from_now_on"]
    with pytest.raises(Invalid):
        in_words(None, "nonsense")
