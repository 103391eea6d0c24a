"""SQL of trusted hubs, their keys, and the proofs that were taken."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sql import In


async def hubs(tx: Tx, org_id: str) -> list[Row]:
    """The trusted hubs of an organisation, the oldest first."""
    return await tx.rows(
        "SELECT id, name, issuer, audiences, added_at, added_by FROM trusted_hubs"
        " WHERE org_id = :org AND removed_at IS NULL ORDER BY id",
        org=org_id,
    )


async def hub(tx: Tx, org_id: str, hub_id: str) -> Row | None:
    """One of them."""
    return await tx.row(
        "SELECT id, name, issuer, audiences, added_at, added_by FROM trusted_hubs"
        " WHERE org_id = :org AND id = :id AND removed_at IS NULL",
        org=org_id,
        id=hub_id,
    )


async def hub_of(tx: Tx, org_id: str, issuer: str) -> str | None:
    """The id of the one with this issuer."""
    row = await tx.row(
        "SELECT id FROM trusted_hubs WHERE org_id = :org AND issuer = :issuer AND removed_at IS NULL",
        org=org_id,
        issuer=issuer,
    )
    return None if row is None else row["id"]


async def add_hub(
    tx: Tx, *, hub_id: str, org_id: str, name: str, issuer: str, audiences: str, at: int, by: str
) -> bool:
    """Write one down; False where its issuer is one already."""
    added = await tx.execute(
        "INSERT INTO trusted_hubs (id, org_id, name, issuer, audiences, added_at, added_by)"
        " VALUES (:id, :org, :name, :issuer, :audiences, :at, :by)"
        " ON CONFLICT (org_id, issuer) WHERE removed_at IS NULL DO NOTHING",
        id=hub_id,
        org=org_id,
        name=name,
        issuer=issuer,
        audiences=audiences,
        at=at,
        by=by,
    )
    return added == 1


async def remove_hub(tx: Tx, hub_id: str, *, at: int) -> None:
    """Trust it no more, and none of its keys."""
    await tx.execute("UPDATE trusted_hubs SET removed_at = :at WHERE id = :id AND removed_at IS NULL", id=hub_id, at=at)
    await tx.execute(
        "UPDATE trusted_hub_keys SET ended_at = :at, cause = 'removed' WHERE hub_id = :id AND ended_at IS NULL",
        id=hub_id,
        at=at,
    )


async def keys(tx: Tx, hub_ids: list[str]) -> list[Row]:
    """The keys of these hubs, the oldest first, ended ones too."""
    return await tx.rows(
        "SELECT hub_id, kid, public_key, valid_from, valid_until, added_at, ended_at, cause FROM trusted_hub_keys"
        " WHERE hub_id IN :ids ORDER BY id",
        ids=In(hub_ids),
    )


async def was_revoked(tx: Tx, org_id: str, kid: str) -> bool:
    """Whether this organisation revoked this key once."""
    row = await tx.row(
        "SELECT id FROM trusted_hub_keys WHERE org_id = :org AND kid = :kid AND cause = 'revoked' LIMIT 1",
        org=org_id,
        kid=kid,
    )
    return row is not None


async def add_key(
    tx: Tx,
    *,
    key_id: str,
    org_id: str,
    hub_id: str,
    kid: str,
    public_key: bytes,
    valid_from: int | None,
    valid_until: int | None,
    at: int,
    by: str,
) -> bool:
    """Trust a key; False where it is trusted already."""
    added = await tx.execute(
        "INSERT INTO trusted_hub_keys (id, org_id, hub_id, kid, public_key, valid_from, valid_until, added_at,"
        " added_by) VALUES (:id, :org, :hub, :kid, :key, :valid_from, :valid_until, :at, :by)"
        " ON CONFLICT (org_id, kid) WHERE ended_at IS NULL DO NOTHING",
        id=key_id,
        org=org_id,
        hub=hub_id,
        kid=kid,
        key=public_key,
        valid_from=valid_from,
        valid_until=valid_until,
        at=at,
        by=by,
    )
    return added == 1


async def revoke_key(tx: Tx, hub_id: str, kid: str, *, at: int) -> bool:
    """Trust it no more, for ever; False where it is no trusted key of this hub."""
    ended = await tx.execute(
        "UPDATE trusted_hub_keys SET ended_at = :at, cause = 'revoked'"
        " WHERE hub_id = :hub AND kid = :kid AND ended_at IS NULL",
        hub=hub_id,
        kid=kid,
        at=at,
    )
    return ended > 0


async def believed(tx: Tx, org_id: str, kids: list[str]) -> list[Row]:
    """Those of these keys that are trusted, each with its hub's issuer and the names that its proofs may bear."""
    return await tx.rows(
        "SELECT k.kid, k.public_key, k.valid_from, k.valid_until, h.issuer, h.audiences FROM trusted_hub_keys k"
        " JOIN trusted_hubs h ON h.id = k.hub_id WHERE k.org_id = :org AND k.kid IN :kids AND k.ended_at IS NULL"
        " AND h.removed_at IS NULL",
        org=org_id,
        kids=In(kids),
    )


async def audiences_of(tx: Tx, org_id: str, issuer: str) -> str | None:
    """The names that this issuer's proofs may bear, as they are stored."""
    row = await tx.row(
        "SELECT audiences FROM trusted_hubs WHERE org_id = :org AND issuer = :issuer AND removed_at IS NULL",
        org=org_id,
        issuer=issuer,
    )
    return None if row is None else row["audiences"]


async def take_proof(
    tx: Tx, *, org_id: str, issuer: str, proof_jti: str, redemption_jti: str, place: int, proof_token: str
) -> bool:
    """Note that a redemption relies on this proof; False where another one did."""
    added = await tx.execute(
        "INSERT INTO counterparty_proofs (org_id, issuer, proof_jti, redemption_jti, place, proof_token)"
        " VALUES (:org, :issuer, :proof, :redemption, :place, :token)"
        " ON CONFLICT (org_id, issuer, proof_jti) DO NOTHING",
        org=org_id,
        issuer=issuer,
        proof=proof_jti,
        redemption=redemption_jti,
        place=place,
        token=proof_token,
    )
    return added == 1


async def give_proofs_back(tx: Tx, redemption_jti: str) -> None:
    """The redemption came to nothing: what was noted for it in this unit of work is free again."""
    await tx.execute("DELETE FROM counterparty_proofs WHERE redemption_jti = :jti", jti=redemption_jti)


async def proofs_of(tx: Tx, redemption_jti: str) -> list[str]:
    """The proofs that a redemption relied on, as they were handed in."""
    rows = await tx.rows(
        "SELECT proof_token FROM counterparty_proofs WHERE redemption_jti = :jti ORDER BY place", jti=redemption_jti
    )
    return [row["proof_token"] for row in rows]
