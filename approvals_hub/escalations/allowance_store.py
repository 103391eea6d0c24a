"""SQL of how much an agent may ask."""

from __future__ import annotations

from approvals_hub.db.database import Tx


async def count_repeat(tx: Tx, escalation_id: str) -> None:
    """The very same was asked once more while it was open."""
    await tx.execute("UPDATE escalations SET repeats = repeats + 1 WHERE id = :id", id=escalation_id)
