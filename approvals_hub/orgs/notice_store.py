"""SQL of notices: the lines that owners and admins must know, and how far each of them has read."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx


async def add(tx: Tx, *, notice_id: str, org_id: str, kind: str, subject_id: str, by_id: str | None, at: int) -> None:
    """Put a line into the admins' inbox."""
    await tx.execute(
        "INSERT INTO notices (id, org_id, kind, subject_id, by_id, at) VALUES (:id, :org, :kind, :subject, :by, :at)",
        id=notice_id,
        org=org_id,
        kind=kind,
        subject=subject_id,
        by=by_id,
        at=at,
    )


async def newest(tx: Tx, org_id: str, limit: int, *, reader_id: str, before: str | None = None) -> list[Row]:
    """The admins' inbox before a line, newest first: with names where ids are those of people, agents or devices (a
    signal and a mode are called by themselves), and whether this reader has yet to read it. The order is that of what
    was read: unread lines stand before the others."""
    return await tx.rows(
        "SELECT n.id, n.kind, n.subject_id, n.by_id, n.at, n.closed_at, COALESCE(b.name, m.name) AS by_name,"
        " CASE WHEN n.kind IN ('channel_refused', 'signal_set', 'signal_cleared', 'mode_changed') THEN n.subject_id"
        " ELSE COALESCE(s.name, a.name, o.name) END AS subject_name,"
        " CASE WHEN r.notice_id IS NULL OR n.id > r.notice_id THEN 1 ELSE 0 END AS unread"
        " FROM notices n LEFT JOIN people s ON s.id = n.subject_id LEFT JOIN agents a ON a.id = n.subject_id"
        " LEFT JOIN devices d ON d.id = n.subject_id LEFT JOIN people o ON o.id = d.person_id"
        " LEFT JOIN people b ON b.id = n.by_id LEFT JOIN agents m ON m.id = n.by_id AND m.org_id = n.org_id"
        " LEFT JOIN notice_reads r ON r.org_id = n.org_id AND r.person_id = :reader"
        " WHERE n.org_id = :org AND (CAST(:before AS TEXT) IS NULL OR n.id < :before) ORDER BY n.id DESC LIMIT :limit",
        org=org_id,
        before=before,
        reader=reader_id,
        limit=limit,
    )


async def exists_since(tx: Tx, org_id: str, kind: str, subject_id: str, since: int) -> bool:
    """Whether there is such a line about the same from then on."""
    row = await tx.row(
        "SELECT id FROM notices WHERE org_id = :org AND kind = :kind AND subject_id = :subject AND at >= :since"
        " LIMIT 1",
        org=org_id,
        kind=kind,
        subject=subject_id,
        since=since,
    )
    return row is not None


async def find(tx: Tx, org_id: str, notice_id: str) -> Row | None:
    """One line."""
    return await tx.row("SELECT id FROM notices WHERE org_id = :org AND id = :id", org=org_id, id=notice_id)


async def read_up_to(tx: Tx, org_id: str, person_id: str, notice_id: str, at: int) -> None:
    """This person has read this line and those before; never back."""
    await tx.execute(
        "INSERT INTO notice_reads (org_id, person_id, notice_id, at) VALUES (:org, :person, :notice, :at)"
        " ON CONFLICT (org_id, person_id) DO UPDATE SET notice_id = excluded.notice_id, at = excluded.at"
        " WHERE notice_reads.notice_id < excluded.notice_id",
        org=org_id,
        person=person_id,
        notice=notice_id,
        at=at,
    )
