"""Auditors read, search and export the log of their organisation; that they did is recorded too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from approvals_hub.audit import store
from approvals_hub.audit.event import Event, Kind
from approvals_hub.audit.export import Export
from approvals_hub.audit.filter import Filter
from approvals_hub.audit.search import Found, Search
from approvals_hub.audit.tiles import TILE_WIDTH
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, NotFound, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import Acting, OperatorCredential, admit_acting_in
from approvals_hub.people.keep_visits import KeepVisits
from approvals_hub.people.read_sign_ins import ReadSignIns
from approvals_hub.people.session import PersonCredential
from approvals_hub_client.tree import HASH_SIZE

Reader = PersonCredential | OperatorCredential
EXPORTS: frozenset[Kind] = frozenset({"audit.exported", "sign_ins.exported"})
"""What takes more than the right to search."""


@dataclass(frozen=True, slots=True)
class ReadAudit:
    """Every read of entries by a person leaves an entry in the log."""

    db: Database
    export: Export
    search: Search
    visits: KeepVisits
    clock: Clock

    @property
    def sign_ins(self) -> ReadSignIns:
        """The report of sign-ins, made of the same log. Ask `admit` first; it does not check again."""
        return ReadSignIns(self.db, self.visits, self.clock, self.export.signer)

    async def admit(self, reader: Reader, org_id: str, kind: Kind | None = "audit.searched") -> Acting:
        """Let a reader in and record it, unless `kind` is None: who reads hashes learns nothing about anybody.

        Raises Forbidden without the role, NotFound for another organisation.
        """
        now = self.clock.now()
        permission = Permission.EXPORT_AUDIT if kind in EXPORTS else Permission.READ_AUDIT

        async def work(tx: Tx) -> Acting | HubError:
            who = await admit_acting_in(tx, reader, now, permission)
            if isinstance(who, HubError):
                return who
            if who.org_id != org_id:
                return NotFound(
                    "org_unknown", "there is no such organisation", next_step="Use the one you signed in to."
                )
            if kind is not None:
                await self.visits.recorder.record(
                    tx,
                    Event(kind=kind, org_id=org_id, at=now, actor_type=who.actor_type, actor_id=who.actor_id),
                )
            return who

        return settled(await self.db.run(work, org=org_id))

    async def find(
        self, reader: Reader, org_id: str, wanted: Filter, *, cursor: str | None, limit: int, newest_first: bool
    ) -> Found:
        """A page of sealed entries. Raises Invalid for a cursor that is none, and what `admit` raises."""
        await self.admit(reader, org_id)
        return await self.search.find(org_id, wanted, cursor=cursor, limit=limit, newest_first=newest_first)

    async def lines(self, reader: Reader, org_id: str, wanted: Filter) -> AsyncIterator[bytes]:
        """The export as JSON Lines, in pieces. Ask `admit` first; this does not check again."""
        async for piece in self.export.lines(org_id, wanted):
            yield piece

    async def table(self, org_id: str, wanted: Filter) -> AsyncIterator[bytes]:
        """The export as CSV, in pieces. Ask `admit` first; this does not check again."""
        async for piece in self.export.table(org_id, wanted):
            yield piece

    async def checkpoint(self, reader: Reader, org_id: str) -> str:
        """The newest signed checkpoint. Raises NotFound before the first one, and what `admit` raises."""
        await self.admit(reader, org_id, None)

        async def work(tx: Tx) -> str:
            return (await store.head(tx, org_id)).note

        note = await self.db.read(work, org=org_id)
        if not note:
            raise NotFound("checkpoint_unknown", "nothing was sealed yet", next_step="Ask again in a second.")
        return note

    async def tile(self, reader: Reader, org_id: str, level: int, index: int, width: int | None) -> bytes:
        """A tile of the tree, or its first `width` hashes. Raises NotFound where there is none that wide."""
        await self.admit(reader, org_id, None)

        async def work(tx: Tx) -> bytes | None:
            return (await store.tiles(tx, org_id, [(level, index)])).get((level, index))

        hashes = await self.db.read(work, org=org_id)
        wide = HASH_SIZE * (width or TILE_WIDTH)
        if hashes is None or len(hashes) < wide:
            raise NotFound("tile_unknown", "the tree has no such tile", next_step="Read the checkpoint's size first.")
        return hashes[:wide]
