"""Rows of overrides: what one organisation writes another does not see."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.routing import presence_store
from tests.unit.hub_fixture import StaffedHub
from tests.unit.routing.plans import schedule


async def test_another_organisation_neither_sees_nor_ends_an_override(house: StaffedHub) -> None:
    await schedule(house, house.owner.person_id)
    now, me = house.time.now, house.owner.person_id
    made = await house.hub.on_call.stand_in(house.operator, "nights", person=me, since=now, until=now + 9)

    async def work(tx: Tx) -> tuple[list[Row], Row | None]:
        seen = await presence_store.overrides(tx, "org_other", now)
        return seen, await presence_store.end_override(tx, "org_other", "nights", made.override_id, at=now)

    assert await house.hub.db.run(work) == ([], None)
