"""Tiles: growing step by step, roots and nodes from the tiles alone, and C2SP's own tiles."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals_hub.audit import tiles
from approvals_hub_client.tree import leaf_hash, root_of
from approvals_hub_client.tree_proof import hash_of_range, inclusion_ranges, verify_inclusion

TLOG = Path(__file__).parents[2] / "vectors" / "c2sp" / "tlog"
LEAVES = [leaf_hash(number.to_bytes(4, "big")) for number in range(70_000)]


def grown(steps: list[int]) -> tuple[int, dict[tuple[int, int], bytes]]:
    size, stored = 0, dict[tuple[int, int], bytes]()
    for step in steps:
        size, changed = tiles.grow(
            size, {place: stored[place] for place in tiles.edge(size)}, LEAVES[size : size + step]
        )
        stored |= changed
    return size, stored


@pytest.mark.parametrize("size", range(1, 16))
def test_the_first_tile_of_every_size_is_that_of_c2sp(size: int) -> None:
    vector = (TLOG / "tile/0/000.p" / str(size)).read_bytes()
    whole = (TLOG / "tile/0/000.p/15").read_bytes()
    _, changed = tiles.grow(0, {}, tiles.split(whole)[:size])
    assert changed == {(0, 0): vector}


@pytest.mark.parametrize("size", range(1, 16))
def test_the_root_made_from_the_tile_is_that_of_the_checkpoint_of_c2sp(size: int) -> None:
    tile = (TLOG / "tile/0/000.p" / str(size)).read_bytes()
    assert tiles.root(size, {(0, 0): tile}) == b64decode((TLOG / f"checkpoint.{size}").read_text().splitlines()[2])


@settings(max_examples=40)
@given(st.lists(st.integers(0, 700), max_size=12))
def test_a_tree_grown_step_by_step_has_the_root_of_its_leaves(steps: list[int]) -> None:
    size, stored = grown(steps)
    assert size == sum(steps)
    assert tiles.root(size, {place: stored[place] for place in tiles.edge(size)}) == root_of(LEAVES[:size])


@settings(max_examples=20)
@given(st.lists(st.integers(0, 700), max_size=6))
def test_the_steps_by_which_a_tree_grew_leave_no_trace(steps: list[int]) -> None:
    assert grown(steps) == grown([sum(steps)])


def test_three_levels_of_tiles_appear_after_65536_entries() -> None:
    size, stored = grown([70_000])
    assert stored[2, 0] == root_of(LEAVES[:65_536])
    assert tiles.root(size, stored) == root_of(LEAVES)


@pytest.mark.parametrize("index", [0, 255, 256, 65_535, 65_536, 69_999])
def test_an_inclusion_proof_is_made_from_tiles_alone(index: int) -> None:
    size, stored = grown([70_000])
    proof = [
        hash_of_range(*part, lambda level, place: tiles.node(level, place, stored))
        for part in inclusion_ranges(index, size)
    ]
    verify_inclusion(LEAVES[index], index, size, proof, root_of(LEAVES))


def test_a_stored_edge_that_is_narrower_than_the_signed_size_is_refused() -> None:
    size, stored = grown([300])
    cut = {(0, 1): stored[0, 1][:-32], (1, 0): stored[1, 0]}
    with pytest.raises(ValueError, match=r"tile/0/001 holds 43 hashes where 44 are needed"):
        tiles.grow(size, cut, LEAVES[300:301])


def test_a_missing_tile_is_refused() -> None:
    with pytest.raises(ValueError, match="holds 0 hashes"):
        tiles.root(300, {})


def test_what_grew_after_the_signed_size_does_not_change_its_root() -> None:
    _, stored = grown([300, 20])
    assert tiles.root(300, stored) == root_of(LEAVES[:300])


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ((0, 0, 256), "tile/0/000"),
        ((0, 0, 15), "tile/0/000.p/15"),
        ((1, 1234067, 256), "tile/1/x001/x234/067"),
        ((0, 1000, 1), "tile/0/x001/000.p/1"),
    ],
)
def test_a_tile_is_found_where_tlog_tiles_puts_it(place: tuple[int, int, int], text: str) -> None:
    assert tiles.path(*place) == text
