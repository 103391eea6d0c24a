"""Verifies an export without the hub and without a network, in one pass with flat memory.

Trust goes from the log's key to the checkpoints' roots, from these to the tiles, and from the tiles to the entries.
The first thing that does not hold is named; what comes after it is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from hashlib import sha256
from typing import BinaryIO

from approvals_hub.audit.blame import blame_entry, blame_line
from approvals_hub.audit.export_format import (
    FORMAT,
    MAXIMUM_LINE,
    Count,
    Header,
    Line,
    Tile,
    entry_opening,
    read_end,
    read_line,
)
from approvals_hub.audit.report import Bad, Broken, Report, broken
from approvals_hub.audit.tiles import TILE_BITS, TILE_WIDTH, split
from approvals_hub_client import checkpoint, note
from approvals_hub_client.checkpoint import Checkpoint
from approvals_hub_client.tree import HASH_SIZE, Frontier, perfect_root, subtrees


def verify(file: BinaryIO, *, keys: Sequence[str] = (), kept: str | None = None) -> Report:
    """Verify an export.

    `keys` are verifier keys known from elsewhere; without them the export's own are believed, and the report says so.
    `kept` is a checkpoint kept elsewhere, a newer one if possible: against it a log that was cut back or forked shows.
    Raises ValueError when one of `keys` is no verifier key; everything about the file is in the report.
    """
    pinned = [note.read_key(key) for key in keys]
    verification = _Verification(iter(partial(file.readline, MAXIMUM_LINE), b""), pinned, kept)
    try:
        verification.run()
    except Broken as end:
        return verification.report(end.bad)
    return verification.report(None)


class _Verification:
    """What is known so far, and the steps in the order in which the file is read."""

    def __init__(self, lines: Iterator[bytes], pinned: list[note.Verifier], kept: str | None) -> None:
        self.lines = lines
        self.pinned = pinned
        self.kept_text = kept
        self.kept: Checkpoint | None = None
        self.header: Header | None = None
        self.header_line = b""
        self.verifiers: list[note.Verifier] = pinned
        self.frontier = Frontier()
        self.count = Count()
        self.trusted = 0
        """Entries up to here are under a root that was signed and holds."""
        self.shown: list[int] = []

    def run(self) -> None:
        header = self._read_header()
        for level, _ in subtrees(0, header.start):
            self.frontier.add(header.before[len(self.frontier.hashes)], level)
        line = self._next_line()
        while line.tile is not None:
            line = self._read_tile(header, line.tile)
        if self.frontier.size != header.end:
            raise broken("missing", self.frontier.size, "the export ends before its last tile")
        self._check_head(header)
        self._check_end(header, line)

    def report(self, bad: Bad | None) -> Report:
        header = self.header
        return Report(
            ok=bad is None,
            origin=header.origin if header else "",
            query=header.query if header else {},
            entries=self.count.entries,
            first=self.shown[0] if self.shown else None,
            last=self.shown[-1] if self.shown else None,
            size=header.size if header else 0,
            root=self.frontier.root().hex() if bad is None else "",
            checkpoints=self.count.checkpoints,
            keys=[str(verifier) for verifier in self.verifiers],
            pinned=bool(self.pinned),
            compared=self.kept.size if self.kept else None,
            first_bad=bad,
        )

    def _read_header(self) -> Header:
        self.header_line = next(self.lines, b"")
        try:
            header = read_line(self.header_line).header
        except ValueError:
            header = None
        if header is None or header.format != FORMAT:
            raise broken("header", None, f"this is no {FORMAT} file")
        if not 0 <= header.start <= header.end <= header.size or header.start % TILE_WIDTH:
            raise broken("header", None, "the header's range is impossible")
        if header.end % TILE_WIDTH and header.end != header.size:
            raise broken("header", None, "the header's range ends within a tile")
        proof = (*header.before, *header.after)
        if [len(header.before), len(header.after)] != [
            len(subtrees(0, header.start)),
            len(subtrees(header.end, header.size)),
        ] or any(len(digest) != HASH_SIZE for digest in proof):
            raise broken("header", None, "the header's range proof is not of this range")
        self.header = header
        self._read_keys(header)
        return header

    def _read_keys(self, header: Header) -> None:
        if not self.pinned:
            try:
                self.verifiers = [note.read_key(key) for key in header.keys]
            except ValueError as error:
                raise broken("header", None, f"the header's keys cannot be read: {error}") from None
        if not self.verifiers or any(verifier.name != header.origin for verifier in self.verifiers):
            raise broken("key", None, f"the export is one of {header.origin}, whose key is not among those given")
        self.trusted = header.start
        if self.kept_text is not None:
            self.kept = self._read_checkpoint(self.kept_text, "the checkpoint kept elsewhere")
            self._check_reach(header, self.kept)

    def _check_reach(self, header: Header, kept: Checkpoint) -> None:
        if kept.size > header.size:
            raise broken(
                "cut",
                header.size,
                f"a checkpoint kept elsewhere counts {kept.size} entries, the export's {header.size}",
            )
        if not header.start < kept.size <= header.end and kept.size not in (0, header.size):
            raise broken(
                "not_covered",
                None,
                f"the checkpoint kept elsewhere is at {kept.size}, the export covers {header.start} to {header.end}: "
                "export a range that holds it",
            )

    def _read_tile(self, header: Header, tile: Tile) -> Line:
        """One tile with its entries and checkpoints. Returns the line that follows them."""
        first = self.frontier.size
        if tile.index * TILE_WIDTH != first:
            raise broken(
                "missing", first, f"the tile of entry {first} is missing: tile {tile.index} stands in its place"
            )
        if len(tile.hashes) != HASH_SIZE * min(TILE_WIDTH, header.end - first) or first >= header.end:
            raise broken("tile", first, "the tile has not the width that the header demands")
        try:
            indexes = tile.indexes()
        except ValueError as error:
            raise broken("tile", first, str(error)) from None
        if not header.query and tile.shown is not None:
            raise broken("tile", first, "the export is one of everything, and the tile leaves entries out")
        hashes = split(tile.hashes)
        self._check_entries(tile, hashes, indexes)
        self.count.add(tile)
        if indexes:
            self.shown = [self.shown[0] if self.shown else indexes[0], indexes[-1]]
        line = self._next_line()
        while line.checkpoint is not None:
            self._check_checkpoint(hashes, first, self._read_checkpoint(line.checkpoint, "a checkpoint"))
            self.count.checkpoints += 1
            line = self._next_line()
        if self.kept and self.frontier.size < self.kept.size <= first + len(hashes):
            self._advance(hashes, first, self.kept.size)
            self._check_kept(self.kept)
        self._advance(hashes, first, first + len(hashes))
        return line

    def _check_entries(self, tile: Tile, hashes: list[bytes], indexes: range | list[int]) -> None:
        first = tile.index * TILE_WIDTH
        for index in indexes:
            line = next(self.lines, b"")
            opening = entry_opening(index)
            if (
                not line.startswith(opening)
                or not line.endswith(b"}\n")
                or sha256(b"\x00" + line[len(opening) : -2]).digest() != hashes[index - first]
            ):
                raise Broken(blame_entry(index, line, hashes, self.lines))

    def _read_checkpoint(self, text: str, which: str) -> Checkpoint:
        try:
            return checkpoint.verify(text, *self.verifiers)
        except ValueError as error:
            raise broken("checkpoint", self.trusted, f"{which} cannot be believed: {error}") from None

    def _check_checkpoint(self, hashes: list[bytes], first: int, signed: Checkpoint) -> None:
        if not max(first, self.trusted) < signed.size <= first + len(hashes):
            raise broken("checkpoint", self.trusted, f"the checkpoint of {signed.size} entries is out of place")
        if self.kept and self.frontier.size < self.kept.size < signed.size:
            self._advance(hashes, first, self.kept.size)
            self._check_kept(self.kept)
        self._advance(hashes, first, signed.size)
        if self.frontier.root() != signed.root:
            raise broken("interval", self.trusted, "the checkpoint signed another history", end=signed.size)
        if self.kept and self.kept.size == signed.size:
            self._check_kept(self.kept)
        self.trusted = signed.size

    def _advance(self, hashes: list[bytes], first: int, size: int) -> None:
        """Add the tile's hashes up to the tree's `size`."""
        place = self.frontier.size - first
        if place == 0 and size - first == TILE_WIDTH:
            self.frontier.add(perfect_root(hashes), TILE_BITS)
            return
        for digest in hashes[place : size - first]:
            self.frontier.add(digest)

    def _check_kept(self, kept: Checkpoint) -> None:
        if self.frontier.root() != kept.root:
            raise broken("fork", self.trusted, f"the log differs from the checkpoint of {kept.size} kept elsewhere")

    def _check_head(self, header: Header) -> None:
        for digest, (level, _) in zip(header.after, subtrees(header.end, header.size), strict=True):
            self.frontier.add(digest, level)
        if header.size or header.checkpoint:
            head = self._read_checkpoint(header.checkpoint, "the header's checkpoint")
            if (head.size, head.root) != (header.size, self.frontier.root()):
                raise broken(
                    "interval", self.trusted, "the header's checkpoint signed another history", end=header.size
                )
        if self.kept and self.kept.size == header.size:
            self._check_kept(self.kept)

    def _check_end(self, header: Header, line: Line) -> None:
        if line.end is None:
            raise broken("cut", header.end, "the export has no end")
        try:
            end = read_end(line.end, header.origin, *self.verifiers)
        except ValueError as error:
            raise broken("end", None, f"the end cannot be believed: {error}") from None
        if end != self.count.end(self.header_line, header.query):
            raise broken("end", None, "the signed end tells of another header, or of other entries or checkpoints")
        if next(self.lines, b""):
            raise broken("end", None, "something follows after the end")

    def _next_line(self) -> Line:
        line = next(self.lines, b"")
        if not line:
            raise broken("cut", self.frontier.size, "the export breaks off")
        try:
            return read_line(line)
        except ValueError:
            raise Broken(blame_line(line, self.shown[-1] if self.shown else None, self.frontier.size)) from None
