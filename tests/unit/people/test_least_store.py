"""Who wants the least said, in rows."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.people import least_store as store
from tests.unit.hub_fixture import StaffedHub


async def test_it_is_one_persons_and_nobody_elses(house: StaffedHub) -> None:
    ada = await house.person("Ada")

    async def work(tx: Tx) -> tuple[bool, ...]:
        before = await store.is_least(tx, ada.person_id)
        await store.set_least(tx, ada.person_id, least=True)
        return before, *[await store.is_least(tx, each) for each in (ada.person_id, house.owner.person_id, "per_no")]

    assert await house.hub.db.run(work) == (False, True, False, False)
