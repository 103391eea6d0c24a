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


async def hasten(tx: Tx, escalation_id: str, *, at: int) -> bool:
    """Look again at who is told of a question; False where nobody is told of it by a channel, or it is looked at."""
    return bool(
        await tx.execute(
            "UPDATE outbox SET due_at = :at WHERE escalation_id = :id AND due_at > :at"
            " AND EXISTS (SELECT 1 FROM escalations e WHERE e.id = :id AND e.routing IS NOT NULL)",
            id=escalation_id,
            at=at,
        )
    )


async def hasten_person(tx: Tx, person_id: str, *, at: int) -> None:
    """Look again at who is told of every question that waits for this person, and at the news of their account."""
    await tx.execute(
        "UPDATE outbox SET due_at = :at WHERE due_at > :at AND (person_id = :person OR escalation_id IN"
        " (SELECT escalation_id FROM inbox WHERE person_id = :person))",
        person=person_id,
        at=at,
    )


async def due_questions(tx: Tx, now: int, limit: int) -> list[Row]:
    """The questions of which somebody may have to be told now."""
    return await tx.rows(
        "SELECT id, org_id, escalation_id FROM outbox WHERE due_at <= :now AND expires_at > :now"
        " AND escalation_id IS NOT NULL ORDER BY due_at LIMIT :limit",
        now=now,
        limit=limit,
    )


async def due_news(tx: Tx, now: int, limit: int) -> list[Row]:
    """The news of accounts that are to be said now."""
    return await tx.rows(
        "SELECT id, org_id, kind, person_id, expires_at FROM outbox WHERE due_at <= :now AND expires_at > :now"
        " AND person_id IS NOT NULL ORDER BY due_at LIMIT :limit",
        now=now,
        limit=limit,
    )


async def is_queued(tx: Tx, person_id: str, kind: str) -> bool:
    """Whether news of this kind wait to be said to this person."""
    row = await tx.row(
        "SELECT 1 AS one FROM outbox WHERE person_id = :person AND kind = :kind LIMIT 1", person=person_id, kind=kind
    )
    return row is not None


async def is_due(tx: Tx, row_id: str, now: int) -> bool:
    """Whether it still is: another process may have been faster."""
    row = await tx.row("SELECT 1 AS one FROM outbox WHERE id = :id AND due_at <= :now", id=row_id, now=now)
    return row is not None


async def put_off(tx: Tx, row_id: str, *, at: int) -> None:
    """Look at it again then."""
    await tx.execute("UPDATE outbox SET due_at = :at WHERE id = :id", id=row_id, at=at)


async def take(tx: Tx, row_id: str, now: int) -> bool:
    """It is being said: the row goes, once."""
    return bool(await tx.execute("DELETE FROM outbox WHERE id = :id AND due_at <= :now", id=row_id, now=now))


async def next_due(tx: Tx, now: int) -> int | None:
    """When something has to be looked at next."""
    row = await tx.row("SELECT MIN(due_at) AS at FROM outbox WHERE expires_at > :now", now=now)
    return None if row is None else row["at"]


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
