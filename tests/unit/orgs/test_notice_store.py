"""SQL of notices."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.orgs import notice_store as store
from tests.unit.hub_fixture import StaffedHub


async def test_what_was_read_is_read_by_one_person_alone_and_never_unread_again(house: StaffedHub) -> None:
    async def work(tx: Tx) -> list[list[int]]:
        for number in (1, 2, 3):
            await store.add(
                tx, notice_id=f"not_{number}", org_id=house.org_id, kind="k", subject_id="s", by_id=None, at=number
            )
        await store.read_up_to(tx, house.org_id, "per_a", "not_2", 5)
        await store.read_up_to(tx, house.org_id, "per_a", "not_1", 6)
        return [
            [row["unread"] for row in await store.newest(tx, house.org_id, 3, reader_id=reader)]
            for reader in ("per_a", "per_b")
        ]

    assert await house.hub.db.run(work, org=house.org_id) == [[1, 0, 0], [1, 1, 1]]


async def test_no_unread_line_stands_behind_a_read_one_where_the_clock_went_back(house: StaffedHub) -> None:
    async def work(tx: Tx) -> list[list[tuple[str, int]]]:
        for number, at in ((1, 30), (2, 20), (3, 10)):
            await store.add(
                tx, notice_id=f"not_{number}", org_id=house.org_id, kind="k", subject_id="s", by_id=None, at=at
            )
        await store.read_up_to(tx, house.org_id, "per_a", "not_1", 5)
        return [
            [
                (row["id"], row["unread"])
                for row in await store.newest(tx, house.org_id, 2, reader_id="per_a", before=before)
            ]
            for before in (None, "not_2")
        ]

    assert await house.hub.db.run(work, org=house.org_id) == [[("not_3", 1), ("not_2", 1)], [("not_1", 0)]]


async def test_the_same_about_the_same_is_found_from_a_time_on(house: StaffedHub) -> None:
    async def work(tx: Tx) -> list[bool]:
        await store.add(tx, notice_id="not_1", org_id=house.org_id, kind="k", subject_id="s", by_id=None, at=10)
        return [
            await store.exists_since(tx, house.org_id, *about)
            for about in (("k", "s", 10), ("k", "s", 11), ("k", "t", 0), ("l", "s", 0))
        ]

    assert await house.hub.db.run(work, org=house.org_id) == [True, False, False, False]
