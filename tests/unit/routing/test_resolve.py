"""From the tables to what a question is frozen with."""

from __future__ import annotations

from approvals_hub.core.clock import HOUR
from approvals_hub.db.database import Tx
from approvals_hub.routing.question import Facts, Question
from approvals_hub.routing.resolve import Resolved, Since, route_for_in, what_came_in
from approvals_hub.routing.schedule import on_call
from approvals_hub.routing.timetable import answer
from tests.unit.hub_fixture import StaffedHub
from tests.unit.routing.plans import group, ladder


async def resolved(house: StaffedHub, name: str | None = None) -> Resolved | None:
    async def work(tx: Tx) -> Resolved | None:
        return await route_for_in(tx, house.org_id, name, house.time.now)

    return await house.hub.db.read(work, org=house.org_id)


async def came(house: StaffedHub, since: int) -> Since:
    async def work(tx: Tx) -> Since:
        return await what_came_in(tx, house.org_id, since)

    return await house.hub.db.read(work, org=house.org_id)


async def test_a_route_comes_with_everybody_it_names(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await house.change("UPDATE people SET email = 'ada@example.com' WHERE id = :id", id=ada.person_id)
    await ladder(house, "ada@example.com")
    found = await resolved(house, "ladder")
    assert found is not None
    assert found.groups == {"ops": (ada.person_id,)}
    assert on_call(found.schedules["nights"], house.time.now) == ada.person_id
    question = Question(escalation_id="esc_1", opened_at=house.time.now, people=(ada.person_id,), **found.parts())
    facts = Facts(expires_at=house.time.now + HOUR, **(await came(house, house.time.now)).parts())
    assert answer(question, facts, house.time.now).reach == "unreachable"


async def test_the_default_counts_where_no_name_is_given(house: StaffedHub) -> None:
    await ladder(house, house.owner.person_id)
    assert await resolved(house) is None
    await house.hub.set_default_route(house.operator, "ladder")
    found = await resolved(house)
    assert found is not None
    assert found.route.name == "ladder"


async def test_a_route_that_is_not_there_is_none(house: StaffedHub) -> None:
    assert await resolved(house, "ladder") is None


async def test_who_was_removed_is_in_no_group(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await ladder(house, ada.person_id, house.owner.person_id)
    await house.change("UPDATE memberships SET removed_at = 1 WHERE person_id = :id", id=ada.person_id)
    found = await resolved(house, "ladder")
    assert found is not None
    assert found.groups == {"ops": (house.owner.person_id,)}


async def test_what_came_since_the_opening_is_dated(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await ladder(house, ada.person_id, house.owner.person_id)
    opened_at = house.time.now
    house.time.now += 1000
    await group(house, house.owner.person_id, version=1)
    made = await house.hub.on_call.stand_in(
        house.operator, "nights", person=ada.person_id, since=opened_at, until=opened_at + HOUR
    )
    found = await came(house, opened_at)
    assert [(each.group, each.person, each.at) for each in found.left] == [("ops", ada.person_id, opened_at + 1000)]
    assert [each.recorded_at for each in found.overrides["nights"]] == [made.recorded_at]
    assert (await came(house, opened_at + 2000)).overrides == {}
