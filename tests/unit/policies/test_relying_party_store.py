"""Rows of the registry: what one organisation writes another does not see."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.policies import relying_party_store as store
from tests.unit.hub_fixture import StaffedHub


async def test_another_organisation_has_none_of_it_and_removes_nothing(house: StaffedHub) -> None:
    async def write(tx: Tx) -> None:
        await store.put(tx, org_id=house.org_id, domain="a.example", trust_profile="HIGH", at=1, by="x")
        await store.remove(tx, "org_other", "a.example")

    async def read(tx: Tx) -> tuple[list[Row], Row | None, int, list[str]]:
        there = await store.parties(tx, house.org_id)
        other = await store.party(tx, "org_other", "a.example")
        return (
            await store.parties(tx, "org_other"),
            other,
            await store.count(tx, "org_other"),
            [row["domain"] for row in there],
        )

    await house.hub.db.run(write, org=house.org_id)
    assert await house.hub.db.read(read, org=house.org_id) == ([], None, 0, ["a.example"])
    assert await house.hub.db.read(lambda tx: store.parties(tx, house.org_id), org="org_other") in (
        [],
        await house.hub.db.read(lambda tx: store.parties(tx, house.org_id), org=house.org_id),
    )
