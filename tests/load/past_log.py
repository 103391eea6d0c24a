"""The log of past questions: entries like those of a real one, chained, put into the tree and signed for as they came.

What the hub's own recorder and sealer write row by row is written here in bulk: the same MACs, leaves, tiles and signed
checkpoints, so that the sealer goes on from them and an export verifies.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from approvals_hub.audit import tiles
from approvals_hub.audit.entry import NO_MAC, Chain
from approvals_hub.core.clock import to_text
from approvals_hub_client import checkpoint
from approvals_hub_client.checkpoint import Checkpoint
from approvals_hub_client.note import Signer
from approvals_hub_client.tree import HASH_SIZE, Frontier, leaf_hash

WRITER = "wri_" + "0" * 20
OWN = re.compile(rb'"(id|seq|ts|writer)":(?:"[^"]*"|\d+)')
OWN_PLACES = (b"id", b"seq", b"ts")


@dataclass(slots=True)
class PastLog:
    """Appends to an organisation's log. The hub must not run, and all that it wrote must be sealed."""

    db: sqlite3.Connection
    org_id: str
    chain: Chain
    signer: Signer
    size: int = 0
    note: str = ""
    _seq: int = 0
    _mac: bytes = NO_MAC
    _frontier: Frontier = field(default_factory=Frontier)
    _edge: dict[tuple[int, int], bytes] = field(default_factory=dict)
    _leaves: list[bytes] = field(default_factory=list)
    _entries: list[tuple[Any, ...]] = field(default_factory=list)
    _checkpoints: list[tuple[Any, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Go on from the log's edge."""
        self.size = self.db.execute(
            "SELECT MAX(size) FROM audit_checkpoints WHERE org_id = ?", (self.org_id,)
        ).fetchone()[0]
        rows = self.db.execute("SELECT level, idx, hashes FROM audit_tiles WHERE org_id = ?", (self.org_id,))
        known = {(level, index): hashes for level, index, hashes in rows}
        self._edge = {place: known[place] for place in tiles.edge(self.size)}
        for level, index in _whole(self.size):
            self._frontier.add(tiles.node(level, index, known), level)

    def add(self, pattern: Pattern, at: int, words: Sequence[bytes]) -> None:
        """The entries of one question, and the checkpoint that was signed when it had ended."""
        ts, texts = to_text(at).encode(), [word.decode() for word in words]
        for columns, body_of in pattern.entries:
            name = b"ent_%012x%020x" % (at, self._seq)
            body = body_of((*words, name, b"%d" % self._seq, ts))
            self._mac = self.chain.next(self._mac, body)
            leaf = leaf_hash(body)
            self._frontier.add(leaf)
            self._leaves.append(leaf)
            row = (WRITER, self._seq, at, name.decode(), body, self._mac, self.size, *columns(texts))
            self._entries.append(row)
            self._seq += 1
            self.size += 1
        root = self._frontier.root()
        self.note = checkpoint.sign(Checkpoint(self.signer.verifier.name, self.size, root), self.signer)
        self._checkpoints.append((self.org_id, self.size, root, self.note, at))

    def write(self) -> None:
        """Insert what was added since, inside the caller's transaction."""
        before = self.size - len(self._leaves)
        _, changed = tiles.grow(before, self._edge, self._leaves)
        self._edge |= changed
        self.db.executemany(
            "INSERT INTO audit_entries (org_id, writer, seq, at, id, body, mac, idx, kind, actor_type, actor_id,"
            " agent_id, escalation_id, action_id, action_type, decision, policy_id)"
            f" VALUES ('{self.org_id}', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self._entries,
        )
        self.db.executemany("INSERT INTO audit_checkpoints VALUES (?, ?, ?, ?, ?)", self._checkpoints)
        self.db.executemany(
            "INSERT OR REPLACE INTO audit_tiles (org_id, level, idx, width, hashes) VALUES (?, ?, ?, ?, ?)",
            [(self.org_id, *place, len(hashes) // HASH_SIZE, hashes) for place, hashes in changed.items()],
        )
        kept = set(tiles.edge(self.size))
        self._edge = {place: hashes for place, hashes in self._edge.items() if place in kept}
        for done in (self._leaves, self._entries, self._checkpoints):
            done.clear()


Body = Callable[[tuple[bytes, ...]], bytes]
Columns = Callable[[list[str]], list[Any]]


@dataclass(frozen=True, slots=True)
class Pattern:
    """The entries of one real question, with room for what differs from question to question."""

    entries: list[tuple[Columns, Body]]

    @classmethod
    def of(cls, db: sqlite3.Connection, escalation_id: str, words: Sequence[str]) -> Pattern:
        """Of a question in the log, where `words` (its id among them) are what is exchanged for others."""
        columns = "kind, actor_type, actor_id, agent_id, escalation_id, action_id, action_type, decision, policy_id"
        rows = db.execute(
            f"SELECT body, {columns} FROM audit_entries WHERE escalation_id = ? ORDER BY idx", (escalation_id,)
        )
        return cls([(_columns(row[1:], words), _body(row[0], words)) for row in rows.fetchall()])


def _columns(row: tuple[Any, ...], words: Sequence[str]) -> Columns:
    exchanged = [(column, words.index(value)) for column, value in enumerate(row) if value in words]

    def made(given: list[str]) -> list[Any]:
        copy = list(row)
        for column, word in exchanged:
            copy[column] = given[word]
        return copy

    return made


def _body(body: bytes, words: Sequence[str]) -> Body:
    """Makes the bytes with these words and an entry's own members exchanged; every other byte as it was.

    What is made of: the words, the entry's id, its sequence number, its time.
    """
    order: list[int] = []
    exchanged = b"|".join([OWN.pattern, *(re.escape(word.encode()) for word in words)])

    def room(found: re.Match[bytes]) -> bytes:
        own = found.group(1)
        if own is None:
            order.append(words.index(found.group().decode()))
            return b"%s"
        if own == b"writer":
            return b'"writer":"%s"' % WRITER.encode()
        order.append(len(words) + OWN_PLACES.index(own))
        return b'"%s":' % own + (b"%s" if own == b"seq" else b'"%s"')

    shape = re.sub(exchanged, room, body.replace(b"%", b"%%"))
    chosen = itemgetter(*order)
    return lambda given: shape % chosen(given)


def _whole(size: int) -> list[tuple[int, int]]:
    """The perfect subtrees that cover the first `size` entries: level and index in the level."""
    found, begin = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            found.append((level, begin >> level))
            begin += 1 << level
    return found
