"""What a verification found: that everything holds, or the first thing that does not."""

from __future__ import annotations

from typing import Literal

import msgspec

Wrong = Literal[
    "header",  # the first line is not that of an export, or says something impossible
    "key",  # signed by another key than those given
    "edited",  # an entry differs from its tile
    "missing",  # an entry was deleted
    "reordered",  # an entry stands in the place of another
    "unexpected",  # a line that belongs nowhere: an entry twice, or one that was put in
    "tile",  # a tile that is not of the header's range
    "interval",  # tiles were rewritten: a signed root does not come out, between two checkpoints
    "checkpoint",  # a checkpoint that the key did not sign, or out of place
    "fork",  # the log differs from a checkpoint kept elsewhere
    "cut",  # the end is missing: of the file, or of the log against a checkpoint kept elsewhere
    "not_covered",  # the checkpoint kept elsewhere is outside of what was exported
    "end",  # the signed end tells of another export
]


class Bad(msgspec.Struct, frozen=True):
    """The first thing that does not hold. `index` is the entry's; with `end` it is somewhere from `index` up to it."""

    kind: Wrong
    index: int | None
    why: str
    end: int | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What an export held, as far as it was read.

    `entries` are those that were verified, `first` and `last` their indexes; `size` and `root` are of the signed head.
    `pinned` says whether the keys came from elsewhere; otherwise the export vouches for itself, which shows accidents
    and changes by others than the key's owner. `compared` is the size of the checkpoint kept elsewhere.
    """

    ok: bool
    origin: str
    query: dict[str, str]
    entries: int
    first: int | None
    last: int | None
    size: int
    root: str
    checkpoints: int
    keys: list[str]
    pinned: bool
    compared: int | None
    first_bad: Bad | None


class Broken(Exception):
    """Ends a verification."""

    def __init__(self, bad: Bad) -> None:
        """`bad` is what the report will name."""
        super().__init__(bad.why)
        self.bad = bad


def broken(kind: Wrong, index: int | None, why: str, *, end: int | None = None) -> Broken:
    """The exception that names one thing."""
    return Broken(Bad(kind, index, why, end))
