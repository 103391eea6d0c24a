"""Exports a log, or what of it is asked for, as lines that verify without the hub."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from approvals_hub.audit import store, table, tiles
from approvals_hub.audit.export_format import (
    FORMAT,
    Count,
    Header,
    Tile,
    checkpoint_line,
    end_line,
    entry_opening,
    header_line,
    tile_line,
)
from approvals_hub.audit.filter import EVERYTHING, Filter
from approvals_hub.audit.store import Head
from approvals_hub.audit.table import Manifest
from approvals_hub.audit.tiles import TILE_WIDTH
from approvals_hub.core.clock import Clock, to_text
from approvals_hub.db.database import Database, Tx
from approvals_hub_client import note
from approvals_hub_client.tree import HASH_SIZE, subtrees

PAGE = 4
"""Tiles read at a time: 1,024 entries, about a megabyte in memory."""
_ROWS = PAGE * TILE_WIDTH


class _Page(msgspec.Struct, frozen=True):
    tiles: dict[tuple[int, int], bytes]
    entries: list[tuple[int, bytes]]
    checkpoints: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Export:
    """Writes exports. `keys` are all the keys that an organisation's log ever had, `signer` the one of today.

    Entries written within the last second may not be sealed yet, and are not in it. Who exports what is recorded by
    the caller, before the first line goes out.
    """

    db: Database
    clock: Clock
    signer: Callable[[str], note.Signer]
    keys: Callable[[str], Sequence[note.Verifier]]

    async def lines(self, org_id: str, wanted: Filter = EVERYTHING) -> AsyncIterator[bytes]:
        """The export as of now, in pieces of many lines each. Memory does not grow with the log.

        Raises Unavailable, also in the midst of it: an export without its last line is none.
        """
        signer = self.signer(org_id)
        header = await self._header(org_id, wanted, signer.verifier.name)
        opening = header_line(header)
        yield opening
        count = Count()
        for start in range(header.start, header.end, _ROWS):
            end = min(start + _ROWS, header.end)
            yield _lines(start, end, await self._page(org_id, wanted, start, end), count, whole=wanted == EVERYTHING)
        yield end_line(count.end(opening, header.query), signer)

    async def table(self, org_id: str, wanted: Filter = EVERYTHING) -> AsyncIterator[bytes]:
        """The same entries as CSV for people, in pieces; see `table` for what its last row proves and what it does not.

        Raises Unavailable, also in the midst of it.
        """
        signer = self.signer(org_id)
        created = to_text(self.clock.now())

        async def bounds(tx: Tx) -> tuple[int, int, int]:
            size = (await store.head(tx, org_id)).size
            return size, *(await store.bounds(tx, org_id, wanted, size))

        size, start, end = await self.db.read(bounds, org=org_id)
        piece, count = table.heading(), 0
        digest = sha256(piece)
        yield piece
        for first in range(start, end, _ROWS):

            async def read(tx: Tx, first: int = first) -> list[tuple[int, bytes]]:
                return await store.page(tx, org_id, wanted, first, min(first + _ROWS, end), _ROWS)

            entries = await self.db.read(read, org=org_id)
            piece = table.rows(entries)
            digest.update(piece)
            count += len(entries)
            yield piece
        manifest = Manifest(table.FORMAT, created, wanted.query(), count, size, digest.hexdigest())
        yield table.last_row(manifest, signer)

    async def _header(self, org_id: str, wanted: Filter, origin: str) -> Header:
        async def read(tx: Tx) -> tuple[Head, int, int, dict[tuple[int, int], bytes]]:
            head = await store.head(tx, org_id)
            first, last = await store.bounds(tx, org_id, wanted, head.size)
            start = first // TILE_WIDTH * TILE_WIDTH
            end = min(-(-last // TILE_WIDTH) * TILE_WIDTH, head.size)
            places = [tiles.tile_of(*place) for place in (*subtrees(0, start), *subtrees(end, head.size))]
            return head, start, end, await store.tiles(tx, org_id, places)

        head, start, end, stored = await self.db.read(read, org=org_id)
        return Header(
            format=FORMAT,
            origin=origin,
            org_id=org_id,
            created=to_text(self.clock.now()),
            keys=[str(key) for key in self.keys(org_id)],
            query=wanted.query(),
            start=start,
            end=end,
            size=head.size,
            before=[tiles.node(*place, stored) for place in subtrees(0, start)],
            after=[tiles.node(*place, stored) for place in subtrees(end, head.size)],
            checkpoint=head.note,
        )

    async def _page(self, org_id: str, wanted: Filter, start: int, end: int) -> _Page:
        places = [(0, index) for index in range(start // TILE_WIDTH, -(-end // TILE_WIDTH))]

        async def read(tx: Tx) -> _Page:
            return _Page(
                await store.tiles(tx, org_id, places),
                await store.page(tx, org_id, wanted, start, end, end - start),
                await store.checkpoints(tx, org_id, start, end),
            )

        return await self.db.read(read, org=org_id)


def _lines(start: int, end: int, page: _Page, count: Count, *, whole: bool) -> bytes:
    """The lines of a few tiles: each with its entries, and the checkpoints within it."""
    lines: list[bytes] = []
    entries = iter(page.entries)
    signed = iter(page.checkpoints)
    entry, checkpoint = next(entries, None), next(signed, None)
    for first in range(start, end, TILE_WIDTH):
        last = min(first + TILE_WIDTH, end)
        place = len(lines)
        bits = 0
        while entry and entry[0] < last:
            bits |= 1 << entry[0] - first
            lines += (entry_opening(entry[0]), entry[1], b"}\n")
            entry = next(entries, None)
        index = first // TILE_WIDTH
        hashes = page.tiles.get((0, index), b"")[: (last - first) * HASH_SIZE]
        tile = Tile(index, hashes, None if whole or bits == (1 << last - first) - 1 else f"{bits:x}")
        lines.insert(place, tile_line(tile))
        count.add(tile)
        while checkpoint and checkpoint[0] <= last:
            lines.append(checkpoint_line(checkpoint[1]))
            count.checkpoints += 1
            checkpoint = next(signed, None)
    return b"".join(lines)
