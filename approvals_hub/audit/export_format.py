"""The lines of an export: what is written, and read strictly again by the verification.

```
{"header":{…}}                         what was asked for, the range, the signed size and root, the keys
{"tile":{"index":0,"hashes":"…"}}      256 leaf hashes; `shown` says which entries follow, when not all of them do
{"index":0,"entry":{…}}                the exact bytes of the leaf stand behind "entry":
{"checkpoint":"…"}                     every checkpoint within the tile, by size
{"end":"…"}                            a signed note: the header's hash, how many entries and checkpoints, their digest
```
A tile comes before its entries, so that an export is written, read and verified in one pass with flat memory.
`before` and `after` are the perfect subtrees left and right of the tiles: the proof of the range.
"""

from __future__ import annotations

from hashlib import sha256

import msgspec

from approvals_hub.audit.tiles import TILE_WIDTH
from approvals_hub_client import note
from approvals_hub_client.tree import HASH_SIZE

FORMAT = "approvals-hub.audit-export.v1"
MAXIMUM_LINE = 1 << 20
"""The longest line that is read, in bytes; the longest that is written is far shorter."""


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The tiles cover entries `start` up to `end`, whole tiles but for the log's last; `size` is the signed size.

    `query` is empty when every entry of the log is here. `checkpoint` is empty for a log that has none yet.
    """

    format: str
    origin: str
    org_id: str
    created: str
    keys: list[str]
    query: dict[str, str]
    start: int
    end: int
    size: int
    before: list[bytes]
    after: list[bytes]
    checkpoint: str


class Tile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`shown` is a bitmap in hexadecimal, its lowest bit for the tile's first entry; None when all entries follow."""

    index: int
    hashes: bytes
    shown: str | None = None

    def indexes(self) -> range | list[int]:
        """The indexes of the entries that follow, ascending. Raises ValueError for a bitmap of others."""
        first, width = self.index * TILE_WIDTH, len(self.hashes) // HASH_SIZE
        if self.shown is None:
            return range(first, first + width)
        bits = int(self.shown, 16)
        if f"{bits:x}" != self.shown or bits >> width:
            raise ValueError("the tile shows entries that it does not have")
        return [first + place for place in range(width) if bits >> place & 1]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`entry` holds the exact bytes of the leaf."""

    index: int
    entry: msgspec.Raw


class End(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the export held. `digest` is SHA-256, in hexadecimal, over the leaf hashes of its entries in order."""

    header: str
    query: dict[str, str]
    entries: int
    checkpoints: int
    first_hash: str
    last_hash: str
    digest: str


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Any line but an entry: one of its members is there."""

    header: Header | None = None
    tile: Tile | None = None
    checkpoint: str | None = None
    end: str | None = None


class Count:
    """What the signed end says of the entries, gathered tile by tile, in the export and in its verification."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self.entries = 0
        self.checkpoints = 0
        self._first = self._last = b""
        self._digest = sha256()

    def add(self, tile: Tile) -> None:
        """Count the entries that a tile shows."""
        if tile.shown is None:
            shown = tile.hashes
        else:
            first = tile.index * TILE_WIDTH
            places = ((index - first) * HASH_SIZE for index in tile.indexes())
            shown = b"".join(tile.hashes[place : place + HASH_SIZE] for place in places)
        if shown:
            self._first = self._first or shown[:HASH_SIZE]
            self._last = shown[-HASH_SIZE:]
            self._digest.update(shown)
            self.entries += len(shown) // HASH_SIZE

    def end(self, header_line: bytes, query: dict[str, str]) -> End:
        """What there is to sign."""
        return End(
            sha256(header_line).hexdigest(),
            query,
            self.entries,
            self.checkpoints,
            self._first.hex(),
            self._last.hex(),
            self._digest.hexdigest(),
        )


_encode = msgspec.json.Encoder().encode
_decode_line = msgspec.json.Decoder(Line).decode
_decode_entry = msgspec.json.Decoder(Entry).decode
_decode_end = msgspec.json.Decoder(End).decode


def header_line(header: Header) -> bytes:
    """The first line."""
    return _line(Line(header=header))


def tile_line(tile: Tile) -> bytes:
    """A tile, with or without its bitmap."""
    return _line(Line(tile=tile))


def entry_opening(index: int) -> bytes:
    """What stands before the leaf's bytes; `}` and a line feed stand behind them."""
    return b'{"index":%d,"entry":' % index


def checkpoint_line(text: str) -> bytes:
    """A signed checkpoint."""
    return _line(Line(checkpoint=text))


def end_line(end: End, signer: note.Signer) -> bytes:
    """The last line. Its origin is not the log's own, so that it never passes for a checkpoint."""
    text = note.sign(f"{_end_origin(signer.verifier.name)}\n{_encode(end).decode()}\n", signer)
    return _line(Line(end=text))


def read_line(line: bytes) -> Line:
    """A line that is no entry. Raises ValueError for anything else, and for another spelling of the same."""
    try:
        found = _decode_line(line)
    except msgspec.MsgspecError as error:
        raise ValueError(f"not a line of an export: {error}") from None
    if _line(found) != line:
        raise ValueError("a line of an export has one spelling only")
    return found


def read_entry(line: bytes) -> Entry:
    """An entry's line, spelled in any way: for saying what is wrong with it. Raises ValueError for another line."""
    try:
        return _decode_entry(line)
    except msgspec.MsgspecError as error:
        raise ValueError(f"not an entry: {error}") from None


def read_end(text: str, origin: str, *verifiers: note.Verifier) -> End:
    """The signed end. Raises ValueError (NoteError) unless one of the keys signed it for this log."""
    first, _, rest = note.verify(text, *verifiers).partition("\n")
    if first != _end_origin(origin):
        raise note.NoteError("the end is signed for another log")
    try:
        return _decode_end(rest)
    except msgspec.MsgspecError as error:
        raise note.NoteError(f"not the end of an export: {error}") from None


def _line(line: Line) -> bytes:
    return _encode(line) + b"\n"


def _end_origin(origin: str) -> str:
    return f"{origin}/export"
