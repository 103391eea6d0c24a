"""SQL of attempts to sign in with an identity provider."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.stepup.sign_in_attempt import COLUMNS, Attempt, of


async def add(
    tx: Tx,
    *,
    attempt_id: str,
    secret_hash: bytes,
    method: str,
    wanted_org: str | None,
    source: str,
    began_at: int,
    expires_at: int,
) -> None:
    """Store one that begins; of its secret only the hash."""
    await tx.execute(
        "INSERT INTO sign_ins"
        " (id, secret_hash, method, wanted_org, state, version, tries, source, began_at, expires_at)"
        " VALUES (:id, :secret, :method, :org, 'beginning', 1, 0, :source, :began, :expires)",
        id=attempt_id,
        secret=secret_hash,
        method=method,
        org=wanted_org,
        source=source,
        began=began_at,
        expires=expires_at,
    )


async def find(tx: Tx, attempt_id: str) -> Attempt | None:
    """One attempt."""
    row = await tx.row(f"SELECT {COLUMNS} FROM sign_ins WHERE id = :id", id=attempt_id)
    return None if row is None else of(row)


async def begun_since(tx: Tx, since: int, *, source: str | None, limit: int) -> int:
    """How many began since then, from this address or in all, counted up to `limit`."""
    rows = await tx.rows(
        "SELECT id FROM sign_ins WHERE began_at > :since AND source = :source LIMIT :limit"
        if source is not None
        else "SELECT id FROM sign_ins WHERE began_at > :since LIMIT :limit",
        since=since,
        limit=limit,
        **({} if source is None else {"source": source}),
    )
    return len(rows)


async def keep(
    tx: Tx, attempt_id: str, *, version: int, state: str, sealed: bytes, collect_at: int | None, expires_at: int
) -> Attempt | None:
    """What is remembered now; None where somebody else moved the attempt on meanwhile."""
    row = await tx.row(
        "UPDATE sign_ins SET state = :state, version = version + 1, sealed = :sealed, collect_at = :collect,"
        " expires_at = :expires WHERE id = :id AND version = :version AND state IN ('beginning', 'running')"
        f" RETURNING {COLUMNS}",
        id=attempt_id,
        version=version,
        state=state,
        sealed=sealed,
        collect=collect_at,
        expires=expires_at,
    )
    return None if row is None else of(row)


async def reserve_try(tx: Tx, attempt_id: str, *, most: int, now: int, leased_until: int) -> Attempt | None:
    """Count an answer before it is looked at, so that many at once are no more than a few.

    The collector keeps away from it until `leased_until`: some providers tell the end of an order once.
    """
    row = await tx.row(
        "UPDATE sign_ins SET tries = tries + 1, collect_at = CASE WHEN collect_at IS NULL THEN NULL"
        " ELSE CAST(:leased AS INTEGER) END WHERE id = :id AND state = 'running' AND tries < :most"
        f" AND expires_at > :now RETURNING {COLUMNS}",
        id=attempt_id,
        most=most,
        leased=leased_until,
        now=now,
    )
    return None if row is None else of(row)


async def finish(tx: Tx, attempt_id: str, *, state: str) -> Attempt | None:
    """It signed somebody in, or it ended; once. What was remembered is gone."""
    row = await tx.row(
        "UPDATE sign_ins SET state = :state, version = version + 1, sealed = NULL, collect_at = NULL"
        f" WHERE id = :id AND state IN ('beginning', 'running', 'proven') RETURNING {COLUMNS}",
        id=attempt_id,
        state=state,
    )
    return None if row is None else of(row)


async def any_due(tx: Tx, now: int) -> bool:
    """Whether a provider is to be asked, or something has to be ended."""
    row = await tx.row(
        "SELECT 1 AS one FROM sign_ins WHERE collect_at IS NOT NULL AND collect_at <= :now"
        " UNION ALL SELECT 1 AS one FROM sign_ins WHERE expires_at <= :now LIMIT 1",
        now=now,
    )
    return row is not None


async def claim_due(tx: Tx, *, now: int, until: int, limit: int) -> list[Attempt]:
    """Attempts whose provider is to be asked now; nobody else asks before `until`."""
    rows = await tx.rows(
        "UPDATE sign_ins SET collect_at = :until WHERE id IN (SELECT id FROM sign_ins WHERE collect_at IS NOT NULL"
        f" AND collect_at <= :now ORDER BY collect_at LIMIT :limit) AND collect_at <= :now RETURNING {COLUMNS}",
        now=now,
        until=until,
        limit=limit,
    )
    return [of(row) for row in rows]


async def collect_later(tx: Tx, attempt_id: str, *, at: int) -> None:
    """The provider could not be asked: again then."""
    await tx.execute(
        "UPDATE sign_ins SET collect_at = :at WHERE id = :id AND collect_at IS NOT NULL", id=attempt_id, at=at
    )


async def drop_overdue(tx: Tx, *, now: int, limit: int) -> list[Attempt]:
    """Drop what nobody finished and what ended, once its time is over; these were going on."""
    rows = await tx.rows(
        "DELETE FROM sign_ins WHERE id IN (SELECT id FROM sign_ins WHERE expires_at <= :now LIMIT :limit)"
        f" RETURNING {COLUMNS}",
        now=now,
        limit=limit,
    )
    return [attempt for row in rows if (attempt := of(row)).state == "running"]
