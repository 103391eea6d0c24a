"""SQL of real decisions that are decided once more; it writes nothing."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sql import In


async def heads(tx: Tx, org_id: str, *, since: int, until: int, most: int) -> list[tuple[int, str]]:
    """(at, id) of the newest `most` decisions, the oldest first: answers to agents that asked before they acted, and
    questions that agents asked directly."""
    answers = await tx.rows(
        "SELECT id, at FROM authorizations WHERE org_id = :org AND at >= :since AND at < :until"
        " ORDER BY at DESC, id DESC LIMIT :most",
        org=org_id,
        since=since,
        until=until,
        most=most,
    )
    questions = await tx.rows(
        "SELECT e.id, e.created_at AS at FROM escalations e WHERE e.org_id = :org AND e.agent_id <> 'hub'"
        " AND e.created_at >= :since AND e.created_at < :until"
        " AND NOT EXISTS (SELECT 1 FROM authorizations a WHERE a.escalation_id = e.id)"
        " ORDER BY e.created_at DESC, e.id DESC LIMIT :most",
        org=org_id,
        since=since,
        until=until,
        most=most,
    )
    return sorted((int(row["at"]), str(row["id"])) for row in (*answers, *questions))[-most:]


async def answers(tx: Tx, ids: list[str]) -> list[Row]:
    """These answers, each with what became of its question."""
    return await tx.rows(
        "SELECT a.id, a.agent_id, a.at, a.decision, a.answer, e.id AS escalation_id, e.sealed, e.token_state"
        " FROM authorizations a LEFT JOIN escalations e ON e.id = a.escalation_id WHERE a.id IN :ids",
        ids=In(ids),
    )


async def questions(tx: Tx, ids: list[str]) -> list[Row]:
    """These questions."""
    return await tx.rows(
        "SELECT id, agent_id, created_at AS at, sealed, token_state FROM escalations WHERE id IN :ids", ids=In(ids)
    )
