"""SQL of the dated facts about an open question, by which it is worked out who is told of it."""

from __future__ import annotations

from approvals_hub.db.database import Tx


async def answered(tx: Tx, escalation_id: str) -> dict[str, int]:
    """Person → when their first answer came."""
    rows = await tx.rows(
        "SELECT approver_id, MIN(at) AS at FROM decisions WHERE escalation_id = :id GROUP BY approver_id",
        id=escalation_id,
    )
    return {row["approver_id"]: row["at"] for row in rows}


async def shown_to(tx: Tx, escalation_id: str) -> set[str]:
    """Whose inbox shows it: whoever was disabled or removed is not among them."""
    rows = await tx.rows("SELECT person_id FROM inbox WHERE escalation_id = :id", id=escalation_id)
    return {row["person_id"] for row in rows}
