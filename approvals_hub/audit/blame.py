"""Says what was done to an export, given the first line that is not the one expected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from approvals_hub.audit.export_format import read_entry, read_line
from approvals_hub.audit.report import Bad
from approvals_hub.audit.tiles import TILE_WIDTH
from approvals_hub_client.tree import leaf_hash


def blame_entry(index: int, line: bytes, hashes: Sequence[bytes], rest: Iterable[bytes]) -> Bad:
    """The line that should hold entry `index` does not. `hashes` are its tile's, `rest` the lines that follow."""
    if not line:
        return Bad("cut", index, f"the export breaks off where entry {index} belongs")
    try:
        found = read_entry(line)
    except ValueError:
        return _no_entry(index, line)
    first = index - index % TILE_WIDTH
    leaf = leaf_hash(bytes(found.entry))
    if found.index == index:
        if leaf == hashes[index - first]:
            return Bad("edited", index, f"the line of entry {index} is spelled in another way")
        if leaf in hashes:
            return Bad("reordered", index, f"entry {first + hashes.index(leaf)} is shown under the number {index}")
        return Bad("edited", index, f"entry {index} differs from its tile")
    if found.index < index or _comes_later(index, rest):
        return Bad("reordered", index, f"entry {found.index} stands in the place of entry {index}")
    return Bad("missing", index, f"entry {index} is missing: entry {found.index} follows on the one before it")


def blame_line(line: bytes, last: int | None, place: int) -> Bad:
    """A line that is no tile, checkpoint or end stands where one belongs. `last` is the entry shown before it."""
    try:
        found = read_entry(line)
    except ValueError:
        return Bad("unexpected", place, f"the line after entry {last} is none of an export")
    again = last is not None and found.index <= last
    return Bad("unexpected", found.index, f"entry {found.index} is shown {'again' if again else 'but not announced'}")


def _no_entry(index: int, line: bytes) -> Bad:
    try:
        read_line(line)
    except ValueError:
        return Bad("edited", index, f"the line of entry {index} cannot be read")
    return Bad("missing", index, f"entry {index} is missing: the export goes on without it")


def _comes_later(index: int, rest: Iterable[bytes]) -> bool:
    for line in islice(rest, TILE_WIDTH):
        try:
            if read_entry(line).index == index:
                return True
        except ValueError:
            return False
    return False
