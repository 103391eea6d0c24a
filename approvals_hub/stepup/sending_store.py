"""SQL of how many codes may still be sent."""

from __future__ import annotations

from approvals_hub.db.database import Tx


async def take(tx: Tx, bucket_id: str, *, each: int, span: int, at: int) -> bool:
    """Take one from a bucket that has one; one that is not there is full. Its row is held from then on."""
    row = await tx.row(
        "INSERT INTO sending_allowances (id, full_at) VALUES (:id, :fresh) ON CONFLICT (id) DO UPDATE SET full_at ="
        " (CASE WHEN sending_allowances.full_at > :at THEN sending_allowances.full_at ELSE :at END) + :each"
        " WHERE sending_allowances.full_at <= :latest RETURNING full_at",
        id=bucket_id,
        fresh=at + each,
        at=at,
        each=each,
        latest=at + span,
    )
    return row is not None


async def give_back(tx: Tx, bucket_id: str, *, each: int) -> None:
    """Put one back."""
    await tx.execute("UPDATE sending_allowances SET full_at = full_at - :each WHERE id = :id", id=bucket_id, each=each)


async def full_at(tx: Tx, bucket_id: str) -> int:
    """When a bucket is full again, in milliseconds; 0 for one that is."""
    row = await tx.row("SELECT full_at FROM sending_allowances WHERE id = :id", id=bucket_id)
    return 0 if row is None else int(row["full_at"])


async def forget_full(tx: Tx, *, now: int, limit: int) -> int:
    """Drop buckets that are full again; returns how many."""
    return await tx.execute(
        "DELETE FROM sending_allowances WHERE id IN"
        " (SELECT id FROM sending_allowances WHERE full_at < :now LIMIT :limit) AND full_at < :now",
        now=now,
        limit=limit,
    )
