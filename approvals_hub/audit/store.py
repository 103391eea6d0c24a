"""The SQL of the log: entries, tiles, checkpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from approvals_hub.audit.entry import Entry

if TYPE_CHECKING:
    from approvals_hub.db.database import Tx

_ADD_ENTRY = """
INSERT INTO audit_entries (org_id, writer, seq, at, id, kind, actor_type, actor_id, agent_id, escalation_id, action_id,
                           action_type, decision, policy_id, body, mac)
VALUES (:org_id, :writer, :seq, :at, :id, :kind, :actor_type, :actor_id, :agent_id, :escalation_id, :action_id,
        :action_type, :decision, :policy_id, :body, :mac)
"""


async def add_entry(tx: Tx, at: int, entry: Entry, body: bytes, mac: bytes) -> None:
    """Insert an entry that is not sealed yet."""
    await tx.execute(
        _ADD_ENTRY,
        org_id=entry.org_id,
        writer=entry.writer,
        seq=entry.seq,
        at=at,
        id=entry.id,
        kind=entry.kind,
        actor_type=entry.actor_type,
        actor_id=entry.actor_id,
        agent_id=entry.agent_id,
        escalation_id=entry.escalation_id,
        action_id=entry.action_id,
        action_type=entry.action_type,
        decision=entry.decision,
        policy_id=entry.policy_id,
        body=body,
        mac=mac,
    )
