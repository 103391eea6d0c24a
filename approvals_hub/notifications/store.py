"""SQL of the outbox."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx


async def add(
    tx: Tx,
    *,
    row_id: str,
    org_id: str,
    kind: str,
    due_at: int,
    expires_at: int,
    escalation_id: str | None = None,
    person_id: str | None = None,
) -> None:
    """Queue one row."""
    await tx.execute(
        "INSERT INTO outbox (id, org_id, kind, escalation_id, person_id, due_at, expires_at)"
        " VALUES (:id, :org, :kind, :escalation, :person, :due, :expires)",
        id=row_id,
        org=org_id,
        kind=kind,
        escalation=escalation_id,
        person=person_id,
        due=due_at,
        expires=expires_at,
    )


async def of_escalation(tx: Tx, escalation_id: str) -> list[Row]:
    """What waits to be said about an escalation."""
    return await tx.rows(
        "SELECT id, kind, due_at, expires_at FROM outbox WHERE escalation_id = :id ORDER BY id", id=escalation_id
    )


async def extend(tx: Tx, escalation_id: str, *, expires_at: int) -> None:
    """What waits to be said about an escalation may be said until its new end."""
    await tx.execute(
        "UPDATE outbox SET expires_at = :expires WHERE escalation_id = :id", id=escalation_id, expires=expires_at
    )


async def cancel(tx: Tx, escalation_id: str) -> None:
    """Nothing more is to be said about an escalation that has ended."""
    await tx.execute("DELETE FROM outbox WHERE escalation_id = :id", id=escalation_id)


async def forget_expired(tx: Tx, now: int, limit: int) -> int:
    """Drop rows whose time is over."""
    return await tx.execute(
        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE expires_at < :now LIMIT :limit)",
        now=now,
        limit=limit,
    )
