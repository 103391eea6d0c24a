"""Channels, test messages and lanes in the tables."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.notifications import channel_store as store
from tests.unit.hub_fixture import StaffedHub


async def test_test_messages_are_counted_by_organisation_and_forgotten(house: StaffedHub) -> None:
    async def work(tx: Tx) -> tuple[list[int], int, list[int]]:
        for number in range(3):
            await store.count_test(tx, test_id=f"tst_{number}", org_id="org_1", person_id="per_1", at=number)
        await store.count_test(tx, test_id="tst_9", org_id="org_2", person_id="per_1", at=2)
        since = await store.tests_since(tx, "org_1", 0)
        return since, await store.forget_tests(tx, before=2, limit=9), await store.tests_since(tx, "org_1", -1)

    assert await house.hub.db.run(work) == ([1, 2], 2, [2])


async def test_a_lane_is_left_alone_until_it_works_again(house: StaffedHub) -> None:
    async def work(tx: Tx) -> list[list[tuple[str, int]]]:
        seen = []
        for until in (10, 20):
            await store.leave_alone(tx, lane="phone a.example", channel="phone", since=1, until=until, said="down")
            seen.append([(row["lane"], row["until"]) for row in await store.left_alone(tx, ["phone", "mail"])])
        await store.works_again(tx, "phone a.example")
        seen.append([(row["lane"], row["until"]) for row in await store.left_alone(tx, ["phone"])])
        await store.leave_alone(tx, lane="phone b.example", channel="phone", since=1, until=5, said="down")
        await store.no_longer_alone(tx, "phone")
        seen.append([(row["lane"], row["until"]) for row in await store.left_alone(tx, ["phone"])])
        return seen

    assert await house.hub.db.run(work) == [[("phone a.example", 10)], [("phone a.example", 20)], [], []]
