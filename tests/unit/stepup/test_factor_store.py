"""The SQL of factors: one a method and person, one person a subject."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.stepup import factor_store
from tests.unit.hub_fixture import StaffedHub


async def added(house: StaffedHub, factor_id: str, person_id: str, method: str, subject: bytes | None) -> bool:
    async def work(tx: Tx) -> bool:
        return await factor_store.add(
            tx,
            factor_id=factor_id,
            person_id=person_id,
            method=method,
            name="x",
            subject_hash=subject,
            sealed=b"data",
            at=1,
            by=person_id,
        )

    return await house.hub.db.run(work)


async def test_a_person_has_one_factor_of_a_method(house: StaffedHub) -> None:
    assert await added(house, "fac_1", "per_1", "totp", None)
    assert not await added(house, "fac_2", "per_1", "totp", None)
    assert await added(house, "fac_3", "per_2", "totp", None)


async def test_a_subject_is_one_persons_until_it_is_removed(house: StaffedHub) -> None:
    assert await added(house, "fac_1", "per_1", "bankid", b"anna")
    assert not await added(house, "fac_2", "per_2", "bankid", b"anna")
    assert await added(house, "fac_3", "per_2", "freja", b"anna")

    async def remove(tx: Tx) -> list[bool]:
        return [await factor_store.remove(tx, "fac_1", at=2) for _ in range(2)]

    assert await house.hub.db.run(remove) == [True, False]
    assert await added(house, "fac_2", "per_2", "bankid", b"anna")


async def test_data_is_replaced_where_it_changed_and_kept_where_not(house: StaffedHub) -> None:
    await added(house, "fac_1", "per_1", "totp", None)

    async def keep(tx: Tx, sealed: bytes | None) -> bytes:
        await factor_store.keep_data(tx, "fac_1", sealed=sealed, at=9)
        row = await factor_store.of_method(tx, "per_1", "totp")
        assert row is not None
        assert row["last_used_at"] == 9
        return bytes(row["sealed"])

    assert await house.hub.db.run(lambda tx: keep(tx, None)) == b"data"
    assert await house.hub.db.run(lambda tx: keep(tx, b"new")) == b"new"
