"""The tree cut into tiles of 256 hashes (C2SP tlog-tiles): growing it, and finding any node in it.

Tile (level, index) holds the roots of the 256 subtrees of 256**level entries that begin at entry
index × 256**(level + 1). Only the last tile of a level is narrower than 256 hashes; it never changes, it grows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from approvals_hub_client.tree import HASH_SIZE, Frontier, perfect_root, subtrees

TILE_WIDTH = 256
TILE_BITS = 8

Place = tuple[int, int]
"""A tile's level and its index in that level."""


def widths(size: int) -> list[int]:
    """How many hashes each level of a tree of `size` entries has, from the leaves up; empty for the empty tree."""
    found = []
    while size:
        found.append(size)
        size //= TILE_WIDTH
    return found


def edge(size: int) -> list[Place]:
    """The narrower tiles at the right of a tree: what must be read before it can grow, or its root be known."""
    return [(level, width // TILE_WIDTH) for level, width in enumerate(widths(size)) if width % TILE_WIDTH]


def grow(size: int, tiles: Mapping[Place, bytes], leaves: Iterable[bytes]) -> tuple[int, dict[Place, bytes]]:
    """Append the hashes of leaves: the new size, and every tile that is new or wider than before.

    `tiles` holds at least `edge(size)`. Costs a hash for each leaf. Raises ValueError when a stored tile has not the
    width that `size` demands: the stored tree is not the one that was signed.
    """
    changed: dict[Place, bytes] = {}
    row, level, begin = b"".join(leaves), 0, size
    grown = size + len(row) // HASH_SIZE
    while row:
        index, width = divmod(begin, TILE_WIDTH)
        if width:
            row = _tile(tiles, (level, index), width) + row
        whole: list[bytes] = []
        for start in range(0, len(row), TILE_WIDTH * HASH_SIZE):
            tile = row[start : start + TILE_WIDTH * HASH_SIZE]
            changed[level, index + len(whole)] = tile
            if len(tile) == TILE_WIDTH * HASH_SIZE:
                whole.append(perfect_root(split(tile)))
        row, level, begin = b"".join(whole), level + 1, index
    return grown, changed


def root(size: int, tiles: Mapping[Place, bytes]) -> bytes:
    """The root of a tree of `size` entries; `tiles` holds at least `edge(size)`, wider ones are cut.

    Raises ValueError when a tile is missing or too narrow.
    """
    frontier = Frontier()
    for level, index in subtrees(0, size):
        frontier.add(node(level, index, tiles), level)
    return frontier.root()


def tile_of(level: int, index: int) -> Place:
    """The tile from which a node is made: the highest one below or at the node's level."""
    return level // TILE_BITS, (index << level % TILE_BITS) // TILE_WIDTH


def node(level: int, index: int, tiles: Mapping[Place, bytes]) -> bytes:
    """The hash of the perfect subtree `index` of 2**level entries.

    Raises ValueError when its tile is missing or too narrow.
    """
    first = (index << level % TILE_BITS) % TILE_WIDTH
    end = first + (1 << level % TILE_BITS)
    tile = _tile(tiles, tile_of(level, index), end)
    return perfect_root(split(tile[first * HASH_SIZE : end * HASH_SIZE]))


def split(tile: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [tile[start : start + HASH_SIZE] for start in range(0, len(tile), HASH_SIZE)]


def path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """Where tlog-tiles serves a tile: `tile/0/x001/234` or, while it is narrower, `tile/0/x001/234.p/5`."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03d}")
    return f"tile/{level}/{'/'.join(groups)}" + (f".p/{width}" if width < TILE_WIDTH else "")


def _tile(tiles: Mapping[Place, bytes], place: Place, width: int) -> bytes:
    tile = tiles.get(place, b"")
    if len(tile) < width * HASH_SIZE:
        raise ValueError(f"{path(*place)} holds {len(tile) // HASH_SIZE} hashes where {width} are needed")
    return tile[: width * HASH_SIZE] if width < TILE_WIDTH else tile
