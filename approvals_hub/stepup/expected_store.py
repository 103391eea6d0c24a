"""SQL of expected factors: whose eID a person's must be, as somebody of an organisation said beforehand."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx

LINKED = "linked"
DECLINED = "declined"
REPLACED = "replaced"
"""Why one is no longer waited for; one whose time is over has no cause."""

_COLUMNS = "id, org_id, person_id, method, subject_hash, created_at, created_by, expires_at, ended_at"


async def add(
    tx: Tx,
    *,
    expected_id: str,
    org_id: str,
    person_id: str,
    method: str,
    subject_hash: bytes,
    at: int,
    by: str,
    expires_at: int,
) -> None:
    """Store one in place of the one that waited."""
    await tx.execute(
        "UPDATE expected_factors SET ended_at = :at, cause = :cause"
        " WHERE org_id = :org AND person_id = :person AND method = :method AND ended_at IS NULL",
        org=org_id,
        person=person_id,
        method=method,
        at=at,
        cause=REPLACED,
    )
    await tx.execute(
        "INSERT INTO expected_factors (id, org_id, person_id, method, subject_hash, created_at, created_by, expires_at)"
        " VALUES (:id, :org, :person, :method, :subject, :at, :by, :expires)",
        id=expected_id,
        org=org_id,
        person=person_id,
        method=method,
        subject=subject_hash,
        at=at,
        by=by,
        expires=expires_at,
    )


async def waiting(tx: Tx, org_id: str, person_id: str, method: str, now: int) -> Row | None:
    """The one that this organisation waits for."""
    return await tx.row(
        f"SELECT {_COLUMNS} FROM expected_factors WHERE org_id = :org AND person_id = :person AND method = :method"
        " AND ended_at IS NULL AND expires_at > :now",
        org=org_id,
        person=person_id,
        method=method,
        now=now,
    )


async def other_is_waited_for(tx: Tx, org_id: str, person_id: str, method: str, now: int) -> bool:
    """Whether this organisation waits for another eID than the one that the person linked, signed in elsewhere."""
    row = await tx.row(
        "SELECT 1 AS one FROM expected_factors e JOIN factors f ON f.person_id = e.person_id AND f.method = e.method"
        " AND f.removed_at IS NULL WHERE e.org_id = :org AND e.person_id = :person AND e.method = :method"
        " AND e.ended_at IS NULL AND e.expires_at > :now"
        " AND (f.subject_hash IS NULL OR f.subject_hash <> e.subject_hash)",
        org=org_id,
        person=person_id,
        method=method,
        now=now,
    )
    return row is not None


async def brought_elsewhere(tx: Tx, now: int, limit: int) -> list[Row]:
    """Those that are waited for, of any organisation, whose person has linked an eID of that kind signed in to another
    one: whether it is the expected one (`same`)."""
    return await tx.rows(
        "SELECT e.id, e.org_id, e.person_id, e.method, e.created_at,"
        " CASE WHEN f.subject_hash = e.subject_hash THEN 1 ELSE 0 END AS same FROM expected_factors e"
        " JOIN factors f ON f.person_id = e.person_id AND f.method = e.method AND f.removed_at IS NULL"
        " WHERE e.ended_at IS NULL AND e.expires_at > :now ORDER BY e.id LIMIT :limit",
        now=now,
        limit=limit,
    )


async def of_person(tx: Tx, org_id: str, person_id: str, now: int) -> list[Row]:
    """Those that this organisation waits for, with the name of who said so (None for the operator), oldest first."""
    return await tx.rows(
        "SELECT e.id, e.method, e.created_at, e.expires_at, p.name AS by_name FROM expected_factors e"
        " LEFT JOIN people p ON p.id = e.created_by"
        " WHERE e.org_id = :org AND e.person_id = :person AND e.ended_at IS NULL AND e.expires_at > :now ORDER BY e.id",
        org=org_id,
        person=person_id,
        now=now,
    )


async def of_org(tx: Tx, org_id: str, limit: int) -> list[Row]:
    """Those of an organisation, ended ones too, newest first: whose, who said so (None: the operator), how it ended."""
    return await tx.rows(
        "SELECT e.id, e.person_id, p.name, e.method, e.created_at, e.expires_at, e.ended_at, e.cause, b.name AS by_name"
        " FROM expected_factors e JOIN people p ON p.id = e.person_id LEFT JOIN people b ON b.id = e.created_by"
        " WHERE e.org_id = :org ORDER BY e.id DESC LIMIT :limit",
        org=org_id,
        limit=limit,
    )


async def find(tx: Tx, expected_id: str) -> Row | None:
    """One, an ended one too."""
    return await tx.row(f"SELECT {_COLUMNS} FROM expected_factors WHERE id = :id", id=expected_id)


async def end(tx: Tx, expected_id: str, *, cause: str, at: int) -> bool:
    """It is waited for no longer; once."""
    return bool(
        await tx.execute(
            "UPDATE expected_factors SET ended_at = :at, cause = :cause WHERE id = :id AND ended_at IS NULL",
            id=expected_id,
            cause=cause,
            at=at,
        )
    )


async def forget_expired(tx: Tx, *, before: int, limit: int) -> int:
    """Drop those whose time was over by then; returns how many."""
    return await tx.execute(
        "DELETE FROM expected_factors WHERE id IN (SELECT id FROM expected_factors WHERE expires_at < :before"
        " LIMIT :limit)",
        before=before,
        limit=limit,
    )
