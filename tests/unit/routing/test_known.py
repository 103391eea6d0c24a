"""What a plan may name."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.routing.known import known_in
from approvals_hub.routing.refer import Known
from tests.unit.hub_fixture import StaffedHub
from tests.unit.routing.plans import ladder


async def known(house: StaffedHub) -> Known:
    async def work(tx: Tx) -> Known:
        return await known_in(tx, house.org_id, house.hub.push_addresses.book.names_in)

    return await house.hub.db.read(work, org=house.org_id)


async def test_groups_schedules_and_people_of_the_organisation_are_known(house: StaffedHub) -> None:
    await ladder(house, house.owner.person_id)
    found = await known(house)
    assert (found.groups, found.schedules) == (("ops",), ("nights",))
    assert found.people[house.owner.person_id] == house.owner.person_id


async def test_an_address_of_two_people_names_neither(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await house.change("UPDATE people SET email = 'a@example.com' WHERE id = :id", id=ada.person_id)
    assert (await known(house)).people["a@example.com"] == ada.person_id
    await house.change("UPDATE people SET email = 'a@example.com' WHERE id = :id", id=bo.person_id)
    assert "a@example.com" not in (await known(house)).people
