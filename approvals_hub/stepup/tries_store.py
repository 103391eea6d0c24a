"""SQL of wrong answers: how many there were, and how many answers are being looked at, by the hour."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sql import In


async def count_wrong(tx: Tx, source: str, hour: int) -> int:
    """Count one more wrong answer; how many there are in this hour."""
    row = await tx.row(
        "INSERT INTO wrong_answers (source, hour, count) VALUES (:source, :hour, 1)"
        " ON CONFLICT (source, hour) DO UPDATE SET count = wrong_answers.count + 1 RETURNING count",
        source=source,
        hour=hour,
    )
    assert row is not None
    return int(row["count"])


async def wrong(tx: Tx, sources: list[str], hour: int) -> dict[str, int]:
    """How many wrong answers these sources gave in this hour."""
    rows: list[Row] = await tx.rows(
        "SELECT source, count FROM wrong_answers WHERE source IN :sources AND hour = :hour",
        sources=In(sources),
        hour=hour,
    )
    return {row["source"]: int(row["count"]) for row in rows}


async def count_looking(tx: Tx, source: str, hour: int, change: int) -> int:
    """Change how many answers of a source are being looked at; how many there are now. Its row is held from then on."""
    row = await tx.row(
        "INSERT INTO wrong_answers (source, hour, count) VALUES (:source, :hour, :change)"
        " ON CONFLICT (source, hour) DO UPDATE SET count = wrong_answers.count + :change RETURNING count",
        source=source,
        hour=hour,
        change=change,
    )
    assert row is not None
    return int(row["count"])


async def forget_expired(tx: Tx, *, hour: int) -> int:
    """Drop the counts of past hours; returns how many."""
    return await tx.execute("DELETE FROM wrong_answers WHERE hour < :hour", hour=hour)
