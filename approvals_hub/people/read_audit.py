"""Auditors read, search and export the log of their organisation; that they did is recorded too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from approvals_hub.audit import store
from approvals_hub.audit.event import Event, Kind
from approvals_hub.audit.export import Export
from approvals_hub.audit.filter import Filter
from approvals_hub.audit.record import Recorder
from approvals_hub.audit.tiles import TILE_WIDTH
from approvals_hub.audit.tree import HASH_SIZE
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, NotFound, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import Acting, OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential

Reader = PersonCredential | OperatorCredential


@dataclass(frozen=True, slots=True)
class ReadAudit:
    """Every read of the log by a person leaves an entry in it."""

    db: Database
    export: Export
    recorder: Recorder
    clock: Clock

    async def admit(self, reader: Reader, org_id: str, kind: Kind = "audit.searched") -> Acting:
        """Let a reader in and record it. Raises Forbidden without the role, NotFound for another organisation."""
        now = self.clock.now()
        permission = Permission.EXPORT_AUDIT if kind == "audit.exported" else Permission.READ_AUDIT

        async def work(tx: Tx) -> Acting | HubError:
            who = await admit_acting_in(tx, reader, now, permission)
            if isinstance(who, HubError):
                return who
            if who.org_id != org_id:
                return NotFound(
                    "org_unknown", "there is no such organisation", next_step="Use the one you signed in to."
                )
            await self.recorder.record(
                tx,
                Event(kind=kind, org_id=org_id, at=now, actor_type=who.actor_type, actor_id=who.actor_id),
            )
            return who

        return settled(await self.db.run(work, org=org_id))

    async def lines(self, reader: Reader, org_id: str, wanted: Filter) -> AsyncIterator[bytes]:
        """The export as JSON Lines, in pieces. Ask `admit` first; this does not check again."""
        async for piece in self.export.lines(org_id, wanted):
            yield piece

    async def tile(self, org_id: str, level: int, index: int, width: int | None) -> bytes | None:
        """A tile of the tree, or its first `width` hashes; None where there is none that wide."""

        async def work(tx: Tx) -> bytes | None:
            return (await store.tiles(tx, org_id, [(level, index)])).get((level, index))

        hashes = await self.db.read(work, org=org_id)
        wide = HASH_SIZE * (width or TILE_WIDTH)
        return None if hashes is None or len(hashes) < wide else hashes[:wide]
