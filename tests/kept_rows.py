"""What a database holds, put into another: a copy costs a tenth of what it takes to come about."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tests.postgres_server import put_rows, rows_as_sql


@dataclass(frozen=True)
class KeptRows:
    """All rows of one database, and the file of the keys that seal some of them."""

    rows: bytes | str
    """A SQLite file, or statements for PostgreSQL."""
    keys: bytes

    @classmethod
    async def of(cls, database: Path | str, key_file: Path) -> KeptRows:
        """What is there now; nobody has the database open."""
        rows = database.read_bytes() if isinstance(database, Path) else await rows_as_sql(database)
        return cls(rows, key_file.read_bytes())

    async def put(self, database: Path | str, key_file: Path) -> None:
        """Into a fresh database of the same engine, and a key file that is not there yet."""
        if isinstance(database, Path):
            assert isinstance(self.rows, bytes)
            database.write_bytes(self.rows)
        else:
            assert isinstance(self.rows, str)
            await put_rows(database, self.rows)
        with os.fdopen(os.open(key_file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(self.keys)
