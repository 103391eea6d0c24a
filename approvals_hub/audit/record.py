"""Writes an event in the same unit of work as what it records: if it cannot be written, the thing does not happen."""

from __future__ import annotations

import secrets

from approvals_hub.audit import store
from approvals_hub.audit.entry import NO_MAC, VERSION, Chain, Entry, encode
from approvals_hub.audit.event import ACTOR_TYPES, KINDS, Event
from approvals_hub.core.clock import to_text
from approvals_hub.db.database import Tx


class Recorder:
    """Records events; one instance serves all organisations.

    Every database connection is a writer of its own in every organisation it writes to: a random id, a sequence
    without holes and a MAC over its previous entry, so that an entry that disappears before it is sealed leaves a
    hole that the sealer refuses. What a writer knows lives in `tx.memory`, which a rollback takes back too.
    """

    def __init__(self, *, mac_key: bytes) -> None:
        """Raise ValueError unless `mac_key` has 32 bytes. It is the hub's, the same in all its processes."""
        self._chain = Chain(mac_key)

    async def record(self, tx: Tx, event: Event) -> None:
        """Write one entry. Raise ValueError for a kind or an actor outside the closed lists."""
        if event.kind not in KINDS or event.actor_type not in ACTOR_TYPES:
            raise ValueError(f"not an event of the closed list: {event.kind} by {event.actor_type}")
        place = "audit:" + event.org_id
        writer, number, seq, previous = tx.memory.get(place) or _new_writer()
        entry = Entry(
            event.action_id,
            event.action_type,
            event.actor_id,
            event.actor_type,
            event.agent_id,
            event.decision,
            event.detail,
            event.escalation_id,
            f"ent_{event.at:012x}{number + seq:020x}",
            event.kind,
            event.org_id,
            event.policy_id,
            event.proof_kid,
            seq,
            event.signature_valid,
            event.trust,
            to_text(event.at),
            VERSION,
            writer,
        )
        body = encode(entry)
        mac = self._chain.next(previous, body)
        await store.add_entry(tx, event.at, entry, body, mac)
        tx.memory[place] = (writer, number, seq + 1, mac)


def _new_writer() -> tuple[str, int, int, bytes]:
    """A writer's id, the number its entries' ids count from, its first sequence number, and no MAC before it.

    Ids made of time, a random number and the sequence need no randomness for each entry (3 µs a piece). The number
    stays under 2^79, so that adding a sequence never grows a digit.
    """
    number = secrets.randbits(79)
    return f"wri_{number:020x}", number, 0, NO_MAC
