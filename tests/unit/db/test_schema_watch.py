"""A process notices that its database has become newer than its code."""

from __future__ import annotations

from approvals_hub.db.database import Database, Tx
from approvals_hub.db.migrate import FOLDER, migrations_in
from approvals_hub.db.schema_watch import SchemaWatch


async def test_a_schema_that_became_newer_is_refused_with_its_name_and_what_to_do(database: Database) -> None:
    watch = SchemaWatch(database)
    assert watch.newest == migrations_in(FOLDER)[-1].name
    assert await watch.refusal() is None

    async def work(tx: Tx) -> None:
        await tx.execute("INSERT INTO schema_migrations (name, sha256, applied_at) VALUES ('9999_next.sql', '', 0)")

    await database.run(work)
    assert str(await watch.refusal()) == "the database is newer than this code: it has 9999_next.sql; upgrade the hub"
