"""Fills a hub's database with past escalations: copies of a real, finished one, each with ids of its own."""

from __future__ import annotations

import sqlite3
from pathlib import Path

BATCH = 20_000
COPIED = ("escalations", "decisions", "redemptions")
OWN = {
    # What must differ from copy to copy, as an SQL expression of the copy's number.
    "escalations": {"id": "'esc_0' || printf('%025d', n)", "jti": "'jti_0' || printf('%025d', n)"},
    "decisions": {
        "id": "'dec_0' || printf('%025d', n)",
        "escalation_id": "'esc_0' || printf('%025d', n)",
        "nonce": "CAST(printf('%056d', n) AS BLOB)",
    },
    "redemptions": {"jti": "'jti_0' || printf('%025d', n)", "escalation_id": "'esc_0' || printf('%025d', n)"},
}


def fill(path: Path, count: int) -> None:
    """Copy one redeemed escalation with its decision and redemption `count` times. The hub must not run."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous=OFF")
    name, jti = db.execute("SELECT id, jti FROM escalations WHERE token_state = 'redeemed' LIMIT 1").fetchone()
    for table in COPIED:
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        chosen = ", ".join(OWN[table].get(column, column) for column in columns)
        key, value = ("jti", jti) if table == "redemptions" else ("escalation_id", name)
        key, value = ("id", name) if table == "escalations" else (key, value)
        for start in range(0, count, BATCH):
            last = min(start + BATCH, count) - 1
            db.execute("BEGIN")
            db.execute(
                f"WITH RECURSIVE numbers(n) AS (SELECT ? UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)"
                f" INSERT INTO {table} ({', '.join(columns)}) SELECT {chosen} FROM numbers, {table} WHERE {key} = ?",
                (start, last, value),
            )
            db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
