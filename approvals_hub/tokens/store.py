"""SQL of redemption. The token's state lies with its escalation; the redemption itself has a row of its own."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sql import In


async def token(tx: Tx, jti: str) -> Row | None:
    """All that decides whether a token may be redeemed, its organisation and agent included."""
    return await tx.row(
        "SELECT e.id, e.org_id, e.agent_id, e.action_hash, e.requirement, e.epoch, e.token_state, e.token_cause,"
        " e.created_at, e.valid_until, e.approval, e.policy, a.state AS agent_state, a.owner_id, o.stopped_at,"
        " o.policies_version FROM escalations e"
        " JOIN agents a ON a.id = e.agent_id JOIN orgs o ON o.id = e.org_id WHERE e.jti = :jti",
        jti=jti,
    )


async def key_of_thumbprint(tx: Tx, agent_id: str, thumbprint: str) -> Row | None:
    """The agent's key that a token is bound to."""
    return await tx.row(
        "SELECT id, public_key, valid_until FROM agent_keys WHERE agent_id = :agent AND thumbprint = :thumbprint",
        agent=agent_id,
        thumbprint=thumbprint,
    )


async def counting(tx: Tx, org_id: str, device_ids: list[str]) -> dict[tuple[str, str], Row]:
    """(person, device) → the person's roles, of those of these devices that count now: both active, and the person
    still a member. `counts_from`: where the membership began anew, since when what they sign counts."""
    rows = await tx.rows(
        "SELECT d.id, d.person_id, m.roles, m.counts_from FROM devices d JOIN people p ON p.id = d.person_id"
        " JOIN memberships m ON m.org_id = :org AND m.person_id = d.person_id"
        " WHERE d.id IN :ids AND d.state = 'active' AND p.state = 'active' AND m.removed_at IS NULL"
        " AND m.disabled_at IS NULL",
        org=org_id,
        ids=In(device_ids),
    )
    return {(row["person_id"], row["id"]): row for row in rows}


async def spend(tx: Tx, *, jti: str, epoch: str) -> Row | None:
    """The one atomic step that decides: only one caller ever gets the row."""
    return await tx.row(
        "UPDATE escalations SET token_state = 'redeemed', version = version + 1"
        " WHERE jti = :jti AND token_state = 'ready' AND epoch = :epoch RETURNING id, org_id",
        jti=jti,
        epoch=epoch,
    )


async def add_redemption(
    tx: Tx,
    *,
    jti: str,
    org_id: str,
    escalation_id: str,
    idempotency_key: str,
    audience: str,
    proof_jti: str,
    proof_token: str,
    at: int,
) -> None:
    """Keep what the winner was told, so that it can be told again."""
    await tx.execute(
        "INSERT INTO redemptions (jti, org_id, escalation_id, idempotency_key, audience, proof_jti, proof_token,"
        " redeemed_at) VALUES (:jti, :org, :escalation, :key, :audience, :proof_jti, :proof, :at)",
        jti=jti,
        org=org_id,
        escalation=escalation_id,
        key=idempotency_key,
        audience=audience,
        proof_jti=proof_jti,
        proof=proof_token,
        at=at,
    )


async def redemption(tx: Tx, jti: str) -> Row | None:
    """The redemption of a token."""
    return await tx.row(
        "SELECT jti, org_id, escalation_id, idempotency_key, audience, proof_jti, proof_token, redeemed_at, report,"
        " reported_at FROM redemptions WHERE jti = :jti",
        jti=jti,
    )


async def redemption_of(tx: Tx, escalation_id: str) -> Row | None:
    """The redemption of a question's token, by the question."""
    return await tx.row(
        "SELECT r.jti, r.proof_token, r.redeemed_at FROM redemptions r JOIN escalations e ON e.jti = r.jti"
        " WHERE e.id = :id",
        id=escalation_id,
    )


async def report_authorization(tx: Tx, proof_jti: str, *, status: str, detail: bytes | None, at: int) -> Row | None:
    """What came of an action that was allowed at once, told once: the row, or None where it was told before."""
    return await tx.row(
        "UPDATE authorizations SET report = :status, report_detail = :detail, reported_at = :at"
        " WHERE proof_jti = :jti AND report IS NULL"
        " RETURNING id",
        jti=proof_jti,
        status=status,
        detail=detail,
        at=at,
    )


async def authorization(tx: Tx, proof_jti: str) -> Row | None:
    """The answer that this proof came with."""
    return await tx.row(
        "SELECT id, org_id, agent_id, proof_jti, report, reported_at, at FROM authorizations WHERE proof_jti = :jti",
        jti=proof_jti,
    )


async def report(tx: Tx, jti: str, *, status: str, detail: bytes | None, at: int) -> Row | None:
    """What came of it, told once."""
    return await tx.row(
        "UPDATE redemptions SET report = :status, report_detail = :detail, reported_at = :at"
        " WHERE jti = :jti AND report IS NULL RETURNING jti",
        jti=jti,
        status=status,
        detail=detail,
        at=at,
    )
