"""A camera that sees a QR code without a speck of dust: from modules to text (ISO/IEC 18004:2015)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from segno import consts

RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z")
FORMAT_MASK = 0b101010000010010
BYTES = 0b0100
"""The mode of a text as octets."""
MASKS: Sequence[Callable[[int, int], int]] = (
    lambda y, x: (y + x) % 2,
    lambda y, x: y % 2,
    lambda y, x: x % 3,
    lambda y, x: (y + x) % 3,
    lambda y, x: (y // 2 + x // 3) % 2,
    lambda y, x: y * x % 2 + y * x % 3,
    lambda y, x: (y * x % 2 + y * x % 3) % 2,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2,
)
"""Table 10: a module is turned over where it is zero."""


def seen(outline: str, view_box: str) -> list[str]:
    """The modules of a picture on the page, as rows of 0 and 1: `outline` has a rectangle for each run of dark ones."""
    runs = RUN.findall(outline)
    assert "".join(f"M{x} {y}h{length}v1h-{back}z" for x, y, length, back in runs) == outline
    width = int(view_box.split()[2])
    rows = [["0"] * width for _ in range(width)]
    for x, y, length, back in runs:
        assert length == back
        for at in range(int(x), int(x) + int(length)):
            rows[int(y)][at] = "1"
    quiet = int(runs[0][1])
    assert quiet >= 4, "scanners want four modules of nothing around it"
    assert not any("1" in row for row in (*rows[:quiet], *rows[-quiet:]))
    return ["".join(row[quiet:-quiet]) for row in rows[quiet:-quiet]]


def scanned(rows: Sequence[str]) -> str:
    """The text of a code's modules. Raises AssertionError for what no scanner would read."""
    level, mask = _format(rows)
    version = (len(rows) - 17) // 4
    bits = "".join(_data_bits(rows, version, MASKS[mask]))
    words = [int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8)]
    text = "".join(f"{word:08b}" for word in _in_order(words, version, level))
    assert int(text[:4], 2) == BYTES
    counted = 8 if version < 10 else 16
    length, start = int(text[4 : 4 + counted], 2), 4 + counted
    return bytes(int(text[at : at + 8], 2) for at in range(start, start + 8 * length, 8)).decode()


def _format(rows: Sequence[str]) -> tuple[int, int]:
    """The level of error correction and the mask, which stand in the code twice (section 7.9)."""
    last = len(rows) - 1
    around = [*((8, x) for x in (0, 1, 2, 3, 4, 5, 7, 8)), *((y, 8) for y in (7, 5, 4, 3, 2, 1, 0))]
    apart = [*((last - at, 8) for at in range(7)), *((8, last - 7 + at) for at in range(8))]
    one, other = ["".join(rows[y][x] for y, x in places) for places in (around, apart)]
    assert one == other
    told = int(one, 2) ^ FORMAT_MASK
    return told >> 13, told >> 10 & 7


def _data_bits(rows: Sequence[str], version: int, mask: Callable[[int, int], int]) -> Iterator[str]:
    """Two columns at a time, from the right, up and down in turn (section 7.7.3)."""
    size, fixed = len(rows), _fixed(version)
    pairs = [x for x in range(size - 1, 0, -2) if x > 6] + [5, 3, 1]
    for turn, right in enumerate(pairs):
        for y in range(size) if turn % 2 else reversed(range(size)):
            for x in (right, right - 1):
                if (y, x) not in fixed:
                    yield str(int(rows[y][x]) ^ (mask(y, x) == 0))


def _fixed(version: int) -> set[tuple[int, int]]:
    """The modules that carry no data (section 6.3): rows and columns."""
    size = 17 + 4 * version
    corners = [(range(9), range(9)), (range(9), range(size - 8, size)), (range(size - 8, size), range(9))]
    timing = [(range(6, 7), range(size)), (range(size), range(6, 7))]
    centres = consts.ALIGNMENT_POS[version - 2] if version > 1 else ()
    squares = [
        (range(y - 2, y + 3), range(x - 2, x + 3))
        for y in centres
        for x in centres
        if (y, x) not in ((6, 6), (6, size - 7), (size - 7, 6))
    ]
    named = [(range(6), range(size - 11, size - 8)), (range(size - 11, size - 8), range(6))] if version >= 7 else []
    return {(y, x) for ys, xs in (*corners, *timing, *squares, *named) for y in ys for x in xs}


def _in_order(words: Sequence[int], version: int, level: int) -> list[int]:
    """The data of the blocks, which are interleaved (section 7.6), one block after the other."""
    sizes = [each.num_data for each in consts.ECC[version][level] for _ in range(each.num_blocks)]
    blocks: list[list[int]] = [[] for _ in sizes]
    taken = iter(words)
    for at in range(max(sizes)):
        for block, size in zip(blocks, sizes, strict=True):
            if at < size:
                block.append(next(taken))
    return [word for block in blocks for word in block]
