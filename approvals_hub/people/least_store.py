"""SQL of who wants the least said in messages to them."""

from __future__ import annotations

from approvals_hub.db.database import Tx


async def is_least(tx: Tx, person_id: str) -> bool:
    """Whether this person does."""
    row = await tx.row("SELECT least_said FROM people WHERE id = :id", id=person_id)
    return row is not None and bool(row["least_said"])


async def set_least(tx: Tx, person_id: str, *, least: bool) -> None:
    """From the next message on."""
    await tx.execute("UPDATE people SET least_said = :least WHERE id = :id", id=person_id, least=int(least))
