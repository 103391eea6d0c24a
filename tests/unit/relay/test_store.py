"""Rows of handles: found by a hash alone, and ended by whoever means that very address."""

from __future__ import annotations

from typing import Any

from approvals_hub.relay import store
from tests.unit.relay.relay_house import RelayHouse


async def in_relay(house: RelayHouse, work: Any) -> Any:
    return await house.open.relay.handles._db.run(work)


async def test_rows_come_change_and_go(house: RelayHouse) -> None:
    about = {"platform": "fcm", "language": "en", "kek_id": "kek_1", "at": 7}

    async def work(tx: Any) -> None:
        await store.add(tx, handle_hash=b"h", owner_hash=b"o", address=b"a", **about)
        assert await store.handle_of(tx, b"o") == b"h"
        assert await store.handle_of(tx, b"h") is None
        row = await store.find(tx, b"h")
        assert row is not None
        assert (row["address"], row["registered_at"]) == (b"a", 7)
        newest = await store.newest(tx)
        assert newest is not None
        assert newest["handle_hash"] == b"h"
        assert await store.replace(tx, b"h", address=b"b", **about)
        assert not await store.replace(tx, b"x", address=b"b", **about)
        assert await store.end_with(tx, b"h", address=b"a") == 0
        assert await store.end_with(tx, b"h", address=b"b") == 1
        await store.add(tx, handle_hash=b"h", owner_hash=b"o", address=b"a", **about)
        assert await store.end_before(tx, 7) == 0
        assert await store.count(tx) == 1
        assert await store.end_before(tx, 8) == 1
        assert await store.end(tx, b"h") == 0

    await in_relay(house, work)


async def test_nothing_is_kept_of_hubs_people_or_wakes(house: RelayHouse) -> None:
    await house.wake((await house.app()).handle)

    async def work(tx: Any) -> Any:
        tables = await tx.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        columns = await tx.rows("SELECT name FROM pragma_table_info('handles')")
        return [row["name"] for row in tables], [row["name"] for row in columns]

    tables, columns = await in_relay(house, work)
    assert set(tables) == {"handles", "schema_migrations"}
    expected = {"handle_hash", "owner_hash", "platform", "language", "address", "kek_id", "registered_at"}
    assert set(columns) == expected
