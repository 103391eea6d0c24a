"""SQL of decisions."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sql import In
from approvals_hub.escalations.escalation import HUB_NAME
from approvals_hub.orgs.store import MEMBER_STATE

_HANDED_OVER_BY = (
    "(SELECT h.person_id FROM hand_overs h WHERE h.escalation_id = d.escalation_id AND h.to_id = d.approver_id"
    " AND h.at <= d.at ORDER BY h.at DESC, h.person_id DESC LIMIT 1)"
)
_DEVICE_STATE = "CASE WHEN d.at < m.counts_from THEN 'revoked' ELSE v.state END"
"""The state of a vote's device; a vote from before the voter's membership began anew is as one of a revoked device."""
_SHOWN = (
    "d.id, d.org_id, d.escalation_id, d.approver_id, d.device_id, d.decision, d.reason_code, d.statement_hash, d.acr,"
    " d.amr, d.methods, d.binding, d.stands_in, d.at, d.sealed, e.revision, e.action_type, e.action_hash, e.state,"
    f" e.token_state, e.valid_until, e.agent_id, COALESCE(a.name, '{HUB_NAME}') AS agent_name, v.key_hash,"
    f" {_HANDED_OVER_BY} AS handed_over_by"
)
"""What a receipt shows of a decision, and what lies sealed with it."""


async def add(tx: Tx, **columns: object) -> None:
    """Store a decision. A second current one of the same person, or a spent nonce, is an integrity error."""
    await tx.execute(
        "INSERT INTO decisions (id, org_id, escalation_id, approver_id, device_id, decision, reason_code, nonce,"
        " statement_hash, sealed, acr, amr, methods, binding, stage, stands_in, at, read_ms, hurried)"
        " VALUES (:id, :org_id, :escalation_id, :approver_id, :device_id, :decision, :reason_code, :nonce,"
        " :statement_hash, :sealed, :acr, :amr, :methods, :binding, :stage, :stands_in, :at, :read_ms, :hurried)",
        **columns,
    )


async def current(tx: Tx, escalation_id: str, approver_id: str) -> Row | None:
    """How this person answers this question, and the state of the device they did it with."""
    return await tx.row(
        f"SELECT d.id, d.org_id, d.decision, d.stands_in, {_DEVICE_STATE} AS device_state FROM decisions d"
        " JOIN devices v ON v.id = d.device_id"
        " LEFT JOIN memberships m ON m.org_id = d.org_id AND m.person_id = d.approver_id"
        " WHERE d.escalation_id = :escalation AND d.approver_id = :approver"
        " AND d.superseded_at IS NULL",
        escalation=escalation_id,
        approver=approver_id,
    )


async def answered(tx: Tx, approver_id: str, escalation_ids: list[str]) -> set[str]:
    """Which of these questions somebody has answered with a device that still counts."""
    rows = await tx.rows(
        "SELECT d.escalation_id FROM decisions d JOIN devices v ON v.id = d.device_id"
        " WHERE d.escalation_id IN :ids AND d.approver_id = :approver AND d.superseded_at IS NULL"
        " AND v.state = 'active'",
        ids=In(escalation_ids),
        approver=approver_id,
    )
    return {row["escalation_id"] for row in rows}


async def counts(tx: Tx, escalation_ids: list[str]) -> dict[str, int]:
    """How many present answers each of these questions has; those without any are left out."""
    rows = await tx.rows(
        "SELECT d.escalation_id, COUNT(*) AS count FROM decisions d JOIN devices v ON v.id = d.device_id"
        " WHERE d.escalation_id IN :ids AND d.superseded_at IS NULL AND v.state = 'active' GROUP BY d.escalation_id",
        ids=In(escalation_ids),
    )
    return {row["escalation_id"]: row["count"] for row in rows}


async def votes(tx: Tx, escalation_id: str) -> list[Row]:
    """All present answers, with whether the person and the device still count."""
    return await tx.rows(
        "SELECT d.id, d.approver_id, d.device_id, d.decision, d.acr, d.amr, d.methods, d.binding, d.statement_hash,"
        f" d.stage, d.stands_in, {MEMBER_STATE} AS person_state, {_DEVICE_STATE} AS device_state,"
        " m.removed_at, m.roles,"
        " m.person_id AS member"
        " FROM decisions d JOIN people p ON p.id = d.approver_id JOIN devices v ON v.id = d.device_id"
        " LEFT JOIN memberships m ON m.org_id = d.org_id AND m.person_id = d.approver_id"
        " WHERE d.escalation_id = :escalation AND d.superseded_at IS NULL ORDER BY d.at, d.id",
        escalation=escalation_id,
    )


async def supersede(tx: Tx, decision_id: str, *, at: int) -> None:
    """Another answer of the same person takes its place."""
    await tx.execute("UPDATE decisions SET superseded_at = :at WHERE id = :id", id=decision_id, at=at)


async def nonce_spent(tx: Tx, nonce: bytes) -> bool:
    """Whether some decision carries this nonce."""
    return await tx.row("SELECT id FROM decisions WHERE nonce = :nonce", nonce=nonce) is not None


async def history(tx: Tx, *, approver_id: str, org_id: str, before: str | None, limit: int) -> list[Row]:
    """What somebody answered in an organisation, newest first, replaced answers too."""
    return await tx.rows(
        f"SELECT {_SHOWN}"
        " FROM decisions d JOIN escalations e ON e.id = d.escalation_id LEFT JOIN agents a ON a.id = e.agent_id"
        " JOIN devices v ON v.id = d.device_id"
        " WHERE d.approver_id = :approver AND d.org_id = :org AND (CAST(:before AS TEXT) IS NULL OR d.id < :before)"
        " ORDER BY d.id DESC LIMIT :limit",
        approver=approver_id,
        org=org_id,
        before=before,
        limit=limit,
    )


_SIGNED = (
    "d.id, d.escalation_id, d.approver_id, d.device_id, d.decision, d.statement_hash, d.sealed, d.at, d.superseded_at,"
    " d.stands_in, v.kind, v.alg, v.key_hash, v.jwk, v.public_key, v.credential_id"
    " FROM decisions d JOIN devices v ON v.id = d.device_id"
)
"""An answer as it was signed, with the key that signed it."""


async def sealed(tx: Tx, escalation_id: str) -> list[Row]:
    """All answers to a question as they were signed, oldest first, replaced ones too, each with the key that signed."""
    return await tx.rows(
        f"SELECT {_SIGNED} WHERE d.escalation_id = :escalation ORDER BY d.at, d.id", escalation=escalation_id
    )


async def sealed_page(
    tx: Tx,
    org_id: str,
    *,
    since: int | None,
    until: int | None,
    agent: str | None,
    escalation: str | None,
    after: str,
    limit: int,
) -> list[Row]:
    """The same of many questions of an organisation, by id, which grows with time; `after` is the last id before."""
    return await tx.rows(
        f"SELECT {_SIGNED} JOIN escalations e ON e.id = d.escalation_id WHERE d.org_id = :org AND d.id > :after"
        " AND (CAST(:since AS INTEGER) IS NULL OR d.at >= :since)"
        " AND (CAST(:until AS INTEGER) IS NULL OR d.at < :until)"
        " AND (CAST(:agent AS TEXT) IS NULL OR e.agent_id = :agent)"
        " AND (CAST(:escalation AS TEXT) IS NULL OR d.escalation_id = :escalation)"
        " ORDER BY d.id LIMIT :limit",
        org=org_id,
        after=after,
        since=since,
        until=until,
        agent=agent,
        escalation=escalation,
        limit=limit,
    )


async def find(tx: Tx, decision_id: str) -> Row | None:
    """One decision with what its receipt shows."""
    return await tx.row(
        f"SELECT {_SHOWN}"
        " FROM decisions d JOIN escalations e ON e.id = d.escalation_id LEFT JOIN agents a ON a.id = e.agent_id"
        " JOIN devices v ON v.id = d.device_id WHERE d.id = :id",
        id=decision_id,
    )
