"""Whom a frozen requirement still names."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import HOUR
from approvals_hub.db.database import Tx
from approvals_hub.domain.requirement import Requirement
from approvals_hub.routing.stand_in import StandIn
from approvals_hub.routing.still_asked import Holding, groups_named, holding_in, narrowed, still_asked_in
from approvals_hub_client.rule import Rule
from tests.unit.hub_fixture import StaffedHub
from tests.unit.routing.plans import away, group

PLAIN = Requirement(people=("ada", "bo"))
NAMED = Requirement(
    people=("ada", "bo", "cy"),
    quorum=Rule(
        all=(
            Rule(of=("group:ops", "role:admin"), approvals=1, people=("ada", "bo")),
            Rule(of=("ada",), approvals=1, people=("ada",)),
        )
    ),
    veto=("bo", "cy"),
)


@pytest.mark.parametrize(
    ("roles", "members", "people", "veto"),
    [
        ({"ada": "approver"}, {("ops", "ada"): 5}, ("ada", "bo"), ("bo", "cy")),
        ({"ada": "approver"}, {("ops", "ada"): 9}, ("bo",), ("bo", "cy")),  # joined after the opening, at 5
        ({"ada": "approver"}, {}, ("bo",), ("bo", "cy")),
        ({"ada": "admin"}, {}, ("ada", "bo"), ("bo", "cy")),  # by a role that they still have
        ({"bo": "approver"}, {("night", "bo"): 1}, ("ada",), ("bo", "cy")),  # a veto by another group
        ({"bo": "approver"}, {}, ("ada",), ("cy",)),
        ({"bo": "owner"}, {}, ("ada",), ("bo", "cy")),
        ({"ada": "", "bo": ""}, {("ops", "ada"): 1, ("ops", "bo"): 1}, (), ("cy",)),  # disabled, or removed
        ({"ada": "auditor"}, {("ops", "ada"): 1}, ("bo",), ("bo", "cy")),  # no role that answers
        ({"dee": "approver"}, {}, ("ada", "bo"), ("bo", "cy")),  # who is not asked is nobody here
    ],
)
def test_the_first_part_asks(
    roles: dict[str, str], members: dict[tuple[str, str], int], people: tuple[str, ...], veto: tuple[str, ...]
) -> None:
    found = narrowed(NAMED, roles, members, opened_at=5, veto=("role:owner", "group:night", "cy"))
    assert found.quorum is not None
    first, second = found.quorum.parts
    assert first.people == people
    # By an id somebody is asked as long as any role of theirs answers.
    assert second.people == (() if roles.get("ada") in ("", "auditor") else ("ada",))
    assert found.veto == veto
    assert set(found.people) == {*people, *(second.people or ()), *(found.veto or ())}


def test_a_rule_without_names_asks_whoever_has_a_role_that_answers() -> None:
    assert narrowed(PLAIN, {"ada": "admin", "bo": "approver developer"}, {}, opened_at=0) is PLAIN
    assert narrowed(PLAIN, {"ada": "developer"}, {}, opened_at=0).people == ("bo",)


def test_a_rule_that_lost_nobody_is_the_same() -> None:
    members = {("ops", "ada"): 1, ("night", "bo"): 1}
    assert narrowed(NAMED, {"ada": "approver", "cy": "admin"}, members, opened_at=5, veto=("cy",)) is NAMED
    assert narrowed(NAMED, {"cy": "admin"}, members, opened_at=5, veto=("bo",)).veto == ("bo",)


def test_groups_are_looked_up_for_those_alone_whom_a_group_asked() -> None:
    assert groups_named(NAMED, ["ada"], ("group:night",)) == {"ops"}
    assert groups_named(NAMED, ["cy"], ("group:night",)) == {"night"}
    assert groups_named(NAMED, ["dee"], ("group:night",)) == groups_named(PLAIN, ["ada"], ()) == set()


async def test_a_group_counts_as_long_as_somebody_stays_in_it(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await group(house, ada.person_id)
    rule = Rule(of=("group:ops",), approvals=1, people=(ada.person_id, bo.person_id))
    asked = Requirement(people=rule.people or (), quorum=rule)
    roles = dict.fromkeys(asked.people, "approver")

    async def work(tx: Tx) -> list[tuple[str, ...]]:
        found = [
            await still_asked_in(tx, org_id, asked, roles, opened_at=at)
            for org_id, at in ((house.org_id, house.time.now), (house.org_id, 0), ("org_other", house.time.now))
        ]
        return [each.people for each in found]

    assert await house.hub.db.read(work) == [(ada.person_id,), (), ()]


async def test_a_delegation_holds_unless_it_was_ended_or_somebody_in_it_stopped_counting(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    kept, ended = await away(house, ada, bo, lasts=HOUR), await away(house, ada, bo)
    await house.hub.be_absent.end(ada.credential, ended.absence_id)
    given = [
        StandIn(ada.person_id, (), (kept.absence_id,), 1),
        StandIn(ada.person_id, (), (ended.absence_id,), 1),
        StandIn(ada.person_id, (), ("abs_unknown",), 1),
        StandIn("per_unknown", (), (kept.absence_id,), 1),
        StandIn(ada.person_id, ("per_unknown",), (kept.absence_id,), 1),
    ]
    house.time.now += 2 * HOUR  # whether it is over does not matter
    found = await house.hub.db.read(lambda tx: holding_in(tx, house.org_id, given))
    assert found.kept == {given[0]}
    assert found.roles == {ada.person_id: "approver", "per_unknown": ""}
    assert await house.hub.db.read(lambda tx: holding_in(tx, house.org_id, [])) == Holding()
