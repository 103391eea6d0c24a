"""SQL of agents, their keys, invitations, request nonces and idempotency keys."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sql import In

_ADMITTED = (
    "a.id AS agent_id, a.org_id, a.name, a.owner_id, a.state, a.role, a.last_seen_at, o.stopped_at, o.requirement,"
    " o.limits, o.policies_version, o.name AS org_name, a.known_owner"
)


async def add_agent(tx: Tx, *, agent_id: str, org_id: str, name: str, role: str, owner_id: str, at: int) -> None:
    """Store a new, active agent."""
    await tx.execute(
        "INSERT INTO agents (id, org_id, name, role, owner_id, state, created_at, changed_at)"
        " VALUES (:id, :org, :name, :role, :owner, 'active', :at, :at)",
        id=agent_id,
        org=org_id,
        name=name,
        role=role,
        owner=owner_id,
        at=at,
    )


async def agent(tx: Tx, agent_id: str) -> Row | None:
    """One agent."""
    return await tx.row(
        "SELECT id, org_id, name, role, owner_id, state, cause, created_at, changed_at, last_seen_at, barred, handle"
        " FROM agents WHERE id = :id",
        id=agent_id,
    )


async def agents(tx: Tx, org_id: str) -> list[Row]:
    """All agents of an organisation, oldest first."""
    return await tx.rows(
        "SELECT id, org_id, name, role, owner_id, state, cause, created_at, changed_at, last_seen_at, barred, handle"
        " FROM agents WHERE org_id = :org ORDER BY id",
        org=org_id,
    )


async def count_barred(tx: Tx, agent_id: str) -> None:
    """One more approver is barred from a question of this agent."""
    await tx.execute("UPDATE agents SET barred = barred + 1 WHERE id = :id", id=agent_id)


async def agents_of_owner(tx: Tx, org_id: str, owner_id: str) -> list[Row]:
    """The active agents that somebody owns."""
    return await tx.rows(
        "SELECT id FROM agents WHERE org_id = :org AND owner_id = :owner AND state = 'active' ORDER BY id",
        org=org_id,
        owner=owner_id,
    )


async def hand_on(tx: Tx, org_id: str, *, old: str, new: str) -> None:
    """Whatever one person owns here, or is to own by an invitation, is another's."""
    for table in ("agents", "agent_invites"):
        await tx.execute(
            f"UPDATE {table} SET owner_id = :new WHERE org_id = :org AND owner_id = :old", org=org_id, old=old, new=new
        )


async def set_state(tx: Tx, agent_id: str, *, old: tuple[str, ...], new: str, cause: str | None, at: int) -> Row | None:
    """Change the state, where it is one of `old`."""
    return await tx.row(
        "UPDATE agents SET state = :new, cause = :cause, changed_at = :at WHERE id = :id AND state IN :old"
        " RETURNING id, org_id",
        id=agent_id,
        new=new,
        cause=cause,
        at=at,
        old=In(old),
    )


async def admitted_key(tx: Tx, key_id: str) -> Row | None:
    """A key with its agent and organisation: one query, as every signed request runs it."""
    return await tx.row(
        f"SELECT {_ADMITTED}, k.valid_until, k.thumbprint FROM agent_keys k JOIN agents a ON a.id = k.agent_id"
        " JOIN orgs o ON o.id = a.org_id WHERE k.id = :id",
        id=key_id,
    )


async def admitted_api_key(tx: Tx, secret_hash: bytes) -> Row | None:
    """The same for an API key."""
    return await tx.row(
        f"SELECT {_ADMITTED}, k.revoked_at AS valid_until, k.id AS key_id FROM agent_api_keys k"
        " JOIN agents a ON a.id = k.agent_id JOIN orgs o ON o.id = a.org_id WHERE k.secret_hash = :hash",
        hash=secret_hash,
    )


async def public_key(tx: Tx, key_id: str) -> Row | None:
    """The public key of a key id; it never changes."""
    return await tx.row("SELECT public_key, agent_id, org_id FROM agent_keys WHERE id = :id", id=key_id)


async def seen(tx: Tx, agent_id: str, *, at: int) -> None:
    """Remember that the agent was here."""
    await tx.execute("UPDATE agents SET last_seen_at = :at WHERE id = :id", id=agent_id, at=at)


async def add_key(
    tx: Tx, *, key_id: str, org_id: str, agent_id: str, public_key: bytes, thumbprint: str, at: int
) -> bool:
    """Store a public key of an agent; False where some agent, of whatever organisation, has it already."""
    return bool(
        await tx.execute(
            "INSERT INTO agent_keys (id, org_id, agent_id, public_key, thumbprint, created_at)"
            " VALUES (:id, :org, :agent, :key, :thumbprint, :at) ON CONFLICT DO NOTHING",
            id=key_id,
            org=org_id,
            agent=agent_id,
            key=public_key,
            thumbprint=thumbprint,
            at=at,
        )
    )


async def agent_with_key(tx: Tx, agent_id: str, public_key: bytes) -> Row | None:
    """The id of this agent's key and its end, if this very key is its."""
    return await tx.row(
        "SELECT id AS key_id, valid_until FROM agent_keys WHERE agent_id = :agent AND public_key = :key",
        agent=agent_id,
        key=public_key,
    )


