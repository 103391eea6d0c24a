"""Copies of a SQLite file, and whether one is sound."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from approvals_hub.core.errors import Unavailable

WITHOUT_SIGNING_KEYS = ("UPDATE signing_keys SET sealed_seed = NULL",)
"""A copy is kept in more places than the hub: nobody may sign with it. The public halves stay, they verify the past."""


def copy(source: sqlite3.Connection, to_path: Path, *, changes: Sequence[str] = ()) -> None:
    """Write one snapshot of `source` to a new file, mode 0600, whole or not at all, on the disk when this returns.

    Writers go on meanwhile. `changes` are statements run on the copy; what they replace is nowhere in its bytes, free
    pages included. Raises FileExistsError when `to_path` is there, and Unavailable when the copy is not sound.
    """
    if to_path.exists():
        raise FileExistsError(f"{to_path} is already there")
    unfinished = to_path.with_name(to_path.name + ".part")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    target = sqlite3.connect(unfinished, isolation_level=None)
    try:
        source.backup(target)  # one step: a step sees one snapshot, and more steps would start again at every commit
        # A copy is one file: with the hub's own mode it would want a write-ahead log beside it.
        target.execute("PRAGMA journal_mode = MEMORY")
        for statement in changes:
            target.execute(statement)
        if changes:
            target.execute("VACUUM")
        wrong = problems(target)
    finally:
        target.close()
    if wrong:
        unfinished.unlink()
        raise Unavailable("copy_not_sound", f"the copy is not sound: {wrong[0]}", next_step="Check the disk.")
    _sync(unfinished)
    unfinished.rename(to_path)
    _sync(to_path.parent)


def reading(path: Path) -> sqlite3.Connection:
    """A connection that makes no file and leaves a write-ahead log that is there as it is, also when it is closed.

    An ordinary last connection folds the log into the file and removes it: whoever only looks would take away the sign
    by which the next start knows that a process was cut off.
    """
    mode = "ro" if _log_of(path).exists() else "rw"
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)


def refuse_torn(path: Path) -> None:
    """Look through a file that its last process did not close; one that was closed in good order costs nothing.

    SQLite itself looks at no page before it needs it. `quick_check` reads all of them, a second for each GiB or so.
    Raises Unavailable where the file is not sound; nothing was written then, and the next start looks again.
    """
    if not path.exists() or not _log_of(path).exists():
        return
    try:
        with closing(reading(path)) as connection:
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise Unavailable(
            "database_not_sound",
            f"{path} is not sound, and the process before did not close it: {found}",
            next_step="Check the disk, then restore a backup: approvals-hub db restore FILE",
        )


def problems(connection: sqlite3.Connection) -> list[str]:
    """What is wrong with the file, in SQLite's words; an empty list when nothing is. Reads the whole file."""
    found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    found = [] if found == ["ok"] else found
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        found.append(f"{table}: row {row} refers to a row of {parent} that is not there")
    return found


def problems_of(file: Path) -> list[str]:
    """What is wrong with a file that should be a copy of a hub's database; an empty list when nothing is."""
    with closing(sqlite3.connect(file, isolation_level=None)) as source:
        try:
            found = problems(source)
            source.execute("SELECT 1 FROM schema_migrations").fetchone()
        except sqlite3.DatabaseError as error:
            return [str(error)]
    return found


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
