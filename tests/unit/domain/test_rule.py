"""The language of quorums: read strictly, so that a slip of the pen never weakens it."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.domain.requirement import Requirement, read_default, stored
from approvals_hub.domain.rule import checked, paths_of_names
from approvals_hub_client.rule import Rule, fewest, most

ADMIN: dict[str, Any] = {"of": ["role:admin"]}


def read(quorum: Any) -> Rule:
    """The quorum of a requirement that says this."""
    found = read_default({"quorum": quorum}).quorum
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("quorum", "least", "largest"),
    [
        ({"of": ["role:approver"]}, 1, 1),
        ({"of": ["role:approver"], "approvals": 3}, 3, 3),
        ({"of": ["per_a", "per_b"], "approvals": 2}, 2, 2),
        ({"all": [ADMIN, {"of": ["group:ops"], "approvals": 2}]}, 3, 3),  # 1 + 2
        ({"any": [ADMIN, {"of": ["group:ops"], "approvals": 2}]}, 1, 2),  # 1 or 2
        ({"all": [ADMIN, {"any": [ADMIN, {"all": [ADMIN, ADMIN]}]}]}, 2, 3),  # 1 + 1, or 1 + 1 + 1
        ({"stages": [ADMIN, {"any": [ADMIN, {"of": ["role:owner"], "approvals": 4}]}]}, 2, 5),
    ],
)
def test_a_rule_says_how_many_different_people_it_takes(quorum: Any, least: int, largest: int) -> None:
    rule = read(quorum)
    assert (fewest(rule), most(rule)) == (least, largest)


def nested(depth: int) -> Any:
    return ADMIN if depth == 1 else {"all": [nested(depth - 1)]}


@pytest.mark.parametrize(
    ("quorum", "field"),
    [
        ({}, "$.quorum"),
        ([], "$.quorum"),
        ("role:admin", "$.quorum"),
        ({"of": ["role:admin"], "n": 2}, "$.quorum"),
        ({"of": "role:admin"}, "$.quorum.of"),
        ({"of": [7]}, "$.quorum.of[0]"),
        ({"of": []}, "$.quorum.of"),
        ({"of": ["role:admin", "role:admin"], "approvals": 2}, "$.quorum.of[1]"),  # one name twice is no second person
        ({"of": ["role:auditor"]}, "$.quorum.of[0]"),
        ({"of": ["role:admin", "admin"]}, "$.quorum.of[1]"),
        ({"of": ["group:"]}, "$.quorum.of[0]"),
        ({"of": ["group:Finance"]}, "$.quorum.of[0]"),
        ({"of": ["per_"]}, "$.quorum.of[0]"),
        ({"of": ["per_a\n"]}, "$.quorum.of[0]"),
        ({"of": ["*"]}, "$.quorum.of[0]"),
        ({"of": [f"per_{number}" for number in range(51)]}, "$.quorum.of"),
        ({"of": ["role:admin"], "approvals": 0}, "$.quorum.approvals"),
        ({"of": ["role:admin"], "approvals": -1}, "$.quorum.approvals"),
        ({"of": ["role:admin"], "approvals": 21}, "$.quorum.approvals"),
        ({"of": ["role:admin"], "approvals": True}, "$.quorum.approvals"),
        ({"of": ["role:admin"], "approvals": 1.5}, "$.quorum.approvals"),
        ({"of": ["per_a", "per_b"], "approvals": 3}, "$.quorum.approvals"),  # 3 of 2
        ({"of": ["role:admin"], "people": ["per_me"]}, "$.quorum.people"),
        ({"of": ["role:admin"], "all": [ADMIN]}, "$.quorum"),
        ({"all": [ADMIN], "any": [ADMIN]}, "$.quorum"),
        ({"all": []}, "$.quorum.all"),
        ({"any": []}, "$.quorum.any"),
        ({"stages": []}, "$.quorum.stages"),
        ({"all": [ADMIN], "approvals": 1}, "$.quorum.approvals"),
        ({"all": [ADMIN, {"any": [ADMIN, {"of": []}]}]}, "$.quorum.all[1].any[1].of"),
        ({"all": [ADMIN] * 9}, "$.quorum.all"),
        ({"all": [{"stages": [ADMIN]}]}, "$.quorum.all[0].stages"),
        ({"stages": [{"stages": [ADMIN]}]}, "$.quorum.stages[0].stages"),
        (nested(5), "$.quorum.all[0].all[0].all[0].all[0]"),
        ({"all": [{"all": [ADMIN] * 6}] * 3}, "$.quorum"),  # 18 groups
        ({"all": [{"of": ["role:admin"], "approvals": 11}, {"of": ["role:owner"], "approvals": 10}]}, "$.quorum"),
    ],
)
def test_a_misspelt_or_impossible_rule_is_refused_at_its_place(quorum: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_default({"quorum": quorum})
    assert refused.value.field == field
    assert refused.value.next_step


def test_a_rule_that_contains_itself_is_refused() -> None:
    endless: dict[str, Any] = {"all": []}
    endless["all"].append(endless)
    with pytest.raises(Invalid):
        read_default({"quorum": endless})


def test_the_largest_rule_is_taken() -> None:
    assert checked(Rule(all=(Rule(all=(Rule(of=("role:admin",)),) * 8),) * 2))
    assert read(nested(4))


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"approvals": 2, "quorum": ADMIN}, "$.approvals"),  # two numbers that say the same would say two things
        ({"veto": []}, "$.veto"),
        ({"veto": "role:owner"}, "$.veto"),
        ({"veto": ["role:owner", "me"]}, "$.veto[1]"),
        ({"veto": ["role:owner", "role:owner"]}, "$.veto[1]"),
        ({"wait": -1}, "$.wait"),
        ({"wait": True}, "$.wait"),
        ({"wait": 891}, "$.wait"),  # 900 − 10 is the last that leaves time to complete it
        ({"wait": "60"}, "$.wait"),
    ],
)
def test_a_number_a_veto_and_a_wait_that_make_no_sense_are_refused(value: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_default(value)
    assert refused.value.field == field


def test_what_was_left_out_of_a_group_is_stored_as_one_approval() -> None:
    requirement = read_default({"quorum": {"any": [{"of": ["role:admin"]}, {"of": ["per_a"], "approvals": 1}]}})
    assert (
        b'"quorum":{"any":[{"approvals":1,"of":["role:admin"]},{"approvals":1,"of":["per_a"]}]}' in requirement.text()
    )
    assert stored(requirement.text()) == requirement


def test_a_requirement_that_was_stored_before_there_were_rules_means_what_it_meant() -> None:
    old = stored(b'{"approvals":2,"people":["per_a","per_b","per_c"]}')
    assert old == Requirement(approvals=2, people=("per_a", "per_b", "per_c"))
    assert (old.quorum, old.veto, old.wait, old.fewest()) == (None, None, 0, 2)
    assert old.voters() == old.asked_at(0) == frozenset(old.people)
    assert all(old.may_stop(person) for person in old.people)


def test_every_name_is_found_where_it_stands_first() -> None:
    rule = read({"stages": [{"of": ["role:admin"]}, {"any": [{"of": ["per_a", "role:admin"]}]}]})
    assert paths_of_names(rule) == {
        "role:admin": "$.quorum.stages[0].of[0]",
        "per_a": "$.quorum.stages[1].any[0].of[0]",
    }


WHO = {"role:admin": {"per_a", "per_b"}, "per_c": {"per_c"}, "group:empty": set[str](), "role:owner": {"per_o"}}


def test_freezing_keeps_the_names_and_writes_down_who_stood_behind_them() -> None:
    quorum = {"all": [{"of": ["role:admin", "per_c"], "approvals": 2}, {"of": ["group:empty"]}]}
    asked = read_default({"quorum": quorum, "veto": ["role:owner"]})
    frozen = asked.frozen_by(lambda name, _: WHO[name], ("per_a", "per_b", "per_c", "per_o", "per_z"), 60)
    assert frozen.quorum == Rule(
        all=(
            Rule(of=("role:admin", "per_c"), approvals=2, people=("per_a", "per_b", "per_c")),
            Rule(of=("group:empty",), approvals=1, people=()),
        )
    )
    assert (frozen.veto, frozen.approvals) == (("per_o",), 3)
    assert frozen.people == ("per_a", "per_b", "per_c", "per_o")  # whom no name means is not asked
    assert stored(frozen.text()) == frozen


def test_a_veto_that_nobody_has_when_the_question_opens_is_everybodys() -> None:
    asked = read_default({"quorum": {"of": ["role:admin"], "approvals": 2}, "veto": ["group:empty"]})
    frozen = asked.frozen_by(lambda name, _: WHO[name], ("per_a", "per_b"), 60)
    assert frozen.veto is None
    assert frozen.may_stop("per_a")
    assert not frozen.may_stop("per_c")


def test_with_stages_those_of_later_ones_are_asked_when_their_stage_begins_unless_they_have_a_veto() -> None:
    quorum = {"stages": [{"of": ["role:admin"]}, {"of": ["per_c"]}, {"of": ["role:owner"]}]}
    asked = read_default({"quorum": quorum, "veto": ["role:owner"]})
    frozen = asked.frozen_by(lambda name, _: WHO[name], ("per_a", "per_b", "per_c", "per_o"), 60)
    assert frozen.asked_at(0) == {"per_a", "per_b", "per_o"}
    assert frozen.voters_at(0) == {"per_a", "per_b"}
    assert frozen.asked_at(1) == {"per_a", "per_b", "per_c", "per_o"}
    assert frozen.voters_at(2) == {"per_a", "per_b", "per_c", "per_o"}


def test_who_left_is_taken_out_of_the_part_that_named_them_alone() -> None:
    quorum = {"all": [{"of": ["role:admin"]}, {"of": ["per_a", "per_c"]}]}
    asked = read_default({"quorum": quorum, "veto": ["role:owner"]})
    frozen = asked.frozen_by(lambda name, _: WHO.get(name, (name,)), ("per_a", "per_b", "per_c"), 60)
    left = frozen.without(lambda of, person: (tuple(of), person) == (("role:admin",), "per_a"), ("role:owner",))
    assert left.quorum is not None
    assert [part.people for part in left.quorum.parts] == [("per_b",), ("per_a", "per_c")]
    assert (left.veto, left.people) == (frozen.veto, frozen.people)
    nobody = frozen.without(lambda of, person: True, ("role:owner",))
    assert (nobody.people, nobody.veto, nobody.voters()) == ((), () if frozen.veto else None, frozenset())
