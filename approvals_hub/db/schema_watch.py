"""Whether another process has brought the database to a newer schema than this code knows."""

from __future__ import annotations

from dataclasses import dataclass, field

from approvals_hub.db.database import Database, Tx
from approvals_hub.db.migrate import FOLDER, MigrationRefused, migrations_in, newer_than_code


def _known() -> str:
    return migrations_in(FOLDER)[-1].name


@dataclass(frozen=True, slots=True)
class SchemaWatch:
    """Looks, while a process works, for what would have refused its start."""

    db: Database
    newest: str = field(default_factory=_known)
    """The last migration of this code."""

    async def refusal(self) -> MigrationRefused | None:
        """What to say before this process ends, None while its schema is the database's."""

        async def work(tx: Tx) -> str:
            row = await tx.row("SELECT MAX(name) AS name FROM schema_migrations")
            return "" if row is None else str(row["name"])

        found = await self.db.read(work)
        return newer_than_code(found) if found > self.newest else None
