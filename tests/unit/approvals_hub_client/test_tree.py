"""The hashes and roots of RFC 9162, against a log of C2SP and against the RFC's own recursion."""

from __future__ import annotations

from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub_client.tree import EMPTY_ROOT, Frontier, leaf_hash, node_hash, perfect_root, root_of, subtrees

TLOG = Path(__file__).parents[2] / "vectors" / "c2sp" / "tlog"


def recursion(hashes: list[bytes]) -> bytes:
    """RFC 9162 §2.1.1, word for word."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return node_hash(recursion(hashes[:half]), recursion(hashes[half:]))


def entries(bundle: bytes) -> list[bytes]:
    """The entries of a bundle of tlog-tiles: each behind its length in two bytes."""
    found = []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        found.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    return found


@pytest.mark.parametrize("size", range(16))
def test_the_root_of_every_size_is_that_of_the_signed_checkpoint(size: int) -> None:
    leaves = entries((TLOG / "tile/entries/000.p/15").read_bytes())[:size]
    root = (TLOG / f"checkpoint.{size}").read_text().splitlines()[2]
    assert root_of(map(leaf_hash, leaves)) == b64decode(root)


@given(st.integers(0, 600))
def test_a_root_is_the_one_of_the_recursive_definition(size: int) -> None:
    hashes = [leaf_hash(str(number).encode()) for number in range(size)]
    assert root_of(hashes) == recursion(hashes)


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert root_of([]) == EMPTY_ROOT == sha256(b"").digest()


def test_an_entry_that_looks_like_two_hashes_is_not_taken_for_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_subtrees_cover_a_range_without_hole_or_overlap(one: int, other: int) -> None:
    start, end = sorted((one, other))
    place = start
    for level, index in subtrees(start, end):
        assert index << level == place
        place = (index + 1) << level
    assert place == end


@given(st.integers(0, 300), st.data())
def test_a_frontier_of_subtrees_has_the_root_of_its_leaves(size: int, data: st.DataObject) -> None:
    hashes = [leaf_hash(str(number).encode()) for number in range(size)]
    cut = data.draw(st.integers(0, size))
    frontier = Frontier()
    for start, end in ((0, cut), (cut, size)):
        for level, index in subtrees(start, end):
            frontier.add(perfect_root(hashes[index << level : (index + 1) << level]), level)
    assert (frontier.size, frontier.root()) == (size, recursion(hashes))


def test_a_subtree_that_does_not_begin_at_the_end_is_refused() -> None:
    frontier = Frontier()
    frontier.add(EMPTY_ROOT)
    with pytest.raises(ValueError, match="no subtree of level 1 begins at 1"):
        frontier.add(EMPTY_ROOT, 1)


@pytest.mark.parametrize("number", [0, 3, 255])
def test_a_perfect_root_of_no_power_of_two_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        perfect_root([EMPTY_ROOT] * number)


@pytest.mark.parametrize(("start", "end"), [(2, 1), (-1, 1)])
def test_a_range_that_runs_backwards_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="not a range"):
        subtrees(start, end)
