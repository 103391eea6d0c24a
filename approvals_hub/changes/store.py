"""SQL of break-glass."""

from __future__ import annotations

from approvals_hub.changes.break_glass import COLUMNS, BreakGlass, of
from approvals_hub.db.database import Tx


async def add(tx: Tx, **columns: object) -> None:
    """Store one that a first person asks for. A second live one for a recovery is an integrity error."""
    await tx.execute(
        "INSERT INTO break_glass (id, org_id, recovery_id, state, reason, asked_by, asked_at, expires_at)"
        " VALUES (:id, :org_id, :recovery_id, 'asked', :reason, :asked_by, :asked_at, :expires_at)",
        **columns,
    )


async def find(tx: Tx, glass_id: str) -> BreakGlass | None:
    """One."""
    row = await tx.row(f"SELECT {COLUMNS} FROM break_glass WHERE id = :id", id=glass_id)
    return None if row is None else of(row)


async def live_of_recovery(tx: Tx, recovery_id: str) -> BreakGlass | None:
    """The one about a recovery."""
    row = await tx.row(
        f"SELECT {COLUMNS} FROM break_glass WHERE recovery_id = :recovery AND state IN ('asked', 'open')",
        recovery=recovery_id,
    )
    return None if row is None else of(row)


async def of_org(tx: Tx, org_id: str, limit: int) -> list[BreakGlass]:
    """An organisation's, newest first."""
    rows = await tx.rows(
        f"SELECT {COLUMNS} FROM break_glass WHERE org_id = :org ORDER BY id DESC LIMIT :limit", org=org_id, limit=limit
    )
    return [of(row) for row in rows]


async def sealed_reason(tx: Tx, glass_id: str) -> bytes:
    """Why it was asked for, sealed."""
    row = await tx.row("SELECT reason FROM break_glass WHERE id = :id", id=glass_id)
    assert row is not None
    return bytes(row["reason"])


async def join(tx: Tx, glass_id: str, *, by: str, at: int) -> BreakGlass | None:
    """The second person's word; None where it is too late, where it was given, or where it is the first one's again."""
    row = await tx.row(
        "UPDATE break_glass SET state = 'open', joined_by = :by, joined_at = :at"
        f" WHERE id = :id AND state = 'asked' AND asked_by <> :by AND expires_at > :at RETURNING {COLUMNS}",
        id=glass_id,
        by=by,
        at=at,
    )
    return None if row is None else of(row)


async def end(tx: Tx, glass_id: str, *, state: str, cause: str | None, by: str, at: int) -> BreakGlass | None:
    """End a live one, once."""
    row = await tx.row(
        "UPDATE break_glass SET state = :state, cause = :cause, ended_by = :by, ended_at = :at"
        f" WHERE id = :id AND state IN ('asked', 'open') RETURNING {COLUMNS}",
        id=glass_id,
        state=state,
        cause=cause,
        by=by,
        at=at,
    )
    return None if row is None else of(row)


async def overdue(tx: Tx, now: int, limit: int) -> list[BreakGlass]:
    """Those whose time is over and that nobody has ended yet."""
    rows = await tx.rows(
        f"SELECT {COLUMNS} FROM break_glass WHERE state IN ('asked', 'open') AND expires_at <= :now"
        " ORDER BY id LIMIT :limit",
        now=now,
        limit=limit,
    )
    return [of(row) for row in rows]
