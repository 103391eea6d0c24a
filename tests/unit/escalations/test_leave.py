"""Inboxes after somebody left; what counts then is in tests/flows/test_leaving.py."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.escalations.leave import left_in, put_back_in
from tests.unit.hub_fixture import Person, StaffedHub
from tests.unit.routing.plans import group


async def lines(house: StaffedHub, person: Person) -> set[str]:
    rows = await house.rows("SELECT escalation_id FROM inbox WHERE person_id = :id", id=person.person_id)
    return {row["escalation_id"] for row in rows}


async def test_only_lines_that_ask_nobody_any_more_go_and_everybody_is_woken(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await group(house, ada.person_id, bo.person_id)
    plain = (await house.bot.ask()).escalation.id
    await house.hub.set_requirement(house.operator, {"quorum": {"of": ["group:ops"]}})
    named = (await house.bot.ask()).escalation.id
    people = [ada.person_id, bo.person_id]

    async def look(tx: Tx) -> None:
        await left_in(tx, house.org_id, people, house.time.now)

    await house.hub.db.run(look)
    assert await lines(house, ada) == await lines(house, bo) == {plain, named}
    await house.change("UPDATE group_members SET until = 1 WHERE person_id = :id", id=ada.person_id)
    with house.hub.bus.subscribe(f"inbox:{ada.person_id}") as ear:
        await house.hub.db.run(look)
        assert await ear.wait(10)
    assert (await lines(house, ada), await lines(house, bo)) == ({plain}, {plain, named})
    # Who was disabled and comes back is not asked again what they left.
    await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, "disabled")
    await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, "active")
    assert await lines(house, ada) == {plain}


async def test_whoever_is_asked_everything_gets_nothing_twice(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    asked = (await house.bot.ask()).escalation.id
    await house.hub.db.run(lambda tx: put_back_in(tx, ada.person_id, house.time.now))
    assert await lines(house, ada) == {asked}
