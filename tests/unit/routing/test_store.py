"""Rows of plans: what one organisation writes another does not see."""

from __future__ import annotations

from approvals_hub.core.clock import DAY
from approvals_hub.db.database import Row, Tx
from approvals_hub.routing import store
from approvals_hub.routing.plan import GROUP, ROUTE
from tests.unit.hub_fixture import StaffedHub
from tests.unit.routing.plans import away, group, ladder, schedule


async def test_another_organisation_has_none_of_it(house: StaffedHub) -> None:
    await ladder(house, house.owner.person_id)

    async def work(tx: Tx) -> list[Row]:
        return [*await store.plans(tx, "org_other", ROUTE), *await store.group_members(tx, "org_other")]

    assert await house.hub.db.read(work) == []


async def test_row_level_security_stands_behind_the_statements(house: StaffedHub) -> None:
    await ladder(house, house.owner.person_id)
    if house.place.database.startswith("sqlite"):
        return

    async def work(tx: Tx) -> Row | None:
        return await tx.row("SELECT (SELECT COUNT(*) FROM plans) + (SELECT COUNT(*) FROM group_members) AS n")

    row = await house.hub.db.read(work, org="org_other")
    assert row is not None
    assert row["n"] == 0


async def test_who_comes_back_into_a_group_has_left_it_once(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await group(house, ada.person_id, bo.person_id)
    await group(house, bo.person_id, version=1)
    await group(house, bo.person_id, ada.person_id, version=2)

    async def work(tx: Tx) -> tuple[list[Row], list[Row], Row | None]:
        now = await store.group_members(tx, house.org_id)
        return now, await store.left_groups(tx, house.org_id, 0), await store.plan(tx, house.org_id, GROUP, "ops")

    now, left, plan = await house.hub.db.read(work, org=house.org_id)
    assert [row["person_id"] for row in now] == [bo.person_id, ada.person_id]
    assert [row["person_id"] for row in left] == [ada.person_id]
    assert plan is not None
    assert plan["version"] == 3


async def test_what_is_handed_on_keeps_its_place_and_what_is_past_stays_as_it_was(house: StaffedHub) -> None:
    ada, bo, cy = [await house.person(name) for name in ("Ada", "Bo", "Cy")]
    await group(house, ada.person_id, bo.person_id)
    await group(house, bo.person_id, cy.person_id, name="both")
    await schedule(house, ada.person_id)
    await away(house, ada, bo)
    now = house.time.now
    for since, until in ((now, now + DAY), (now + 2 * DAY, now + 3 * DAY)):
        await house.hub.on_call.stand_in(house.operator, "nights", person=bo.person_id, since=since, until=until)

    async def hand_on(tx: Tx) -> None:
        await store.hand_on(tx, house.org_id, old=bo.person_id, new=cy.person_id, at=now + DAY)

    await house.hub.db.run(hand_on)

    async def work(tx: Tx) -> list[Row]:
        return await store.group_members(tx, house.org_id)

    rows = await house.hub.db.read(work, org=house.org_id)
    assert [(row["group_name"], row["person_id"], row["since"]) for row in rows] == [
        ("both", cy.person_id, now),
        ("ops", ada.person_id, now),
        ("ops", cy.person_id, now + DAY),
    ]
    beside = await house.rows("SELECT person_id FROM schedule_overrides ORDER BY since")
    assert [row["person_id"] for row in beside] == [bo.person_id, cy.person_id]
    [absence] = await house.rows("SELECT delegate_id FROM absences")
    assert absence["delegate_id"] == bo.person_id  # it is over
