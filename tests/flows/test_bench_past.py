"""What the bench puts into a database as its past: whole loops, and a log that goes on and verifies."""

from __future__ import annotations

import asyncio
import io
import sqlite3
from pathlib import Path

from approvals_hub.app import OpenHub, Place
from approvals_hub.audit.report import Report
from approvals_hub.audit.verify import verify
from approvals_hub.people.acting import OperatorCredential
from tests.load import filling, processes
from tests.load.load import one_loop, run_many

PAST = 30


def test_past_loops_leave_rows_everywhere_and_a_log_that_verifies_and_goes_on(tmp_path: Path) -> None:
    with processes.hub(tmp_path, agents=1) as (actors, _):
        asyncio.run(run_many(1, 1, lambda connection, _: one_loop(actors, connection), actors.port))
    filling.fill(tmp_path, PAST)
    counts = counted(tmp_path / "hub.db")
    assert {table: counts[table] for table in filling.FOUND if table != "request_nonces"} == dict.fromkeys(
        set(filling.FOUND) - {"request_nonces"}, PAST + 1
    )
    assert counts["tellings"] == counts["delivery_attempts"] == PAST
    assert counts["request_nonces"] > 2 * PAST
    report = asyncio.run(exported(tmp_path, actors.org_id))
    assert report.ok
    assert report.entries > 5 * (PAST + 1)
    assert report.checkpoints > PAST


def counted(path: Path) -> dict[str, int]:
    """Rows of each table that a loop writes."""
    db = sqlite3.connect(path)
    tables = [*filling.FOUND, "tellings", "delivery_attempts"]
    found = {table: db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in tables}
    db.close()
    return found


async def exported(folder: Path, org_id: str) -> Report:
    """What the verification of the whole log says, with an entry that was sealed on top of the past."""
    place = Place(
        public_url="http://localhost",
        key_file=folder / "kek",
        checkpoints=folder / "checkpoints",
        database=f"sqlite:{folder / 'hub.db'}",
    )
    file = io.BytesIO()
    async with OpenHub(place) as hub:
        await hub.invite_agent(OperatorCredential(org_id), org_id, name="another")
        while await hub.sealer.seal_all():
            pass
        async for piece in hub.read_audit.export.lines(org_id):
            file.write(piece)
    file.seek(0)
    return verify(file)
