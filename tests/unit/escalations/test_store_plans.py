"""What is asked of open questions never walks through the past ones: their plans on a database without statistics."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (
            "SELECT 1 FROM escalations WHERE agent_id = ? AND state = 'open' LIMIT 1 OFFSET 999",
            "escalations_open_agent",
        ),
        (
            "SELECT id FROM escalations WHERE agent_id = ? AND state = 'open' ORDER BY plain_hash",
            "escalations_open_agent",
        ),
        (
            "SELECT id FROM escalations WHERE agent_id = ? AND plain_hash = 'x' AND state = 'open' AND expires_at > 1",
            "escalations_open_agent",
        ),
        (
            "SELECT id FROM escalations WHERE state = 'open' AND expires_at <= ? ORDER BY expires_at LIMIT 9",
            "escalations_open",
        ),
        (
            "SELECT id FROM escalations WHERE state = 'open' AND effective_at <= ? ORDER BY effective_at, id",
            "escalations_waiting",
        ),
        (
            "UPDATE escalations SET version = 2 WHERE agent_id = ? AND token_state = 'ready'",
            "escalations_ready",
        ),
    ],
)
def test_a_statement_about_open_questions_uses_their_own_index(
    sqlite_template: Path, statement: str, index: str
) -> None:
    database = sqlite3.connect(f"file:{sqlite_template}?mode=ro", uri=True)
    plan = " ".join(str(row[3]) for row in database.execute(f"EXPLAIN QUERY PLAN {statement}", ("x",)))
    database.close()
    assert f"INDEX {index} " in plan
