"""Exports made without a database, and the ways in which somebody might change one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from io import BytesIO

from nacl.signing import SigningKey

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
from approvals_hub.audit.report import Report
from approvals_hub.audit.tiles import TILE_WIDTH
from approvals_hub.audit.verify import verify
from approvals_hub_client import checkpoint, note
from approvals_hub_client.checkpoint import Checkpoint
from approvals_hub_client.tree import leaf_hash, perfect_root, root_of, subtrees

ORIGIN = "hub.example/org_1"


def signer(seed: int = 1) -> note.Signer:
    key = SigningKey(bytes([seed]) * 32)
    return note.Signer(note.Verifier(ORIGIN, bytes(key.verify_key)), lambda data: key.sign(data).signature)


OURS = signer(1)
KEY = str(OURS.verifier)


def body(index: int) -> bytes:
    return b'{"id":"ent_%d","kind":"escalation.opened"}' % index


@dataclass
class Made:
    """A log and what is exported of it; `bodies` are the leaves, `seals` the sizes that were signed."""

    bodies: list[bytes]
    seals: list[int]
    shown: set[int] | None = None
    signer: note.Signer = field(default_factory=lambda: OURS)

    def checkpoint(self, size: int) -> str:
        root = root_of(map(leaf_hash, self.bodies[:size]))
        return checkpoint.sign(Checkpoint(ORIGIN, size, root), self.signer)

    def lines(self) -> list[bytes]:
        hashes = [leaf_hash(leaf) for leaf in self.bodies]
        size = len(hashes)
        start, end = 0, size
        if self.shown is not None:
            start = min(self.shown) // TILE_WIDTH * TILE_WIDTH
            end = min((max(self.shown) // TILE_WIDTH + 1) * TILE_WIDTH, size)
        node = {
            place: perfect_root(hashes[place[1] << place[0] : (place[1] + 1) << place[0]])
            for place in (*subtrees(0, start), *subtrees(end, size))
        }
        query = {} if self.shown is None else {"agent": "agt_1"}
        header = Header(
            format=FORMAT, origin=ORIGIN, org_id="org_1", created="2026-01-01T00:00:00.000Z",
            keys=[str(self.signer.verifier)], query=query, start=start, end=end, size=size,
            before=[node[place] for place in subtrees(0, start)],
            after=[node[place] for place in subtrees(end, size)],
            checkpoint=self.checkpoint(size),
        )  # fmt: skip
        count, lines = Count(), [header_line(header)]
        for first in range(start, end, TILE_WIDTH):
            last = min(first + TILE_WIDTH, end)
            indexes = [index for index in range(first, last) if self.shown is None or index in self.shown]
            bits = None if self.shown is None else f"{sum(1 << index - first for index in indexes):x}"
            tile = Tile(first // TILE_WIDTH, b"".join(hashes[first:last]), bits)
            count.add(tile)
            lines.append(tile_line(tile))
            lines += [entry_line(index, self.bodies[index]) for index in indexes]
            sealed = [size for size in self.seals if first < size <= last]
            lines += [checkpoint_line(self.checkpoint(size)) for size in sealed]
            count.checkpoints += len(sealed)
        return [*lines, end_line(count.end(lines[0], query), self.signer)]

    def changed(self, **changes: object) -> Made:
        return replace(self, **changes)  # type: ignore[arg-type]


def entry_line(index: int, leaf: bytes) -> bytes:
    return entry_opening(index) + leaf + b"}\n"


def place(lines: list[bytes], index: int) -> int:
    """Where the line of an entry stands."""
    return next(number for number, line in enumerate(lines) if line.startswith(entry_opening(index)))


def checked(lines: list[bytes], *, keys: tuple[str, ...] = (KEY,), kept: str | None = None) -> Report:
    return verify(BytesIO(b"".join(lines)), keys=keys, kept=kept)


def first_bad(lines: list[bytes], kept: str | None = None) -> tuple[str, int | None]:
    report = checked(lines, kept=kept)
    assert not report.ok
    assert report.first_bad is not None
    return report.first_bad.kind, report.first_bad.index


LOG = Made([body(index) for index in range(600)], [100, 256, 300, 555, 600])
PART = LOG.changed(shown={256, 257, 290, 400, 599})
