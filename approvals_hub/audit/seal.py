"""Sealing: entries get their place in the tree, and the tree's new root is signed, within a second of being written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from approvals_hub.audit import batch, store, tiles
from approvals_hub.audit.batch import ChainBroken, Run, Written
from approvals_hub.audit.checkpoint_file import CheckpointFolder
from approvals_hub.audit.entry import NO_MAC, Chain
from approvals_hub.audit.store import Head
from approvals_hub.audit.tiles import Place
from approvals_hub.core.clock import Clock
from approvals_hub.db.database import Database, Tx
from approvals_hub_client import checkpoint, note
from approvals_hub_client.checkpoint import Checkpoint

BATCH = 1_000
"""Entries sealed in one unit: 1,000 hold the writer for some 3 ms, so that no request waits long for the log."""


class Sealed(msgspec.Struct, frozen=True):
    """The log of an organisation has `size` entries now, `added` of them new."""

    org_id: str
    size: int
    added: int


class SealingRefused(msgspec.Struct, frozen=True):
    """The log of an organisation cannot go on, and says at which entry: somebody touched the database.

    `writer` is empty when it is the stored tree that is not the signed one. Nothing of the organisation is sealed
    until an operator has looked.
    """

    org_id: str
    writer: str
    seq: int
    why: str


@dataclass(slots=True)
class Sealer:
    """Seals the logs of all organisations. `signer` gives the key of an organisation's log, named by its origin.

    Two processes may seal at once: the one that comes second finds that the tree has grown and begins again.
    """

    db: Database
    clock: Clock
    chain: Chain
    signer: Callable[[str], note.Signer]
    outside: CheckpointFolder
    batch: int = BATCH
    refused: dict[str, SealingRefused] = field(default_factory=dict)
    """The organisations whose log cannot go on, as of the last attempt."""
    waiting: dict[str, int] = field(default_factory=dict)
    """The organisations with unsealed entries and the time of the oldest of each, as of the last look."""
    unkept: set[str] = field(default_factory=set)
    """The organisations whose newest checkpoint could not be kept outside the database yet."""
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def seal_all(self) -> list[Sealed | SealingRefused]:
        """Seal whatever waits, once for each organisation; call again while anything was sealed.

        One organisation's failure holds up no other's log; it is raised when all have had their turn. A command that
        seals before it exports waits until the worker has finished.
        """
        async with self._turn:
            return await self._seal_all()

    async def _seal_all(self) -> list[Sealed | SealingRefused]:
        self.waiting = await self.db.read(store.waiting)
        results: list[Sealed | SealingRefused] = []
        failures: list[Exception] = []
        for org_id in self.unkept - self.waiting.keys():
            try:
                await self._keep(org_id)
            except Exception as failure:
                failures.append(failure)
        for org_id in list(self.waiting):
            try:
                result = await self.seal(org_id)
            except Exception as failure:
                failures.append(failure)
                continue
            if result is not None:
                results.append(result)
            if result is None or (isinstance(result, Sealed) and result.added < self.batch):
                del self.waiting[org_id]
        if failures:
            raise failures[0] if len(failures) == 1 else ExceptionGroup("logs were not sealed", failures)
        return results

    async def lag(self) -> int:
        """How long the oldest unsealed entry has waited, in milliseconds; at 10 seconds the hub is not ready."""
        waiting = await self.db.read(store.waiting)
        return max(0, self.clock.now() - min(waiting.values())) if waiting else 0

    async def seal(self, org_id: str) -> Sealed | SealingRefused | None:
        """Seal the organisation's oldest entries. None when there are none, or when another process was faster.

        The checkpoint is kept outside the database afterwards; OSError when that fails, with the entries sealed: then
        `seal_all` tries again.
        """

        async def read(tx: Tx) -> _Found:
            return await _read(tx, org_id, self.batch)

        found = await self.db.read(read, org=org_id)
        if not found.entries:
            self.refused.pop(org_id, None)
            return None
        signer = self.signer(org_id)
        try:
            plan = await asyncio.to_thread(_plan, org_id, found, self.chain, signer)
        except ChainBroken as broken:
            return await self._refuse(found.head, SealingRefused(org_id, broken.writer, broken.seq, broken.why))
        except ValueError as error:
            return await self._refuse(found.head, SealingRefused(org_id, "", found.head.size, str(error)))
        at = self.clock.now()

        async def work(tx: Tx) -> bool:
            await store.hold(tx, org_id)
            if await store.head(tx, org_id) != found.head:
                return False
            if await store.assign(tx, org_id, plan.runs) != len(found.entries):
                raise RuntimeError("entries that were about to be sealed have gone")
            await store.put_tiles(tx, org_id, plan.tiles)
            await store.add_checkpoint(tx, org_id, plan.head, at)
            return True

        if not await self.db.run(work, org=org_id):
            return None
        self.refused.pop(org_id, None)
        await self._keep(org_id, plan.head.note)
        return Sealed(org_id, plan.head.size, len(found.entries))

    async def _keep(self, org_id: str, note: str | None = None) -> None:
        """Write the newest checkpoint outside the database; where that fails, it is remembered as still to be done."""

        async def read(tx: Tx) -> str:
            return (await store.head(tx, org_id)).note

        self.unkept.add(org_id)
        newest = await self.db.read(read, org=org_id) if note is None else note
        await asyncio.to_thread(self.outside.write, org_id, newest)
        self.unkept.discard(org_id)

    async def _refuse(self, seen: Head, refusal: SealingRefused) -> SealingRefused | None:
        """Another process that sealed the same entries meanwhile looks like a hole: then it is none."""

        async def read(tx: Tx) -> Head:
            return await store.head(tx, refusal.org_id)

        if await self.db.read(read, org=refusal.org_id) != seen:
            return None
        self.refused[refusal.org_id] = refusal
        return refusal


class _Found(msgspec.Struct, frozen=True):
    """What is sealed next, and what it is added to."""

    head: Head
    entries: list[Written]
    macs: dict[str, bytes]
    edge: dict[Place, bytes]


class _Plan(msgspec.Struct, frozen=True):
    """What the unit of work writes."""

    head: Head
    runs: list[Run]
    tiles: dict[Place, bytes]


async def _read(tx: Tx, org_id: str, limit: int) -> _Found:
    head = await store.head(tx, org_id)
    entries: list[Written] = []
    macs: dict[str, bytes] = {}
    for writer, found in batch.by_writer(await store.unsealed(tx, org_id, limit)).items():
        mine, mac = found, await _mac_before(tx, org_id, found)
        if mac is None or mine[-1].seq - mine[0].seq >= len(mine):
            # Clocks of two requests may differ: the limit by time may have cut out an entry of this writer.
            mine = await store.unsealed_of(tx, org_id, writer, found[-1].seq, limit) or found
            mac = await _mac_before(tx, org_id, mine)
        if mac is not None:
            macs[writer] = mac
        entries += mine
    return _Found(head, batch.in_order(entries), macs, await store.tiles(tx, org_id, tiles.edge(head.size)))


async def _mac_before(tx: Tx, org_id: str, entries: list[Written]) -> bytes | None:
    first = entries[0]
    return NO_MAC if first.seq == 0 else await store.sealed_mac(tx, org_id, first.writer, first.seq - 1)


def _plan(org_id: str, found: _Found, chain: Chain, signer: note.Signer) -> _Plan:
    """Some 5 µs for each entry, so it runs beside the event loop."""
    size = found.head.size
    if tiles.root(size, found.edge) != found.head.root:
        raise ValueError("the stored tiles do not lead to the signed root")
    leaves = batch.check(org_id, found.entries, found.macs, chain)
    grown, changed = tiles.grow(size, found.edge, leaves)
    root = tiles.root(grown, found.edge | changed)
    signed = checkpoint.sign(Checkpoint(signer.verifier.name, grown, root), signer)
    return _Plan(Head(grown, root, signed), batch.runs(found.entries, size), changed)
