"""The same entries as a table for people: CSV that no spreadsheet takes for formulas, with a signed last row.

A table has no tiles: that it is whole and unchanged is all that its last row says, not that it agrees with the log.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import BinaryIO

import msgspec

from approvals_hub_client import note

COLUMNS = (
    "index",
    "ts",
    "kind",
    "actor_type",
    "actor_id",
    "agent_id",
    "escalation_id",
    "action_type",
    "action_id",
    "decision",
    "policy_id",
    "proof_kid",
    "signature_valid",
    "trust",
    "detail",
    "id",
    "org_id",
    "writer",
    "seq",
    "v",
)
FORMAT = "approvals-hub.audit-table.v1"
MAXIMUM_END = 1 << 16

_FORMULA = frozenset("=+-@\t\r\n\0＝＋－＠")
_END = b'"manifest","'


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the last row signs: the query, how many rows, the log's size, and SHA-256 of everything before it."""

    format: str
    created: str
    query: dict[str, str]
    rows: int
    size: int
    sha256: str


_decode = msgspec.json.Decoder(dict[str, object]).decode
_encode = msgspec.json.Encoder().encode
_decode_manifest = msgspec.json.Decoder(Manifest).decode


def heading() -> bytes:
    """The first row."""
    return row(COLUMNS)


def rows(entries: Iterable[tuple[int, bytes]]) -> bytes:
    """A row for each entry, given its index and its stored bytes."""
    return b"".join(row(_cells(index, body)) for index, body in entries)


def last_row(manifest: Manifest, signer: note.Signer) -> bytes:
    """The signed end: the word `manifest`, then a signed note in one cell."""
    text = note.sign(f"{signer.verifier.name}/table\n{_encode(manifest).decode()}\n", signer)
    return _END + text.replace('"', '""').encode() + b'"\r\n'


def row(cells: Iterable[object]) -> bytes:
    """One row: a text as it is, null as nothing, anything else as JSON; no spreadsheet takes a cell for a formula."""
    return (",".join(_cell(_text(cell)) for cell in cells) + "\r\n").encode()


def verify(file: BinaryIO, *verifiers: note.Verifier, form: str = FORMAT) -> Manifest:
    """What the last row of a table says. Raises ValueError unless one of the keys signed exactly these rows."""
    digest = sha256()
    end = b""
    while line := file.readline(MAXIMUM_END):
        if end or line.startswith(_END):
            end += line
            if len(end) > MAXIMUM_END:
                break
        else:
            digest.update(line)
    text = end.removeprefix(_END).removesuffix(b'"\r\n').decode().replace('""', '"')
    if not end or _END + text.replace('"', '""').encode() + b'"\r\n' != end:
        raise ValueError("the table has no signed last row")
    origin, _, rest = note.verify(text, *verifiers).partition("\n")
    if origin not in {f"{verifier.name}/table" for verifier in verifiers}:
        raise note.NoteError("the last row is signed for something else")
    try:
        manifest = _decode_manifest(rest)
    except msgspec.MsgspecError:
        raise note.NoteError("the last row is none of a table") from None
    if manifest.format != form or manifest.sha256 != digest.hexdigest():
        raise ValueError("the rows are not those that were signed")
    return manifest


def _cells(index: int, body: bytes) -> list[object]:
    entry = _decode(body)
    entry["index"] = index
    return [entry.get(column) for column in COLUMNS]


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else _encode(value).decode()


def _cell(text: str) -> str:
    """Quoted, and behind an apostrophe where a spreadsheet would run it (OWASP, CSV injection)."""
    if text.lstrip(" \u00a0\ufeff")[:1] in _FORMULA:
        text = "'" + text
    return '"' + text.replace('"', '""').replace("\0", "\ufffd") + '"'
