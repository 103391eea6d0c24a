"""SQL of challenges, of set-up, and of what enrolment asks about devices."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx


async def add_challenge(
    tx: Tx,
    *,
    challenge_id: str,
    purpose: str,
    session_id: str | None,
    person_id: str | None,
    challenge: bytes,
    at: int,
    expires_at: int,
) -> None:
    """Store a challenge."""
    await tx.execute(
        "INSERT INTO challenges (id, purpose, session_id, person_id, challenge, created_at, expires_at)"
        " VALUES (:id, :purpose, :session, :person, :challenge, :at, :expires)",
        id=challenge_id,
        purpose=purpose,
        session=session_id,
        person=person_id,
        challenge=challenge,
        at=at,
        expires=expires_at,
    )


async def challenge(tx: Tx, challenge_id: str) -> Row | None:
    """One challenge."""
    return await tx.row(
        "SELECT id, purpose, session_id, person_id, challenge, expires_at, used_at FROM challenges WHERE id = :id",
        id=challenge_id,
    )


async def use_challenge(tx: Tx, challenge_id: str, *, purpose: str, session_id: str | None, now: int) -> Row | None:
    """Spend a challenge of this purpose and session, once, before it expires."""
    return await tx.row(
        "UPDATE challenges SET used_at = :now WHERE id = :id AND purpose = :purpose AND used_at IS NULL"
        " AND expires_at > :now AND COALESCE(session_id, '') = COALESCE(CAST(:session AS TEXT), '')"
        " RETURNING id, person_id, challenge",
        id=challenge_id,
        purpose=purpose,
        session=session_id,
        now=now,
    )


async def device_of_key(tx: Tx, key_hash: str) -> Row | None:
    """The device that has or had this key."""
    return await tx.row("SELECT id, person_id, state FROM devices WHERE key_hash = :hash", hash=key_hash)


async def count_wrong_digits(tx: Tx, device_id: str) -> int:
    """Count one more wrong try against a pending device; the number so far."""
    row = await tx.row(
        "UPDATE devices SET wrong_digits = wrong_digits + 1 WHERE id = :id AND state = 'pending'"
        " RETURNING wrong_digits",
        id=device_id,
    )
    return 0 if row is None else row["wrong_digits"]


async def has_people(tx: Tx) -> bool:
    """Whether anybody at all is here."""
    return await tx.row("SELECT id FROM people LIMIT 1") is not None


async def first_owner(tx: Tx) -> Row | None:
    """The oldest active owner, for whom a set-up link is made."""
    return await tx.row(
        "SELECT m.org_id, m.person_id FROM memberships m JOIN people p ON p.id = m.person_id"
        " WHERE m.removed_at IS NULL AND m.disabled_at IS NULL AND p.state = 'active'"
        " AND (' ' || m.roles || ' ') LIKE '% owner %'"
        " ORDER BY m.created_at, m.person_id LIMIT 1"
    )


async def owners_devices(tx: Tx) -> list[str]:
    """The distinct states of all devices that owners have or had."""
    rows = await tx.rows(
        "SELECT DISTINCT d.state FROM devices d JOIN memberships m ON m.person_id = d.person_id"
        " WHERE m.removed_at IS NULL AND (' ' || m.roles || ' ') LIKE '% owner %' ORDER BY d.state"
    )
    return [row["state"] for row in rows]
