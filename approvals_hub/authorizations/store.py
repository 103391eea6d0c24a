"""SQL of authorizations."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx


async def add(
    tx: Tx,
    *,
    authorization_id: str,
    org_id: str,
    agent_id: str,
    action_id: str,
    plain_hash: str,
    decided_by: str,
    decision: str,
    answer: bytes,
    escalation_id: str | None,
    proof_jti: str | None,
    at: int,
) -> None:
    """Keep what an agent was told."""
    await tx.execute(
        "INSERT INTO authorizations (id, org_id, agent_id, action_id, plain_hash, decided_by, decision, answer,"
        " escalation_id, proof_jti, at)"
        " VALUES (:id, :org, :agent, :action, :plain, :by, :decision, :answer, :escalation, :proof, :at)",
        id=authorization_id,
        org=org_id,
        agent=agent_id,
        action=action_id,
        plain=plain_hash,
        by=decided_by,
        decision=decision,
        answer=answer,
        escalation=escalation_id,
        proof=proof_jti,
        at=at,
    )


async def find_of_agent(tx: Tx, authorization_id: str, agent_id: str) -> Row | None:
    """What this agent was told."""
    return await tx.row(
        "SELECT id, plain_hash, decided_by, decision, answer, escalation_id, at FROM authorizations"
        " WHERE id = :id AND agent_id = :agent",
        id=authorization_id,
        agent=agent_id,
    )


async def asks(tx: Tx, authorization_id: str, *, escalation_id: str) -> None:
    """People are asked about it now."""
    await tx.execute(
        "UPDATE authorizations SET escalation_id = :escalation WHERE id = :id",
        id=authorization_id,
        escalation=escalation_id,
    )


async def same(tx: Tx, *, agent_id: str, plain_hash: str, decided_by: str, since: int) -> Row | None:
    """The newest answer about this very action, by the same policies and labels, that is not older."""
    return await tx.row(
        "SELECT id, answer, escalation_id FROM authorizations WHERE agent_id = :agent AND plain_hash = :plain"
        " AND at > :since AND decided_by = :by ORDER BY at DESC, id DESC LIMIT 1",
        agent=agent_id,
        plain=plain_hash,
        by=decided_by,
        since=since,
    )
