"""The conditional statements on contacts."""

from __future__ import annotations

from typing import Any

from approvals_hub.db.database import Database, Tx
from approvals_hub.people import contact_store as store

MEMBERS: dict[str, Any] = {
    "person_id": "per_1",
    "channel": "phone",
    "source": "dev_1",
    "device_id": "dev_1",
    "address": b"sealed",
    "address_hash": b"hash",
    "masked": "…",
    "language": "en",
}


async def test_a_source_has_one_live_address_on_a_channel(database: Database) -> None:
    async def work(tx: Tx) -> None:
        assert await store.add(tx, contact_id="con_1", at=1, **MEMBERS)
        assert not await store.add(tx, contact_id="con_2", at=2, **MEMBERS)
        assert await store.end_of_device(tx, "per_1", "dev_1", cause="removed", at=3)
        assert await store.add(tx, contact_id="con_3", at=4, **MEMBERS)

    await database.run(work)


async def test_an_address_that_its_device_has_said_again_is_not_gone(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await store.add(tx, contact_id="con_1", at=1, **MEMBERS)
        await store.renew(tx, "con_1", address=b"sealed anew", language="sv", seal_key=None, at=5)
        assert not await store.forget_gone(tx, "con_1", registered_at=1, at=6)
        assert await store.forget_gone(tx, "con_1", registered_at=5, at=6)
        [row] = await tx.rows("SELECT address, cause FROM contacts")
        assert (bytes(row["address"]), row["cause"]) == (b"", "gone")

    await database.run(work)


async def test_an_address_belongs_to_the_device_that_has_it_now(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await store.add(tx, contact_id="con_1", at=1, **MEMBERS)
        await store.end_elsewhere(tx, b"hash", but="dev_1", at=2)
        assert await store.of_device(tx, "per_1", "dev_1") is not None
        await store.end_elsewhere(tx, b"hash", but="dev_2", at=3)
        assert await store.of_device(tx, "per_1", "dev_1") is None

    await database.run(work)
