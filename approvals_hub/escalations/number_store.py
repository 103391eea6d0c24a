"""SQL of the wrong numbers that were typed."""

from __future__ import annotations

from approvals_hub.db.database import Tx


async def burnt(tx: Tx, nonce: bytes) -> bool:
    """Whether a wrong number came with this nonce."""
    return await tx.row("SELECT at FROM number_tries WHERE nonce = :nonce", nonce=nonce) is not None


async def burn(tx: Tx, nonce: bytes, *, org_id: str, escalation_id: str, person_id: str, at: int) -> None:
    """A wrong number came with this nonce: nothing is taken with it any more."""
    await tx.execute(
        "INSERT INTO number_tries (nonce, org_id, escalation_id, person_id, at)"
        " VALUES (:nonce, :org_id, :escalation_id, :person_id, :at)",
        nonce=nonce,
        org_id=org_id,
        escalation_id=escalation_id,
        person_id=person_id,
        at=at,
    )


async def wrong(tx: Tx, *, escalation_id: str, person_id: str) -> int:
    """How many wrong numbers somebody typed for a question."""
    row = await tx.row(
        "SELECT COUNT(*) AS count FROM number_tries WHERE escalation_id = :escalation AND person_id = :person",
        escalation=escalation_id,
        person=person_id,
    )
    assert row is not None
    return int(row["count"])


async def forget(tx: Tx, escalation_id: str) -> None:
    """The question has ended: no number counts any more."""
    await tx.execute("DELETE FROM number_tries WHERE escalation_id = :escalation", escalation=escalation_id)
