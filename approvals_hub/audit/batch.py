"""Which entries are sealed next, in which order, and whether one of them was touched before."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from approvals_hub.audit.entry import Chain
from approvals_hub_client.tree import leaf_hash


class Written(msgspec.Struct, frozen=True):
    """An entry as it lies in the database, not sealed yet. `at` is in milliseconds."""

    writer: str
    seq: int
    at: int
    body: bytes
    mac: bytes


class Run(msgspec.Struct, frozen=True):
    """Entries `first` to `last` of one writer, which follow each other in the log: index = sequence + shift."""

    writer: str
    first: int
    last: int
    shift: int


class ChainBroken(Exception):
    """An entry is missing, changed or foreign: `writer` and `seq` name the first one."""

    def __init__(self, writer: str, seq: int, why: str) -> None:
        """`why` is a sentence for an operator."""
        super().__init__(f"{why}: entry {seq} of {writer}")
        self.writer = writer
        self.seq = seq
        self.why = why


class _Place(msgspec.Struct):
    org_id: str
    writer: str
    seq: int


_read_place = msgspec.json.Decoder(_Place).decode


def by_writer(entries: Iterable[Written]) -> dict[str, list[Written]]:
    """Each writer's entries, in the order in which they were written."""
    found: dict[str, list[Written]] = {}
    for entry in sorted(entries, key=lambda entry: entry.seq):
        found.setdefault(entry.writer, []).append(entry)
    return found


def in_order(entries: Sequence[Written]) -> list[Written]:
    """By time; but an entry whose clock ran ahead never overtakes the next one of its writer."""
    keyed: list[tuple[int, str, int, Written]] = []
    for writer, mine in by_writer(entries).items():
        latest = 0
        for entry in mine:
            latest = max(latest, entry.at)
            keyed.append((latest, writer, entry.seq, entry))
    return [entry for *_, entry in sorted(keyed, key=lambda item: item[:3])]


def check(org_id: str, entries: Iterable[Written], before: Mapping[str, bytes], chain: Chain) -> list[bytes]:
    """The leaf hashes of entries that stand in order.

    `before` holds, for each writer, the MAC that its first entry here follows on. Raises ChainBroken for a hole, a
    wrong MAC, or an entry that says it is another organisation's, writer's or place's.
    """
    place: dict[str, tuple[int, bytes]] = {}
    leaves = []
    for entry in entries:
        if entry.writer not in before:
            raise ChainBroken(entry.writer, entry.seq - 1, "an entry is missing")
        expected, previous = place.get(entry.writer) or (entry.seq, before[entry.writer])
        if entry.seq != expected:
            raise ChainBroken(entry.writer, expected, "an entry is missing")
        if not hmac.compare_digest(chain.next(previous, entry.body), entry.mac):
            raise ChainBroken(entry.writer, entry.seq, "an entry was changed after it was written")
        said = _read_place(entry.body)
        if (said.org_id, said.writer, said.seq) != (org_id, entry.writer, entry.seq):
            raise ChainBroken(entry.writer, entry.seq, "an entry was moved here from elsewhere")
        place[entry.writer] = (entry.seq + 1, entry.mac)
        leaves.append(leaf_hash(entry.body))
    return leaves


def runs(entries: Iterable[Written], size: int) -> list[Run]:
    """The entries that stand in order, with indexes from `size` on, as runs."""
    found: list[Run] = []
    for index, entry in enumerate(entries, size):
        shift = index - entry.seq
        last = found[-1] if found else None
        if last and last.writer == entry.writer and last.shift == shift:
            found[-1] = Run(last.writer, last.first, entry.seq, shift)
        else:
            found.append(Run(entry.writer, entry.seq, entry.seq, shift))
    return found
