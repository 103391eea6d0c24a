"""Units of work on the smallest table there is, for tests of the engines."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from approvals_hub.db.database import Tx
from approvals_hub.db.sqlite import SqliteDatabase


async def put(tx: Tx, name: str, value: str = "1") -> None:
    await tx.execute("INSERT INTO hub_settings (name, value) VALUES (:name, :value)", name=name, value=value)


async def value_of(tx: Tx, name: str) -> str | None:
    row = await tx.row("SELECT value FROM hub_settings WHERE name = :name", name=name)
    return None if row is None else str(row["value"])


async def names(tx: Tx) -> list[str]:
    return [row["name"] for row in await tx.rows("SELECT name FROM hub_settings ORDER BY name")]


async def two_at_once(database: SqliteDatabase, sql: str) -> list[list[Any]]:
    """What two units read that wait for each other, so that each has a thread of its own."""
    met = threading.Barrier(2)

    async def long(tx: Tx) -> list[Any]:
        found = await tx.rows(sql)
        met.wait(10)
        return [tuple(row) for row in found]

    return list(await asyncio.gather(database.read(long), database.read(long)))
