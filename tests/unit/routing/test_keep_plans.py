"""Writing and deleting groups, routes and schedules."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, NotFound
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.routing.plan import GROUP, PLANS_LIMIT, ROUTE, SCHEDULE, Plan, hash_of
from tests.unit.hub_fixture import StaffedHub
from tests.unit.routing.plans import LADDER, NIGHTS, group, ladder


@pytest.mark.parametrize("role", ["owner", "admin"])
async def test_owners_and_admins_write_plans(house: StaffedHub, role: str) -> None:
    person = await house.person("Ada", role)
    text = f"group: ops\nmembers: [{person.person_id}]\n"
    made = await house.hub.keep_plans.put(person.credential, GROUP, "ops", text)
    assert (made.version, made.text, made.hash, made.changed_by) == (1, text, hash_of(text), person.person_id)


@pytest.mark.parametrize("role", ["approver", "auditor", "developer"])
async def test_nobody_else_writes_plans(house: StaffedHub, role: str) -> None:
    person = await house.person("Ada", role)
    with pytest.raises(Forbidden):
        await house.hub.keep_plans.put(person.credential, GROUP, "ops", f"group: ops\nmembers: [{person.person_id}]\n")


async def test_every_change_is_in_the_log_with_what_was_and_what_is(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    first, second = (
        await group(house, ada.person_id),
        await group(house, ada.person_id, house.owner.person_id, version=1),
    )
    await house.hub.keep_plans.delete(house.operator, GROUP, "ops", version=2)
    changes = [entry["detail"] for entry in await house.events("group.changed")]
    assert [(each["before"], each["after"]) for each in changes] == [(None, first.hash), (first.hash, second.hash)]
    [gone] = await house.events("group.deleted")
    assert gone["detail"] == {"name": "ops", "before": second.hash, "after": None, "version": None}


async def test_the_same_text_again_is_no_change(house: StaffedHub) -> None:
    first = await group(house, house.owner.person_id)
    assert await group(house, house.owner.person_id) == first
    assert len(await house.events("group.changed")) == 1


async def test_of_two_who_change_the_same_version_one_is_told_of_the_other(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await group(house, house.owner.person_id)

    async def change(person_id: str) -> Plan | HubError:
        try:
            return await group(house, house.owner.person_id, person_id, version=1)
        except HubError as refused:
            return refused

    given = await asyncio.gather(change(ada.person_id), change(bo.person_id))
    [lost] = [each for each in given if isinstance(each, HubError)]
    assert (type(lost), lost.code, lost.extra) == (Conflict, "version_changed", {"version": 2})


async def test_a_new_plan_does_not_overwrite_one_of_that_name(house: StaffedHub) -> None:
    await group(house, house.owner.person_id)
    ada = await house.person("Ada")
    with pytest.raises(Conflict):
        await group(house, ada.person_id)


async def test_a_stolen_session_takes_nobody_out_of_a_group(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await group(house, ada.person_id, house.owner.person_id)
    text = f"group: ops\nmembers: [{house.owner.person_id}]\n"
    with pytest.raises(Forbidden) as refused:
        await house.hub.keep_plans.put(house.owner.credential, GROUP, "ops", text, version=1)
    assert refused.value.code == "fresh_factor_needed"
    fresh = await house.owner.fresh()
    made = await house.hub.keep_plans.put(house.owner.credential, GROUP, "ops", text, version=1, fresh=fresh)
    assert made.version == 2


async def test_more_people_in_a_group_need_no_ceremony(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await group(house, ada.person_id)
    text = f"group: ops\nmembers: [{ada.person_id}, {house.owner.person_id}]\n"
    assert (await house.hub.keep_plans.put(house.owner.credential, GROUP, "ops", text, version=1)).version == 2


async def test_a_stolen_session_neither_changes_nor_deletes_a_route_that_stands(house: StaffedHub) -> None:
    await ladder(house, house.owner.person_id)
    keep = house.hub.keep_plans
    with pytest.raises(Forbidden):
        await keep.put(house.owner.credential, ROUTE, "ladder", LADDER.replace("2m", "20m"), version=1)
    with pytest.raises(Forbidden):
        await keep.delete(house.owner.credential, ROUTE, "ladder", version=1)


@pytest.mark.parametrize(("kind", "name"), [(GROUP, "ops"), (SCHEDULE, "nights")])
async def test_what_a_route_uses_is_not_deleted_and_the_route_is_named(house: StaffedHub, kind: str, name: str) -> None:
    await ladder(house, house.owner.person_id)
    with pytest.raises(Conflict) as refused:
        await house.hub.keep_plans.delete(house.operator, kind, name, version=1)
    assert (refused.value.code, refused.value.extra) == (f"{kind}_in_use", {"used_by": ["route:ladder"]})
    await house.hub.keep_plans.delete(house.operator, ROUTE, "ladder", version=1)
    assert (await house.hub.keep_plans.delete(house.operator, kind, name, version=1)).name == name


async def test_the_default_route_is_not_deleted(house: StaffedHub) -> None:
    await ladder(house, house.owner.person_id)
    await house.hub.set_default_route(house.operator, "ladder")
    with pytest.raises(Conflict) as refused:
        await house.hub.keep_plans.delete(house.operator, ROUTE, "ladder", version=1)
    assert refused.value.extra == {"used_by": ["default_route"]}


async def test_a_route_that_names_nobody_who_is_there_changes_nothing(house: StaffedHub) -> None:
    with pytest.raises(Invalid) as refused:
        await house.hub.keep_plans.put(house.operator, ROUTE, "ladder", LADDER)
    assert "nothing is known here yet" in refused.value.detail
    assert await house.hub.read_plans(house.operator, ROUTE) == []


async def test_people_of_another_organisation_are_unknown(house: StaffedHub) -> None:
    with pytest.raises(Invalid):
        await house.hub.keep_plans.put(house.operator, SCHEDULE, "nights", NIGHTS.format(members="per_elsewhere"))


async def test_what_is_not_there_is_not_deleted(house: StaffedHub) -> None:
    with pytest.raises(NotFound):
        await house.hub.keep_plans.delete(house.operator, ROUTE, "ladder", version=1)
    with pytest.raises(NotFound):
        await house.hub.keep_plans.delete(OperatorCredential("org_other"), ROUTE, "ladder", version=1)


async def test_there_are_only_so_many(house: StaffedHub) -> None:
    await house.change(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most)"
        " INSERT INTO plans (org_id, kind, name, body, hash, version, changed_at, changed_by)"
        " SELECT :org, 'group', 'g' || i, '', '', 1, 0, '' FROM n",
        most=PLANS_LIMIT,
        org=house.org_id,
    )
    with pytest.raises(Conflict) as refused:
        await group(house, house.owner.person_id)
    assert refused.value.code == "too_many"
