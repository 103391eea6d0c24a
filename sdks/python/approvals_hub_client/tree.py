"""The Merkle tree of RFC 9162 §2.1, without storage: hashes and the right edge from which a root follows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without entries."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of an entry. Its prefix keeps an inner node from being shown as an entry."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The largest perfect subtrees that cover the first `size` entries, left to right: one for each bit of `size`.

    All that is needed to go on appending and to know the root; 64 hashes are enough for any log.
    """

    __slots__ = ("hashes", "size")

    def __init__(self) -> None:
        """The frontier of the empty tree."""
        self.size = 0
        self.hashes: list[bytes] = []

    def add(self, digest: bytes, level: int = 0) -> None:
        """Append a leaf's hash, or the hash of a whole perfect subtree of 2**level entries.

        Raises ValueError when a subtree of that level cannot begin at `size`.
        """
        place = self.size >> level
        if place << level != self.size:
            raise ValueError(f"no subtree of level {level} begins at {self.size}")
        hashes = self.hashes
        while place & 1:
            digest = sha256(b"\x01" + hashes.pop() + digest).digest()
            place >>= 1
        hashes.append(digest)
        self.size += 1 << level

    def root(self) -> bytes:
        """The root of the tree with the entries added so far; costs one hash for each bit of `size`."""
        if not self.hashes:
            return EMPTY_ROOT
        digest = self.hashes[-1]
        for left in self.hashes[-2::-1]:
            digest = node_hash(left, digest)
        return digest


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes; one level of a tile at a time.

    Raises ValueError for another number of hashes.
    """
    if not hashes or len(hashes) & (len(hashes) - 1):
        raise ValueError("a perfect subtree has a power of two of leaves")
    row = list(hashes)
    while len(row) > 1:
        pairs = iter(row)
        row = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return row[0]


def root_of(hashes: Iterable[bytes]) -> bytes:
    """The root of a tree whose leaves have these hashes."""
    frontier = Frontier()
    for digest in hashes:
        frontier.add(digest)
    return frontier.root()


def subtrees(start: int, end: int) -> list[tuple[int, int]]:
    """The fewest perfect subtrees that cover the entries from `start` up to `end`: (level, index in that level).

    Raises ValueError when `start` is negative or after `end`.
    """
    if not 0 <= start <= end:
        raise ValueError(f"not a range of entries: {start} to {end}")
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        found.append((level, start >> level))
        start += 1 << level
    return found
