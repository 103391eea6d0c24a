"""Puts a copy in the place of the database, so that nothing which the copy does not know can be used twice.

The copy is checked, migrated and made the start of a new epoch beside the database, and takes its place in one step.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from approvals_hub.app import OpenHub, Place
from approvals_hub.audit import store as audit
from approvals_hub.audit.checkpoint_file import CheckpointFolder
from approvals_hub.audit.event import Event
from approvals_hub.cli.failures import Failed
from approvals_hub.cli.opening import locked, opened, place_of
from approvals_hub.cli.output import Problem
from approvals_hub.cli.place import make_folder, require_hub, sqlite_file
from approvals_hub.config import Settings
from approvals_hub.core.sealing import read_key_file, write_key_file
from approvals_hub.db.backup import WITHOUT_SIGNING_KEYS, copy, problems_of
from approvals_hub.db.database import Tx
from approvals_hub.hub import Hub
from approvals_hub.keys import store as keys
from approvals_hub.keys.epoch import start_epoch_in
from approvals_hub.keys.rotate import HUB_LOG
from approvals_hub.people import store as people


async def restore_hub(settings: Settings, file: Path | None) -> dict[str, Any]:
    """Restore `file`, or declare the present database restored where it is None.

    Answers `epoch`, `restored` (the file), `kept` (where the database of before is) and `lost`: by organisation, how
    many signed entries the copy lacks. Raises Failed for a file that is no sound copy; then nothing has changed.
    """
    path = sqlite_file(settings)
    if file is not None and path is None:
        raise _refused(
            "this hub's data is in PostgreSQL", "Restore it with pg_restore, then run: approvals-hub db restore"
        )
    if file is not None:
        make_folder(settings)
        _check_file(file)
        _take_key_file(settings, file)
    require_hub(settings)
    async with locked(settings, patience=2.0):
        kept = None
        if file is None or path is None:
            done = await _begin_epoch(place_of(settings), settings, in_place=True)
        else:
            beside = await asyncio.to_thread(_copy_beside, file, path)
            try:
                done = await _begin_epoch(
                    replace(place_of(settings), database=f"sqlite:{beside}"), settings, in_place=False
                )
                kept = await asyncio.to_thread(_exchange, beside, path)
            finally:
                _remove(beside)
        CheckpointFolder(settings.audit.checkpoints).set_aside(done["epoch"].replace("_", "-"))
        async with opened(settings):
            pass  # makes the signing keys that the copy does not have
    return {**done, "restored": None if file is None else str(file), "kept": None if kept is None else str(kept)}


def _check_file(file: Path) -> None:
    if not file.is_file():
        raise FileNotFoundError(2, "No such file", str(file))
    wrong = problems_of(file)
    if wrong:
        raise _refused(f"{file} is no sound copy of a hub's database: {wrong[0]}", "Use another backup.")


def _take_key_file(settings: Settings, file: Path) -> None:
    """On a new computer the keys come from beside the backup, where they were asked for when it was made."""
    beside = file.with_name(file.name + ".kek")
    if settings.key_file.exists() or not beside.exists():
        return
    settings.key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_key_file(settings.key_file, read_key_file(beside))


async def _begin_epoch(place: Place, settings: Settings, *, in_place: bool) -> dict[str, Any]:
    """Open the database away from its checkpoints, which may be newer, and void what it must not keep."""
    outside = CheckpointFolder(settings.audit.checkpoints)
    with tempfile.TemporaryDirectory() as nothing:
        async with OpenHub(replace(place, checkpoints=Path(nothing))) as hub:
            lost = {org_id: count for org_id in outside.orgs() if (count := await _lost(hub, outside, org_id)) > 0}
            epoch = await _void(hub, lost, in_place=in_place)
            return {"epoch": epoch, "lost": lost}


async def _lost(hub: Hub, outside: CheckpointFolder, org_id: str) -> int:
    """How many entries were signed that this copy has not."""

    async def work(tx: Tx) -> int:
        return (await audit.head(tx, org_id)).size

    try:
        size = int((outside.read(org_id) or "").split("\n")[1])
    except (IndexError, ValueError):
        return 0
    return size - await hub.db.read(work, org=org_id)


async def _void(hub: Hub, lost: dict[str, int], *, in_place: bool) -> str:
    now = hub.clock.now()

    async def work(tx: Tx) -> str:
        epoch = await start_epoch_in(tx, now)
        if in_place:
            await keys.forget_seeds(tx)
        sessions = await people.end_every_session(tx, at=now)
        await hub.rotate_keys.recorder.record(
            tx,
            Event(
                kind="hub.restored",
                org_id=HUB_LOG,
                at=now,
                actor_type="operator",
                actor_id="operator",
                detail={"epoch": epoch.epoch_id, "lost_entries": sum(lost.values()), "ended_sessions": sessions},
            ),
        )
        return epoch.epoch_id

    return await hub.db.run(work)


def _copy_beside(file: Path, path: Path) -> Path:
    beside = path.with_name(path.name + ".restoring")
    _remove(beside)
    with closing(sqlite3.connect(file, isolation_level=None)) as source:
        # Where the copy lay, its signing keys may have been read: the hub that opens it makes new ones.
        copy(source, beside, changes=WITHOUT_SIGNING_KEYS)
    return beside


def _exchange(beside: Path, path: Path) -> Path | None:
    """Put the new file in place; whenever this is killed, one of the two is there, whole."""
    _fold(beside)
    kept = None
    if path.exists():
        _fold(path)
        kept = path.with_name(f"{path.name}.before-{beside.stat().st_mtime_ns // 1_000_000}")
        os.link(path, kept)
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return kept


def _fold(path: Path) -> None:
    """Put everything into the one file: a write-ahead log left beside another database would be read as its own."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError:
        # What is being replaced may be broken; its log goes with it.
        for ending in ("-wal", "-shm"):
            log = path.with_name(path.name + ending)
            if log.exists():
                log.replace(log.with_name(log.name + ".broken"))


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _refused(what: str, fix: str) -> Failed:
    return Failed(Problem("restore_refused", what, fix))
