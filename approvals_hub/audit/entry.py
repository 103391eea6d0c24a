"""The stored form of an event: canonical bytes that become a leaf of the log, and the MAC beside them.

The bytes are RFC 8785 JSON without any work of ours: the members are declared in sorted order, `detail` is sorted by
the encoder, and integers are the only numbers. A test holds them equal to the canonical form of their own parse.
"""

from __future__ import annotations

import msgspec

from approvals_hub.audit.event import Detail
from approvals_hub.core.sealing import Mac

VERSION = 1
NO_MAC = bytes(32)
"""What stands before the first entry of a writer."""


class Entry(msgspec.Struct, frozen=True):
    """Every member is present in every entry, null where there is nothing to say. Declared in sorted order."""

    action_id: str | None
    action_type: str | None
    actor_id: str
    actor_type: str
    agent_id: str | None
    decision: str | None
    detail: Detail
    escalation_id: str | None
    id: str
    kind: str
    org_id: str
    policy_id: str | None
    proof_kid: str | None
    seq: int
    signature_valid: bool | None
    trust: str | None
    ts: str
    v: int
    writer: str


encode = msgspec.json.Encoder(order="deterministic").encode
"""The canonical bytes of an Entry."""


class Chain:
    """HMAC-SHA256 over a writer's previous MAC and an entry's bytes."""

    def __init__(self, key: bytes) -> None:
        """Raise ValueError unless the key has 32 bytes."""
        self._mac = Mac(key)

    def next(self, previous: bytes, body: bytes) -> bytes:
        """The MAC of the entry that follows the one with the MAC `previous`."""
        return self._mac.of(previous, body)
