"""Rows of links: claimed by one process, used once."""

from __future__ import annotations

from approvals_hub.stepup import sign_in_link_store as store
from tests.unit.hub_fixture import StaffedHub
from tests.unit.stepup.links import Links


async def test_a_link_is_sent_by_one_process_at_a_time(house: StaffedHub) -> None:
    links = Links(house)
    await links.settle()
    await links.ask()
    now = house.time.now
    claimed = [
        await house.hub.db.run(lambda tx: store.claim_due(tx, now=now, until=now + 9, limit=5)) for _ in range(2)
    ]
    assert [len(rows) for rows in claimed] == [1, 0]


async def test_a_link_is_used_once_and_not_after_its_time(house: StaffedHub) -> None:
    links = Links(house)
    await links.settle()
    await links.ask()
    [row] = await house.rows("SELECT id, expires_at FROM sign_in_links")
    late = await house.hub.db.run(lambda tx: store.use(tx, row["id"], at=row["expires_at"]))
    uses = [await house.hub.db.run(lambda tx: store.use(tx, row["id"], at=house.time.now)) for _ in range(2)]
    assert [late, *uses] == [False, True, False]
