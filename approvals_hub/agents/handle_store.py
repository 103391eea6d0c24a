"""SQL of the names that OpenLeash agents go by, and of invitations for them."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx


async def keys(tx: Tx, handle: str, *, limit: int) -> list[Row]:
    """The signing keys of the agent of this name, newest first; those that have ended too."""
    return await tx.rows(
        "SELECT k.id, k.agent_id, k.org_id, k.public_key FROM agents a JOIN agent_keys k ON k.agent_id = a.id"
        " WHERE a.handle = :handle ORDER BY k.id DESC LIMIT :limit",
        handle=handle,
        limit=limit,
    )


async def agent_of(tx: Tx, handle: str) -> str | None:
    """The agent of this name."""
    row = await tx.row("SELECT id FROM agents WHERE handle = :handle", handle=handle)
    return None if row is None else row["id"]


async def release(tx: Tx, handle: str, *, org_id: str) -> None:
    """Free the name of a revoked agent of this organisation: of no other one's, which keeps it for ever."""
    await tx.execute(
        "UPDATE agents SET handle = NULL WHERE handle = :handle AND org_id = :org AND state = 'revoked'",
        handle=handle,
        org=org_id,
    )


async def add_agent(
    tx: Tx,
    *,
    agent_id: str,
    org_id: str,
    name: str,
    role: str,
    owner_id: str,
    handle: str,
    known_owner: str | None,
    at: int,
) -> bool:
    """Store a new, active agent that goes by this name; False where one has it, of whatever organisation."""
    return bool(
        await tx.execute(
            "INSERT INTO agents (id, org_id, name, role, owner_id, state, created_at, changed_at, handle, known_owner)"
            " VALUES (:id, :org, :name, :role, :owner, 'active', :at, :at, :handle, :known) ON CONFLICT DO NOTHING",
            id=agent_id,
            org=org_id,
            name=name,
            role=role,
            owner=owner_id,
            at=at,
            handle=handle,
            known=known_owner,
        )
    )


async def expect(
    tx: Tx, invite_id: str, *, protocol: str, handle: str | None, public_key: bytes | None, known_owner: str | None
) -> None:
    """An invitation is for this protocol, and for this agent alone where that is known."""
    await tx.execute(
        "UPDATE agent_invites SET protocol = :protocol, handle = :handle, public_key = :key, known_owner = :owner"
        " WHERE id = :id",
        id=invite_id,
        protocol=protocol,
        handle=handle,
        key=public_key,
        owner=known_owner,
    )


_INVITE = (
    "SELECT id, org_id, token_hash, name, role, owner_id, expires_at, used_at, agent_id, protocol, handle, public_key,"
    " known_owner FROM agent_invites"
)


async def invite(tx: Tx, token_hash: bytes) -> Row | None:
    """The invitation with this token, and whom it is for."""
    return await tx.row(f"{_INVITE} WHERE token_hash = :hash", hash=token_hash)


async def invites_for_key(tx: Tx, public_key: bytes, limit: int) -> list[Row]:
    """The newest invitations for the agent with this key, of whatever organisation."""
    return await tx.rows(
        f"{_INVITE} WHERE public_key = :key ORDER BY id DESC LIMIT :limit", key=public_key, limit=limit
    )
