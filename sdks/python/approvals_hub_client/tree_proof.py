"""Inclusion and consistency proofs of RFC 9162 §2.1.3 and §2.1.4: which nodes they are made of, and their checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from approvals_hub_client.tree import HASH_SIZE, Frontier, node_hash, subtrees

NodeHash = Callable[[int, int], bytes]
"""The hash of a perfect subtree, given its level and its index in that level."""


class ProofError(ValueError):
    """The proof does not lead to the root."""


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """The ranges of entries whose hashes prove that entry `index` is in the tree of `size`, nearest first.

    Raises ValueError when there is no such entry.
    """
    if not 0 <= index < size:
        raise ValueError(f"no entry {index} in a tree of {size}")
    ranges = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _largest_power_below(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[tuple[int, int]]:
    """The ranges of entries whose hashes prove that the tree of `old` entries is the beginning of the one of `new`.

    Raises ValueError unless 0 < old ≤ new.
    """
    if not 0 < old <= new:
        raise ValueError(f"no consistency proof from {old} to {new}")
    ranges = []
    start, end, whole = 0, new, True
    while end != old:
        middle = start + _largest_power_below(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start, whole = middle, False
    if not whole:
        ranges.append((start, end))
    return ranges[::-1]


def hash_of_range(start: int, end: int, node: NodeHash) -> bytes:
    """The hash of the subtree over the entries from `start` up to `end`, made of stored perfect subtrees."""
    frontier = Frontier()
    for level, index in subtrees(start, end):
        frontier.add(node(level, index), level)
    return frontier.root()


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise ProofError unless `proof` leads from the leaf's hash at `index` to the root (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofError(f"no entry {index} in a tree of {size}")
    _check_hashes((leaf, root, *proof))
    place, last, digest = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise ProofError("the proof is too long")
        if place & 1 or place == last:
            digest = node_hash(step, digest)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            digest = node_hash(digest, step)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofError("the proof is too short")
    if digest != root:
        raise ProofError("the proof leads to another root")


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Raise ProofError unless the tree of `old` entries is the beginning of the tree of `new` (RFC 9162 §2.1.4.2).

    An empty old tree is the beginning of nothing that could be proven, and is refused.
    """
    if not 0 < old <= new:
        raise ProofError(f"no consistency proof from {old} to {new}")
    if old == new:
        if proof or old_root != new_root:
            raise ProofError("two trees of one size are equal, with an empty proof")
        return
    _check_hashes((old_root, new_root, *proof))
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    if not steps or not proof:
        raise ProofError("the proof is too short")
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old_digest = new_digest = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise ProofError("the proof is too long")
        if place & 1 or place == last:
            old_digest, new_digest = node_hash(step, old_digest), node_hash(step, new_digest)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new_digest = node_hash(new_digest, step)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofError("the proof is too short")
    if old_digest != old_root or new_digest != new_root:
        raise ProofError("the proof leads to another root")


def _largest_power_below(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(digest) != HASH_SIZE for digest in hashes):
        raise ProofError(f"a hash has {HASH_SIZE} bytes")
