"""A large audit log: reading its rows, exporting it, verifying the export offline; rates and peak memory.

`python -m tests.load.auditing FOLDER COUNT STEP` runs one step in a process of its own, so that its peak is its own.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from approvals_hub.audit import store
from approvals_hub.audit.checkpoint_file import CheckpointFolder
from approvals_hub.audit.entry import Chain
from approvals_hub.audit.event import Event
from approvals_hub.audit.export import Export
from approvals_hub.audit.filter import EVERYTHING
from approvals_hub.audit.record import Recorder
from approvals_hub.audit.seal import Sealer
from approvals_hub.audit.verify import verify
from approvals_hub.core.clock import system_clock
from approvals_hub.db.database import Tx
from approvals_hub.db.sqlite import SqliteDatabase
from approvals_hub.db.sqlite_schema import migrate_sqlite
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.note import Signer, Verifier

ORG = "org_bench"
KEY = Ed25519SigningKey(bytes(range(32)))
SIGNER = Signer(Verifier(f"hub.example.com/{ORG}", KEY.public.raw), KEY.sign)
UNIT = 200
PAGE = 1024


def measure(count: int) -> dict[str, float]:
    """Events a second of each step, and its peak memory beside that at three tenths of the events.

    SQLite's cache has a bound, which some 200,000 events fill: only beyond it can memory be flat.
    """
    with tempfile.TemporaryDirectory() as large, tempfile.TemporaryDirectory() as small:
        found = {step: _step(large, count, step) for step in ("build", "read", "export", "verify")}
        fewer = {step: _step(small, count * 3 // 10, step) for step in ("build", "export", "verify")}
    return {
        "read": found["read"]["rate"],
        "export": found["export"]["rate"],
        "verify": found["verify"]["rate"],
        "peak_mib": max(found[step]["peak_mib"] for step in ("export", "verify")),
        "small_mib": max(fewer[step]["peak_mib"] for step in ("export", "verify")),
    }


def _step(folder: str, count: int, step: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.load.auditing", folder, str(count), step]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=Path(__file__).resolve().parents[2])
    return dict(json.loads(done.stdout))


async def build(folder: Path, count: int) -> None:
    """Record and seal `count` events like those of a decision."""
    path = folder / "hub.db"
    await migrate_sqlite(path)
    db = await SqliteDatabase.open(path)
    recorder, clock = Recorder(mac_key=bytes(32)), system_clock()
    sealer = Sealer(db, clock, Chain(bytes(32)), lambda _: SIGNER, CheckpointFolder(folder / "outside"))

    def event(number: int) -> Event:
        return Event(
            kind="decision.recorded",
            org_id=ORG,
            at=clock.now(),
            actor_type="person",
            actor_id="per_0123456789abcdef0123456789",
            agent_id="agt_0123456789abcdef0123456789",
            escalation_id=f"esc_{number:026d}",
            action_id=f"action-{number}",
            action_type="database.drop_table",
            decision="approve",
            signature_valid=True,
            detail={"statement_hash": "sha256:" + "ab" * 32, "action_hash": "sha256:" + "cd" * 32},
        )

    for start in range(0, count, UNIT):

        async def work(tx: Tx, start: int = start) -> None:
            for number in range(start, min(start + UNIT, count)):
                await recorder.record(tx, event(number))

        await db.run(work)
        if start % (UNIT * 5) == 0:
            await sealer.seal(ORG)
    while await sealer.seal(ORG):
        pass
    await db.close()


async def read(folder: Path, count: int) -> None:
    """The rows in pages, with nothing done."""
    db = await SqliteDatabase.open(folder / "hub.db")
    for start in range(0, count, PAGE):

        async def work(tx: Tx, start: int = start) -> list[tuple[int, bytes]]:
            return await store.page(tx, ORG, EVERYTHING, start, start + PAGE, PAGE)

        await db.read(work)
    await db.close()


async def export(folder: Path, count: int) -> None:
    """All of it as JSON Lines."""
    db = await SqliteDatabase.open(folder / "hub.db")
    with (folder / "audit.jsonl").open("wb") as file:
        async for piece in Export(db, system_clock(), lambda _: SIGNER, lambda _: [SIGNER.verifier]).lines(ORG):
            file.write(piece)
    await db.close()


async def check(folder: Path, count: int) -> None:
    """Offline."""
    with (folder / "audit.jsonl").open("rb") as file:
        report = verify(file, keys=[str(SIGNER.verifier)])
    assert report.ok
    assert report.entries == count


STEPS: dict[str, Any] = {"build": build, "read": read, "export": export, "verify": check}


def main() -> None:
    folder, count, step = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    started = perf_counter()
    asyncio.run(STEPS[step](folder, count))
    took = perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rate": count / took, "peak_mib": peak}))


if __name__ == "__main__":
    main()
