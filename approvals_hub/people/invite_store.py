"""SQL of invitations."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx


async def add_invite(
    tx: Tx,
    *,
    invite_id: str,
    org_id: str,
    person_id: str,
    purpose: str,
    token_hash: bytes,
    invited_by: str,
    at: int,
    expires_at: int,
) -> None:
    """Store an invitation; of its token only the hash."""
    await tx.execute(
        "INSERT INTO person_invites (id, org_id, person_id, purpose, token_hash, invited_by, created_at, expires_at)"
        " VALUES (:id, :org, :person, :purpose, :hash, :by, :at, :expires)",
        id=invite_id,
        org=org_id,
        person=person_id,
        purpose=purpose,
        hash=token_hash,
        by=invited_by,
        at=at,
        expires=expires_at,
    )


async def invite(tx: Tx, token_hash: bytes) -> Row | None:
    """The invitation with this token."""
    return await tx.row(
        "SELECT id, org_id, person_id, purpose, invited_by, expires_at, used_at FROM person_invites"
        " WHERE token_hash = :hash",
        hash=token_hash,
    )


async def invite_by_id(tx: Tx, invite_id: str) -> Row | None:
    """The invitation that a session, or a joining, came from."""
    return await tx.row(
        "SELECT id, org_id, person_id, purpose, invited_by, expires_at, used_at FROM person_invites WHERE id = :id",
        id=invite_id,
    )


async def open_setup_invites(tx: Tx, now: int) -> int:
    """How many set-up links could still be used."""
    row = await tx.row(
        "SELECT COUNT(*) AS n FROM person_invites WHERE purpose = 'setup' AND used_at IS NULL AND expires_at > :now",
        now=now,
    )
    return 0 if row is None else row["n"]


async def end_setup_invites(tx: Tx, now: int) -> None:
    """Set-up links end when the hub has its first key, or when a new link is made."""
    await tx.execute("UPDATE person_invites SET used_at = :now WHERE purpose = 'setup' AND used_at IS NULL", now=now)


async def end_invites_of(tx: Tx, person_id: str, now: int) -> None:
    """A person's older links end when a new one is made."""
    await tx.execute(
        "UPDATE person_invites SET used_at = :now WHERE person_id = :person AND used_at IS NULL",
        person=person_id,
        now=now,
    )


async def end_invites_in(tx: Tx, person_id: str, org_id: str, now: int) -> None:
    """A person's links into one organisation end."""
    await tx.execute(
        "UPDATE person_invites SET used_at = :now WHERE person_id = :person AND org_id = :org AND used_at IS NULL",
        person=person_id,
        org=org_id,
        now=now,
    )


async def use_invite(tx: Tx, invite_id: str, *, now: int) -> Row | None:
    """Spend an invitation, once, before it expires."""
    return await tx.row(
        "UPDATE person_invites SET used_at = :now WHERE id = :id AND used_at IS NULL AND expires_at > :now"
        " RETURNING id",
        id=invite_id,
        now=now,
    )
