"""Migrations: numbered SQL files in one dialect, and what each engine makes of them.

Column types are TEXT, INTEGER, REAL and BLOB. What only one engine understands stands between `-- postgres only` or
`-- sqlite only` and `-- end`. An applied file never changes again: its SHA-256 is kept in the database.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

FOLDER = Path(__file__).with_name("migrations")
"""The hub's own migrations."""

Engine = Literal["sqlite", "postgres"]

APPLIED_TABLE = (
    "CREATE TABLE IF NOT EXISTS schema_migrations"
    " (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL)"
)

_FILE = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_ONLY = re.compile(r"--\s*(postgres|sqlite) only\s*")
_END = re.compile(r"--\s*end\s*")
_PART = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_TABLE_END = re.compile(r"\)\s*(WITHOUT\s+ROWID)?\s*;?\s*$", re.IGNORECASE)
_TYPE = re.compile(r"(?<!AS )\b(TEXT|INTEGER|REAL|BLOB)\b|(?<=AS )(INTEGER|REAL|BLOB)\b", re.IGNORECASE)
# C: text sorts and compares by its bytes, as on SQLite, whatever the server's locale is.
_POSTGRES_TYPES = {"TEXT": 'TEXT COLLATE "C"', "INTEGER": "BIGINT", "REAL": "DOUBLE PRECISION", "BLOB": "BYTEA"}


class MigrationRefused(Exception):
    """The database and these files do not belong together; nothing was changed. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file."""

    name: str
    text: str
    sha256: str

    def statements(self, engine: Engine) -> list[str]:
        """The file's statements in the engine's own dialect. Raises ValueError when one has no end."""
        translate = _for_sqlite if engine == "sqlite" else _for_postgres
        return [translate(statement) for statement in _split(_lines_for(self.text, engine))]


def migrations_in(folder: Path) -> list[Migration]:
    """The files of a folder, in order. Raises ValueError when the numbers are not 0001, 0002, … without a gap."""
    return list(_of_the_hub()) if folder == FOLDER else _read(folder)


@cache
def _of_the_hub() -> tuple[Migration, ...]:
    # They are part of the program, which is read once as well.
    return tuple(_read(FOLDER))


def _read(folder: Path) -> list[Migration]:
    found = []
    for number, path in enumerate(sorted(folder.glob("*.sql")), 1):
        match = _FILE.fullmatch(path.name)
        if match is None or int(match[1]) != number:
            raise ValueError(f"{path.name} should be number {number:04d} and named like 0001_words.sql")
        raw = path.read_bytes()
        found.append(Migration(path.name, raw.decode(), hashlib.sha256(raw).hexdigest()))
    return found


def pending(migrations: list[Migration], applied: Mapping[str, str]) -> list[Migration]:
    """Which of the files are still to be run, where `applied` maps a file's name to its SHA-256.

    Raises MigrationRefused for a file that was changed after it was applied, for a database that is newer than this
    code, and for one that lacks a file from the middle.
    """
    known = {migration.name for migration in migrations}
    unknown = sorted(applied.keys() - known)
    if unknown:
        raise newer_than_code(unknown[-1])
    for migration in migrations:
        if applied.get(migration.name, migration.sha256) != migration.sha256:
            raise MigrationRefused(
                f"{migration.name} was changed after it was applied; install the released file again"
            )
    todo = [migration for migration in migrations if migration.name not in applied]
    if todo and applied and todo[0].name < max(applied):
        raise MigrationRefused(f"the database has later migrations but lacks {todo[0].name}; restore a backup")
    return todo


def newer_than_code(name: str) -> MigrationRefused:
    """The refusal of a database that has a file which this code does not."""
    return MigrationRefused(f"the database is newer than this code: it has {name}; upgrade the hub")


def _lines_for(text: str, engine: Engine) -> str:
    lines: list[str] = []
    only: str | None = None
    for line in text.splitlines():
        if match := _ONLY.fullmatch(line.strip()):
            if only is not None:
                raise ValueError("one `only` inside another")
            only = match[1]
        elif _END.fullmatch(line.strip()):
            if only is None:
                raise ValueError("`-- end` without a beginning")
            only = None
        elif only is None or only == engine:
            lines.append(line)
    if only is not None:
        raise ValueError(f"`-- {only} only` without an end")
    return "\n".join(lines)


def _split(text: str) -> list[str]:
    statements: list[str] = []
    buffer = ""
    for piece in _without_comments(text).splitlines(keepends=True):
        buffer += piece
        if sqlite3.complete_statement(buffer):
            statements.append(buffer.strip())
            buffer = ""
    if buffer.strip():
        raise ValueError(f"a statement without an end: {buffer.strip()[:80]}")
    return statements


def _without_comments(text: str) -> str:
    return _PART.sub(lambda part: " " if part[0].startswith(("--", "/*")) else part[0], text)


def _for_sqlite(statement: str) -> str:
    if not re.match(r"CREATE\s+TABLE\b", statement, re.IGNORECASE):
        return statement
    return _TABLE_END.sub(lambda end: f") {'WITHOUT ROWID, ' if end[1] else ''}STRICT;", statement)


def _for_postgres(statement: str) -> str:
    if not re.match(r"(CREATE|ALTER)\s+TABLE\b", statement, re.IGNORECASE):
        return statement
    parts: list[str] = []
    end = 0
    for quoted in _PART.finditer(statement):
        parts.append(_typed(statement[end : quoted.start()]))
        parts.append(quoted[0])
        end = quoted.end()
    parts.append(_typed(statement[end:]))
    return _TABLE_END.sub(");", "".join(parts))


def _typed(text: str) -> str:
    return _TYPE.sub(lambda found: _POSTGRES_TYPES[found[0].upper()], text)
