"""SQL of factors, on both databases. A factor is its person's, in every organisation, as a device is."""

from __future__ import annotations

from typing import Any

from approvals_hub.db.database import Database, Tx
from approvals_hub.stepup import factor_store as store

NOW = 1_800_000_000_000


async def add(tx: Tx, factor_id: str = "fac_1", **changes: Any) -> bool:
    members: dict[str, Any] = {
        "person_id": "per_1",
        "method": "totp",
        "name": "app",
        "subject_hash": None,
        "sealed": b"seed",
        "at": NOW,
        "by": "per_1",
        **changes,
    }
    return await store.add(tx, factor_id=factor_id, **members)


async def test_a_person_has_one_factor_of_a_way(database: Database) -> None:
    async def work(tx: Tx) -> list[bool]:
        return [
            await add(tx),
            await add(tx, "fac_2"),
            await add(tx, "fac_3", method="bankid"),
            await add(tx, "fac_4", person_id="per_2"),
        ]

    assert await database.run(work) == [True, False, True, True]


async def test_one_account_at_a_vendor_is_one_persons(database: Database) -> None:
    async def work(tx: Tx) -> list[bool]:
        return [
            await add(tx, method="bankid", subject_hash=b"anna"),
            await add(tx, "fac_2", method="bankid", subject_hash=b"anna", person_id="per_2"),
            await add(tx, "fac_3", method="freja", subject_hash=b"anna", person_id="per_2"),
        ]

    assert await database.run(work) == [True, False, True]


async def test_what_was_kept_of_a_removed_factor_is_gone_and_its_place_is_free(database: Database) -> None:
    async def work(tx: Tx) -> list[object]:
        await add(tx, subject_hash=b"anna")
        removed = [await store.remove(tx, "fac_1", at=NOW + 1) for _ in range(2)]
        row = await store.find(tx, "fac_1")
        assert row is not None
        gone = [bytes(row["sealed"]), await store.of_method(tx, "per_1", "totp"), await store.of_person(tx, "per_1")]
        return [removed, *gone, await add(tx, "fac_2", subject_hash=b"anna")]

    assert await database.run(work) == [[True, False], b"", None, [], True]


async def test_a_use_replaces_the_data_where_it_changed_and_never_that_of_a_removed_one(database: Database) -> None:
    async def work(tx: Tx) -> list[tuple[bytes, int | None]]:
        await add(tx)
        found = []
        for sealed, at in ((None, NOW + 1), (b"new", NOW + 2)):
            await store.keep_data(tx, "fac_1", sealed=sealed, at=at)
            row = await store.find(tx, "fac_1")
            assert row is not None
            found.append((bytes(row["sealed"]), row["last_used_at"]))
        await store.remove(tx, "fac_1", at=NOW + 3)
        await store.keep_data(tx, "fac_1", sealed=b"back", at=NOW + 4)
        row = await store.find(tx, "fac_1")
        assert row is not None
        return [*found, (bytes(row["sealed"]), row["last_used_at"])]

    assert await database.run(work) == [(b"seed", NOW + 1), (b"new", NOW + 2), (b"", NOW + 2)]


async def test_factors_are_listed_oldest_first(database: Database) -> None:
    async def work(tx: Tx) -> list[str]:
        await add(tx, "fac_2")
        await add(tx, "fac_1", method="bankid")
        return [row["id"] for row in await store.of_person(tx, "per_1")]

    assert await database.run(work) == ["fac_1", "fac_2"]


async def test_a_person_has_the_same_factors_in_every_organisation(postgres_database: Database) -> None:
    await postgres_database.run(add, org="org_1")
    for org in ("org_1", "org_2"):
        assert len(await postgres_database.read(lambda tx: store.of_person(tx, "per_1"), org=org)) == 1
