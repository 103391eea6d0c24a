"""Proves that one entry is in the log: what a receipt carries, and its check without the hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from approvals_hub.audit import store, tiles
from approvals_hub.audit.filter import Filter
from approvals_hub.db.database import Database, Tx
from approvals_hub_client import checkpoint, note
from approvals_hub_client.checkpoint import Checkpoint
from approvals_hub_client.tree import leaf_hash, subtrees
from approvals_hub_client.tree_proof import hash_of_range, inclusion_ranges, verify_inclusion


class Inclusion(msgspec.Struct, frozen=True):
    """`entry` is the exact text of the leaf, `proof` the hashes in hexadecimal, `checkpoint` the signed note."""

    index: int
    size: int
    entry: str
    proof: list[str]
    checkpoint: str


class _Entry(msgspec.Struct):
    detail: dict[str, msgspec.Raw]


_read_entry = msgspec.json.Decoder(_Entry).decode


@dataclass(frozen=True, slots=True)
class Prove:
    """Makes inclusion proofs against the newest checkpoint."""

    db: Database

    async def decision(self, org_id: str, escalation_id: str, decision_id: str) -> Inclusion | None:
        """The entry of one recorded decision; None as long as it is not sealed, a second at most."""
        wanted = Filter(escalation=escalation_id, kind="decision.recorded")
        said = msgspec.json.encode(decision_id)

        async def read(tx: Tx) -> Inclusion | None:
            head = await store.head(tx, org_id)
            for index, body in await store.page(tx, org_id, wanted, 0, head.size, 1_000):
                if bytes(_read_entry(body).detail.get("decision_id", b"")) == said:
                    return await _prove(tx, org_id, head, index, body)
            return None

        return await self.db.read(read, org=org_id)

    async def entry(self, org_id: str, index: int) -> Inclusion | None:
        """The entry with this index; None where there is none yet."""

        async def read(tx: Tx) -> Inclusion | None:
            head = await store.head(tx, org_id)
            for found, body in await store.page(tx, org_id, Filter(), index, min(index + 1, head.size), 1):
                return await _prove(tx, org_id, head, found, body)
            return None

        return await self.db.read(read, org=org_id)


def check(inclusion: Inclusion, *verifiers: note.Verifier) -> Checkpoint:
    """The signed checkpoint under which the entry stands; needs no hub.

    Raises ValueError when no key signed the checkpoint, or the proof does not lead from the entry to its root.
    """
    signed = checkpoint.verify(inclusion.checkpoint, *verifiers)
    if signed.size != inclusion.size:
        raise ValueError(f"the proof is for a log of {inclusion.size} entries, the checkpoint for one of {signed.size}")
    proof = [bytes.fromhex(digest) for digest in inclusion.proof]
    verify_inclusion(leaf_hash(inclusion.entry.encode()), inclusion.index, signed.size, proof, signed.root)
    return signed


async def proofs_in(tx: Tx, org_id: str, size: int, indexes: Sequence[int]) -> list[list[str]]:
    """For each of these entries the hashes, in hexadecimal, that lead from it to the root of the log of `size`.

    Each tile is read once. Raises ValueError for an entry that this log does not have.
    """
    ranges = [inclusion_ranges(index, size) for index in indexes]
    places = {tiles.tile_of(*place) for parts in ranges for part in parts for place in subtrees(*part)}
    stored = await store.tiles(tx, org_id, places)
    return [
        [hash_of_range(*part, lambda level, place: tiles.node(level, place, stored)).hex() for part in parts]
        for parts in ranges
    ]


async def _prove(tx: Tx, org_id: str, head: store.Head, index: int, body: bytes) -> Inclusion:
    [proof] = await proofs_in(tx, org_id, head.size, [index])
    return Inclusion(index, head.size, body.decode(), proof, head.note)
