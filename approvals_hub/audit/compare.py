"""Holds the database's logs against the checkpoints kept outside it, before the hub starts to answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from approvals_hub.audit import store, tiles
from approvals_hub.audit.checkpoint_file import CheckpointFolder
from approvals_hub.db.database import Database, Tx
from approvals_hub_client import checkpoint
from approvals_hub_client.note import NoteError, Verifier


class LogCutBack(Exception):
    """The database is not the one, or not all of the one, whose checkpoints lie outside it. The hub does not start."""


async def refuse_smaller_tree(
    db: Database, outside: CheckpointFolder, verifiers: Callable[[str], Sequence[Verifier]]
) -> None:
    """Raise LogCutBack when a log is shorter than, or differs from, what its newest outside checkpoint says.

    `verifiers` gives every key that an organisation's log ever had.
    """
    for org_id in outside.orgs():
        try:
            kept = checkpoint.verify(outside.read(org_id) or "", *verifiers(org_id))
        except (NoteError, UnicodeDecodeError) as error:
            raise LogCutBack(f"the checkpoint of {org_id} outside the database cannot be read: {error}") from None

        async def read(
            tx: Tx, org_id: str = org_id, size: int = kept.size
        ) -> tuple[store.Head, dict[tuple[int, int], bytes]]:
            return await store.head(tx, org_id), await store.tiles(tx, org_id, tiles.edge(size))

        head, stored = await db.read(read, org=org_id)
        if head.size < kept.size:
            raise LogCutBack(
                f"the log of {org_id} has {head.size} sealed entries, but {kept.size} were signed: the database is an "
                "older copy or was cut. If it was restored on purpose, run: approvals-hub db restore"
            )
        try:
            same = tiles.root(kept.size, stored) == kept.root
        except ValueError:
            same = False
        if not same:
            raise LogCutBack(f"the log of {org_id} differs from its signed checkpoint of {kept.size} entries")
