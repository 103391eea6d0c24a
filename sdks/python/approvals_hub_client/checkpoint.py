"""Checkpoints (c2sp.org/tlog-checkpoint): the signed size and root of one organisation's log."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

from approvals_hub_client import note
from approvals_hub_client.tree import EMPTY_ROOT, HASH_SIZE

_SIZE = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """That the log named `origin` has `size` entries with this root. `origin` is `<host>/<organisation's id>`."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def sign(checkpoint: Checkpoint, signer: note.Signer) -> str:
    """The signed note. The key's name is the log's origin, as witnesses expect; raises NoteError for another."""
    if signer.verifier.name != checkpoint.origin:
        raise note.NoteError("the name of the log's key is the log's origin")
    return note.sign(checkpoint.text(), signer)


def verify(text: str, *verifiers: note.Verifier) -> Checkpoint:
    """Read a checkpoint of the log whose keys these are: all have the log's name, one of them signed.

    Raises NoteError for a wrong signature, another log's origin, and any spelling but the one of the standard.
    """
    lines = note.verify(text, *verifiers).removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines):
        raise note.NoteError("a checkpoint has an origin, a size and a root")
    origin, size, root = lines[:3]
    if any(origin != verifier.name for verifier in verifiers):
        raise note.NoteError(f"the checkpoint is one of {origin}, not of {verifiers[0].name}")
    if not _SIZE.fullmatch(size):
        raise note.NoteError("the size of a checkpoint is a decimal number")
    checkpoint = Checkpoint(origin, int(size), _root(root))
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise note.NoteError("an empty log has the root of nothing")
    return checkpoint


def _root(text: str) -> bytes:
    try:
        raw = b64decode(text, validate=True)
    except ValueError:
        raw = b""
    if len(raw) != HASH_SIZE or b64encode(raw).decode() != text:
        raise note.NoteError("the root of a checkpoint is 32 bytes in base64")
    return raw
