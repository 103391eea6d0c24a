"""Units of work on the smallest table there is, for tests of the engines."""

from __future__ import annotations

from approvals_hub.db.database import Tx


async def put(tx: Tx, name: str, value: str = "1") -> None:
    await tx.execute("INSERT INTO hub_settings (name, value) VALUES (:name, :value)", name=name, value=value)


async def value_of(tx: Tx, name: str) -> str | None:
    row = await tx.row("SELECT value FROM hub_settings WHERE name = :name", name=name)
    return None if row is None else str(row["value"])


async def names(tx: Tx) -> list[str]:
    return [row["name"] for row in await tx.rows("SELECT name FROM hub_settings ORDER BY name")]