async def keys(tx: Tx, agent_id: str) -> list[Row]:
    """All keys of an agent, oldest first."""
    return await tx.rows(
        "SELECT id, public_key, thumbprint, created_at, valid_until FROM agent_keys WHERE agent_id = :agent"
        " ORDER BY id",
        agent=agent_id,
    )


async def api_keys(tx: Tx, agent_id: str) -> list[Row]:
    """The API keys of an agent, without their secrets."""
    return await tx.rows(
        "SELECT id, created_at, revoked_at FROM agent_api_keys WHERE agent_id = :agent ORDER BY id", agent=agent_id
    )


async def end_keys(tx: Tx, agent_id: str, *, until: int, but: str | None = None) -> None:
    """Let every other key of the agent end at `until`, where it would live longer."""
    await tx.execute(
        "UPDATE agent_keys SET valid_until = :until WHERE agent_id = :agent"
        " AND (CAST(:but AS TEXT) IS NULL OR id <> :but) AND (valid_until IS NULL OR valid_until > :until)",
        agent=agent_id,
        until=until,
        but=but,
    )


async def revoke_api_keys(tx: Tx, agent_id: str, *, at: int) -> None:
    """End all API keys of the agent."""
    await tx.execute(
        "UPDATE agent_api_keys SET revoked_at = :at WHERE agent_id = :agent AND revoked_at IS NULL",
        agent=agent_id,
        at=at,
    )


async def add_api_key(tx: Tx, *, key_id: str, org_id: str, agent_id: str, secret_hash: bytes, at: int) -> None:
    """Store an API key; of its secret only the hash."""
    await tx.execute(
        "INSERT INTO agent_api_keys (id, org_id, agent_id, secret_hash, created_at)"
        " VALUES (:id, :org, :agent, :hash, :at)",
        id=key_id,
        org=org_id,
        agent=agent_id,
        hash=secret_hash,
        at=at,
    )


async def add_invite(
    tx: Tx,
    *,
    invite_id: str,
    org_id: str,
    token_hash: bytes,
    name: str,
    role: str,
    owner_id: str,
    invited_by: str,
    at: int,
    expires_at: int,
) -> None:
    """Store an invitation; of its token only the hash."""
    await tx.execute(
        "INSERT INTO agent_invites (id, org_id, token_hash, name, role, owner_id, invited_by, created_at, expires_at)"
        " VALUES (:id, :org, :hash, :name, :role, :owner, :by, :at, :expires)",
        id=invite_id,
        org=org_id,
        hash=token_hash,
        name=name,
        role=role,
        owner=owner_id,
        by=invited_by,
        at=at,
        expires=expires_at,
    )


async def use_invite(tx: Tx, invite_id: str, *, agent_id: str, now: int) -> Row | None:
    """Spend an invitation, once, before it expires."""
    return await tx.row(
        "UPDATE agent_invites SET used_at = :now, agent_id = :agent"
        " WHERE id = :id AND used_at IS NULL AND expires_at > :now RETURNING id",
        id=invite_id,
        agent=agent_id,
        now=now,
    )


async def spend_nonce(tx: Tx, *, key_id: str, nonce: str, expires_at: int) -> bool:
    """Write down a nonce; False where it was there already."""
    return bool(
        await tx.execute(
            "INSERT INTO request_nonces (key_id, nonce, expires_at) VALUES (:key, :nonce, :expires)"
            " ON CONFLICT DO NOTHING",
            key=key_id,
            nonce=nonce,
            expires=expires_at,
        )
    )


async def idempotent_result(tx: Tx, *, caller: str, key: str, now: int) -> Row | None:
    """What was made the first time this caller used this key."""
    return await tx.row(
        "SELECT request_hash, result FROM idempotency_keys WHERE caller = :caller AND key = :key AND expires_at > :now",
        caller=caller,
        key=key,
        now=now,
    )


async def keep_idempotent_result(
    tx: Tx, *, caller: str, key: str, request_hash: bytes, result: str, expires_at: int
) -> None:
    """Remember what was made; an expired line of the same key is replaced."""
    await tx.execute(
        "INSERT INTO idempotency_keys (caller, key, request_hash, result, expires_at)"
        " VALUES (:caller, :key, :hash, :result, :expires) ON CONFLICT (caller, key) DO UPDATE"
        " SET request_hash = excluded.request_hash, result = excluded.result, expires_at = excluded.expires_at",
        caller=caller,
        key=key,
        hash=request_hash,
        result=result,
        expires=expires_at,
    )


async def forget_expired(tx: Tx, now: int, limit: int) -> int:
    """Drop nonces and idempotency keys whose time is over; at most `limit` of each."""
    gone = await tx.execute(
        "DELETE FROM request_nonces WHERE (key_id, nonce) IN"
        " (SELECT key_id, nonce FROM request_nonces WHERE expires_at < :now LIMIT :limit)",
        now=now,
        limit=limit,
    )
    return gone + await tx.execute(
        "DELETE FROM idempotency_keys WHERE (caller, key) IN"
        " (SELECT caller, key FROM idempotency_keys WHERE expires_at < :now LIMIT :limit)",
        now=now,
        limit=limit,
    )
