"""What of a bundle the log vouches for: keys, checkpoint, and every entry with its inclusion proof. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from approvals_hub_client import checkpoint, note
from approvals_hub_client.bundle_form import BadBundle, Bundle
from approvals_hub_client.canonical import CanonicalError, loads
from approvals_hub_client.tree import leaf_hash
from approvals_hub_client.tree_proof import verify_inclusion
from approvals_hub_client.trust import LOG, Trust, Untrusted, choose

DEVICE_KINDS = frozenset({"device.enrolled", "device.confirmed", "device.revoked"})
"""Entries about the keys of answers. They are of no question."""
_LONGEST_PROOF = 64
_HEX = frozenset("0123456789abcdef")


class Logged(msgspec.Struct, frozen=True):
    """What of an entry is looked at; `index` is its place in the log, and the order in which things happened."""

    index: int
    kind: str
    org_id: str
    ts: str
    actor_type: str
    actor_id: str
    agent_id: str | None
    escalation_id: str | None
    action_id: str | None
    action_type: str | None
    decision: str | None
    detail: dict[str, Any]


class Log:
    """The entries of a bundle, all of them under one root that the log's key signed."""

    def __init__(
        self, entries: list[Logged], verifiers: list[note.Verifier], size: int, *, pinned: bool = False
    ) -> None:
        """Keep them by their order. `pinned`: whose log it is, is known from elsewhere."""
        self.pinned = pinned
        self.entries = entries
        self.verifiers = verifiers
        self.size = size

    def of(self, kind: str, **detail: Any) -> Iterator[Logged]:
        """The entries of a kind whose detail says this, oldest first."""
        for entry in self.entries:
            if entry.kind == kind and all(entry.detail.get(name) == value for name, value in detail.items()):
                yield entry

    def one(self, part: str, kind: str, **detail: Any) -> Logged:
        """The only one. Raises BadBundle where there is none, or more."""
        found = list(self.of(kind, **detail))
        if len(found) != 1:
            raise BadBundle(part, f"the log's entries hold {len(found) or 'no'} {kind} for it, and there is one")
        return found[0]


def verify_log(bundle: Bundle, trust: Trust) -> Log:
    """The entries that are in the log. Raises BadBundle."""
    verifiers, pinned = _verifiers(bundle, trust)
    try:
        signed = checkpoint.verify(bundle.log.checkpoint, *verifiers)
    except note.NoteError as error:
        raise BadBundle("log.checkpoint", f"the checkpoint cannot be believed: {error}") from None
    entries: list[Logged] = []
    for place, part in enumerate(bundle.log.entries):
        where = f"log.entries[{place}]"
        if entries and part.index <= entries[-1].index:
            raise BadBundle(where, "the entries are not in the log's order")
        try:
            leaf = leaf_hash(part.entry.encode())
            verify_inclusion(leaf, part.index, signed.size, _hashes(part.proof), signed.root)
        except (ValueError, UnicodeEncodeError) as error:
            raise BadBundle(where, f"entry {part.index} is not in the log: {error}") from None
        entries.append(_logged(bundle, where, part.index, part.entry))
    return Log(entries, verifiers, signed.size, pinned=pinned)


def _verifiers(bundle: Bundle, trust: Trust) -> tuple[list[note.Verifier], bool]:
    """The log's keys that may vouch: those that are believed, where any were named. None that was compromised.

    And whether each of them is known from elsewhere as this hub's or this log's.
    """
    hub = bundle.hub
    found, known, doubted = [], [], "the bundle names none"
    for entry in hub.log_keys:
        try:
            key, published = choose(entry.kid, LOG, issuer=hub.issuer, declared=[entry], trust=trust)
            verifier = note.Verifier(hub.origin, key.raw)
        except (Untrusted, note.NoteError) as error:
            doubted = str(error)
            continue
        if published.compromised_at is not None:
            doubted = f"{entry.kid} was marked compromised"
        elif trust and not trust.has(key):
            doubted = f"{entry.kid} is not one of those that you trust"
        elif trust.is_of_another_log(key, hub.origin):
            doubted = f"{entry.kid} is trusted for another log"
        else:
            found.append(verifier)
            known.append(trust.is_of(key, hub.issuer) or trust.is_of_log(key, hub.origin))
    if not hub.origin.endswith(f"/{hub.org_id}") or not found:
        raise BadBundle("hub.log_keys", f"no key of the log {hub.origin[:200]} can be believed: {doubted}")
    return found, all(known)


def _logged(bundle: Bundle, where: str, index: int, text: str) -> Logged:
    try:
        value = loads(text)
        entry = msgspec.convert({**value, "index": index}, Logged)
    except (CanonicalError, msgspec.ValidationError, TypeError) as error:
        raise BadBundle(where, f"entry {index} cannot be read: {error}") from None
    if entry.org_id != bundle.hub.org_id:
        raise BadBundle(where, f"entry {index} is of another organisation")
    if entry.escalation_id != bundle.question.escalation_id and (
        entry.escalation_id is not None or entry.kind not in DEVICE_KINDS
    ):
        raise BadBundle(where, f"entry {index} is of another question")
    return entry


def _hashes(proof: list[str]) -> list[bytes]:
    if len(proof) > _LONGEST_PROOF or any(len(text) != 64 or not _HEX.issuperset(text) for text in proof):
        raise ValueError("a proof is at most 64 hashes in hexadecimal")
    return [bytes.fromhex(text) for text in proof]
